"""On the way to a browser the private names of a class are short, and nothing else is touched."""

from __future__ import annotations

from handoff.http.private_names import shorten

SCRIPT = """\
export class Door {
  #open = false;
  #knocks = 0;

  constructor(panel) {
    this.panel = panel.querySelector("#open");
    this.panel.style.color = "#add";
  }

  get open() {
    return this.#open && this.#allowed();
  }

  async #allowed() {
    this.#knocks += 1;
    return this.#knocks > 1;
  }
}
class Window {
  #open = true;
}
const note = "#open";
"""


def test_private_names_become_short_in_each_class_and_strings_stay() -> None:
    assert shorten(SCRIPT) == (
        SCRIPT.replace("this.#knocks", "this.#a")
        .replace("  #knocks", "  #a")
        .replace("this.#open", "this.#b")
        .replace("  #open = false", "  #b = false")
        .replace("#allowed", "#c")
        .replace("  #open = true", "  #a = true")
    )


def test_a_class_with_more_names_than_letters_keeps_them_apart() -> None:
    members = "".join(f"  #member{number} = {number};\n" for number in range(60))
    lines = shorten(f"class Many {{\n{members}}}\n").splitlines()[1:-1]
    assert len({line.split(" = ")[0] for line in lines}) == 60
