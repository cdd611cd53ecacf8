/** The palette: write a few letters, choose with the arrows, Enter runs it. */

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";

const SHOWN = 50;

/** Opens it over the page; the focus returns to where it was unless the command moves it. */
export function openPalette(commands) {
  if (document.querySelector("dialog[open]")) return;
  let found = [];
  let chosen = 0;
  const input = el("input", { type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list",
    "aria-autocomplete": "list", "aria-label": say("shell.palette_search"), placeholder: say("shell.palette_search"),
    autocomplete: "off", data: { testid: "palette-input" } });
  const list = el("ul", { id: "palette-list", role: "listbox", "aria-label": say("shell.palette") });
  const none = el("p", { class: "muted", role: "status" });
  const dialog = el("dialog", { class: "dialog palette", "aria-label": say("shell.palette"), data: { testid: "palette" } },
    el("div", { class: "field" }, input), list, none);

  function mark() {
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === chosen)));
    const item = list.children[chosen];
    input.setAttribute("aria-activedescendant", item?.id ?? "");
    item?.scrollIntoView({ block: "nearest" });
  }
  function draw(keep = "") {
    found = commands.find(input.value).slice(0, SHOWN);
    chosen = Math.max(0, found.findIndex((command) => command.id === keep));
    fill(list, found.map((command, index) => el("li", { id: `palette-${index}`, role: "option",
      data: { testid: `command-${command.id}` }, onclick: () => run(command) },
    el("span", {}, command.label), command.hint && el("span", { class: "muted" }, command.hint),
    command.keys && el("kbd", {}, command.keys))));
    none.textContent = found.length === 0 ? say("shell.palette_none") : "";
    mark();
  }
  function run(command) {
    dialog.close();
    command?.run();
  }
  const redraw = () => draw(found[chosen]?.id);
  input.addEventListener("input", () => draw());
  commands.addEventListener("changed", redraw);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      chosen = (chosen + step + found.length) % Math.max(found.length, 1);
      mark();
    } else if (event.key === "Enter") {
      run(found[chosen]);
    } else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    commands.removeEventListener("changed", redraw);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  draw();
}
