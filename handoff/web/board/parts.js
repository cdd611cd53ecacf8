/** What the board's tabs are made of: sections that redraw only when they change, tables, empty states. */

import { el, fill } from "../shared/dom.js";
import { away, isPast } from "./figures.js";
import { say } from "../shared/words.js";

/** A titled section; `draw(data, children)` fills it anew when `data` differs, and gives the focus back to the same thing. */
export function section(title, testid, { wide = false } = {}) {
  const body = el("div", { class: "board-body" });
  const count = el("span", { class: "muted" });
  const id = `board-${testid}`;
  const element = el("section", { class: wide ? "board-card wide" : "board-card", "aria-labelledby": id, data: { testid: `board-${testid}` } },
    el("h2", { id }, title, " ", count), body);
  let drawn = null;
  return {
    element,
    draw(data, children, how = null) {
      const text = JSON.stringify(data);
      if (text === drawn) return;
      drawn = text;
      count.textContent = how ?? "";
      const focused = body.contains(document.activeElement) ? document.activeElement.dataset.key : null;
      fill(body, children());
      if (focused) body.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    },
  };
}

/** A table whose `rows` are lists of cells; the first cell of each is its head. */
export function table(label, head, rows) {
  return el("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": label },
    el("table", { class: "board-table" }, el("thead", {}, el("tr", {}, head.map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, rows.map(([first, ...rest]) => el("tr", {}, el("th", { scope: "row" }, first), rest.map((cell) => el("td", {}, cell)))))));
}

/** Nothing to show, and why that is so. */
export const empty = (text) => el("p", { class: "board-empty muted" }, text);

/** A link into the desk. */
export const caseLink = (id, number) => el("a", { href: `#/cases/${encodeURIComponent(id)}`, class: "number", data: { key: `case-${id}` } }, number);

/** A time that moves: "for 4 min", "in 3 min" or "2 min late", written anew by `tick`. */
export function moving(iso, kind) {
  const element = el("span", { class: "moving", data: { iso, kind } });
  write(element);
  return element;
}

function write(element) {
  const { iso, kind } = element.dataset;
  const late = kind === "until" && isPast(iso);
  const text = kind === "since" ? away(iso) : say(late ? "board.late" : "board.due_in", { span: away(iso) });
  element.classList.toggle("late", late);
  if (element.textContent !== text) element.textContent = text;
}

/** Writes all times that move below `root`. */
export function tick(root) {
  for (const element of root.querySelectorAll(".moving")) write(element);
}

/** A button of the board; `key` keeps the focus when its section is drawn anew. */
export function button(text, key, onclick, props = {}) {
  return el("button", { type: "button", class: "button", onclick, ...props, data: { key, ...props.data } }, text);
}
