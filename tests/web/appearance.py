"""How the parts of a page are styled, apart from any machine's fonts: colours, spacing, borders, sizes of letters.

Where ``looks.py`` compares pictures, which needs the fonts that they were kept with, this compares what style sheets
make of each kind of element. Nothing in it depends on how wide a text is.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from playwright.async_api import Page

KEPT: Final = Path(__file__).parent / "appearance"
MOST_TOLD: Final = 12
MOST_LOOKS: Final = 20
LOOK_AGAIN_MS: Final = 200
LEAST_FOUND: Final = 0.8
"""Share of the kept kinds that must be on the page: some come only when a part was fetched."""

_STYLES: Final = """
() => {
  const inherited = ["color", "font-family", "font-size", "font-weight", "line-height", "letter-spacing",
    "text-transform"];
  const sides = ["top", "right", "bottom", "left"];
  const own = ["background-color", "display", "position", "flex-direction", "align-items", "justify-content",
    "row-gap", "column-gap", "box-shadow", "opacity", "min-height",
    ...sides.flatMap((side) => [`padding-${side}`, `margin-${side}`, `border-${side}-width`]),
    ...["top-left", "top-right", "bottom-left", "bottom-right"].map((corner) => `border-${corner}-radius`)];
  const plain = new Set(["0px", "none", "normal", "auto", "static", "row", "1", "rgba(0, 0, 0, 0)", "block",
    "inline"]);
  const rounded = (value) => value.replace(/\\d+\\.\\d+/g, (number) => Number(number).toFixed(2));
  const found = new Map();
  const look = (root) => {
    for (const element of root.querySelectorAll("body, body *, :host *, *")) {
      if (element.shadowRoot) look(element.shadowRoot);
      if (!(element instanceof HTMLElement) || !element.checkVisibility()) continue;
      const style = getComputedStyle(element);
      const above = element.parentElement && getComputedStyle(element.parentElement);
      // As it was computed, not as it came out: "auto" stays so, whatever room there was.
      const computed = element.computedStyleMap();
      const says = [];
      const say = (name, value = style.getPropertyValue(name)) => says.push(`${name}: ${rounded(value)}`);
      for (const name of inherited) if (!above || above[name] !== style[name]) say(name);
      for (const name of own) {
        const value = name.startsWith("margin") ? String(computed.get(name)) : style.getPropertyValue(name);
        if (!plain.has(value)) say(name, value);
      }
      for (const side of sides) if (style[`border-${side}-width`] !== "0px") say(`border-${side}-color`);
      const kind = [element.localName, ...[...element.classList].sort()].join(".");
      (found.get(kind) ?? found.set(kind, new Set()).get(kind)).add(says.join("; "));
    }
  };
  look(document);
  return Object.fromEntries([...found].map(([kind, styles]) => [kind, [...styles].sort()]));
}
"""

Styles = dict[str, list[str]]
"""By kind of element (its tag and classes), every way in which such elements are styled."""


async def styles_of(page: Page) -> Styles:
    """What the style sheets make of every kind of element that can be seen."""
    found: Styles = await page.evaluate(_STYLES)
    return found


def changes(kept: Styles, now: Styles) -> list[str]:
    """What is styled otherwise than it was, and which kinds are gone if many are."""
    gone = sorted(kept.keys() - now.keys())
    told = [f"{kind} is not there" for kind in gone] if len(gone) > (1 - LEAST_FOUND) * len(kept) else []
    for kind in sorted(kept.keys() & now.keys()):
        before, after = set(kept[kind]), set(now[kind])
        # One way of several may come only when a part was fetched; a way that nobody has kept is a change.
        strange = after - before
        if strange:
            closest = min(before, key=lambda one: len(set(one.split("; ")) ^ set(min(strange).split("; "))))
            was, become = (sorted(set(a.split("; ")) - set(b.split("; "))) for a, b in _both(closest, min(strange)))
            told.append(f"{kind}: {'; '.join(was) or 'nothing'} -> {'; '.join(become) or 'nothing'}")
    return told


def _both(one: str, other: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (one, other), (other, one)


async def styled_as_kept(page: Page, name: str, folder: Path = KEPT) -> None:
    """Holds the styles of a page against those that were kept; ``SCREENS=1`` keeps new ones.

    Raises:
        AssertionError: something is styled otherwise, or the page was never kept.
    """
    looks = [await styles_of(page)]
    # What is fetched late may still be missing: the same three times in a row.
    while len(looks) < MOST_LOOKS and not (len(looks) > 2 and looks[-1] == looks[-2] == looks[-3]):
        await page.wait_for_timeout(LOOK_AGAIN_MS)
        looks.append(await styles_of(page))
    _hold(looks[-1], folder / f"{name}.json")


def _hold(now: Styles, file: Path) -> None:
    if os.environ.get("SCREENS") == "1":
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(now, indent=0, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    assert file.exists(), f"{file} was never kept: SCREENS=1, look at the page, commit it"
    told = changes(json.loads(file.read_text(encoding="utf-8")), now)
    assert not told, f"{file.stem} is styled otherwise (SCREENS=1 keeps it):\n" + "\n".join(told[:MOST_TOLD])
