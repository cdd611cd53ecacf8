/** The actions of a case in one row, however wide it is: those that do not fit, and the rare ones, are in the menu "More". */

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";

const GAP_PX = 8;

export class ActionBar {
  #run;
  #buttons = new Map();
  #inMenu = [];

  /** `run(action)` does one of what `draw` was given. */
  constructor(run) {
    this.#run = run;
    this.row = el("div", { class: "action-row" });
    this.button = el("button", { type: "button", class: "button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-controls": "more-menu",
      data: { testid: "more-actions" }, onclick: () => (this.menu.hidden ? this.#open() : this.#close(true)) },
    say("actions.more"), el("span", { class: "chevron", "aria-hidden": "true" }));
    this.menu = el("div", { id: "more-menu", class: "drop-panel menu", role: "menu", "aria-label": say("actions.more"), hidden: true,
      onkeydown: (event) => this.#key(event) });
    this.more = el("div", { class: "drop more-actions" }, this.button, this.menu);
    this.element = el("div", { class: "actions", role: "group", "aria-label": say("actions.group") }, this.row, this.more);
    this.button.addEventListener("keydown", (event) => {
      if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
      event.preventDefault();
      this.#open(event.key === "ArrowUp" ? -1 : 0);
    });
    this.more.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !this.more.contains(relatedTarget) && this.#close());
    document.addEventListener("pointerdown", ({ target }) => this.element.isConnected && !this.more.contains(target) && this.#close());
    new ResizeObserver(() => this.#fit()).observe(this.element);
  }

  /** Other actions, `{testid, label, about?, keys?, primary?, more?}`; whoever has the focus on one keeps it. */
  draw(actions) {
    this.#buttons = new Map(actions.map((action) => [action, action.more ? null : this.#rowButton(action)]));
    this.element.hidden = actions.length === 0;
    this.#fit();
  }

  #rowButton(action) {
    return el("button", { type: "button", class: `button ${action.primary ? "primary" : ""}`, title: [action.about, action.keys].filter(Boolean).join(" · "), "aria-keyshortcuts": action.keys,
      data: { testid: action.testid }, onclick: () => this.#run(action) }, action.label);
  }

  #item(action) {
    return el("button", { type: "button", class: "button", role: "menuitem", tabindex: "-1", title: action.about, "aria-keyshortcuts": action.keys, data: { testid: action.testid },
      onclick: () => {
        this.#close(true);
        this.#run(action);
      } }, action.label, action.keys && el("kbd", { "aria-hidden": "true" }, action.keys));
  }

  #fit() {
    const focused = this.element.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
    const offered = [...this.#buttons.values()].filter(Boolean);
    fill(this.row, offered);
    this.more.hidden = false;
    const room = this.element.clientWidth;
    const widths = offered.map((button) => button.offsetWidth + GAP_PX);
    const rare = [...this.#buttons].some(([, button]) => !button);
    const all = widths.reduce((sum, width) => sum + width, 0) - GAP_PX;
    let shown = offered.length;
    // Where it is not on the screen there is nothing to measure: it is fitted once it is.
    if (room > 0 && (rare ? all + GAP_PX + this.more.offsetWidth : all) > room) {
      let left = room - this.more.offsetWidth;
      shown = Math.max(1, widths.findIndex((width) => (left -= width) < 0));
    }
    const out = new Set(offered.slice(shown));
    for (const button of out) button.remove();
    this.#inMenu = [...this.#buttons].filter(([, button]) => !button || out.has(button)).map(([action]) => action);
    this.more.hidden = this.#inMenu.length === 0;
    if (this.menu.hidden || this.more.hidden) this.#close();
    else fill(this.menu, this.#inMenu.map((action) => this.#item(action)));
    if (focused) this.#focus(focused);
  }

  #focus(testid) {
    const again = this.element.querySelector(`[data-testid="${CSS.escape(testid)}"]`);
    (again ?? (this.more.hidden ? this.row.querySelector("button") : this.button))?.focus();
  }

  #open(at = 0) {
    fill(this.menu, this.#inMenu.map((action) => this.#item(action)));
    this.menu.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    [...this.menu.children].at(at).focus();
  }

  #close(focus = false) {
    this.menu.hidden = true;
    fill(this.menu);
    this.button.setAttribute("aria-expanded", "false");
    if (focus) this.button.focus();
  }

  #key(event) {
    const items = [...this.menu.children];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items[to].focus();
    else if (event.key === "Escape") this.#close(true);
    else if (event.key === "Tab") {
      // Tab leads on from the button, as if the menu had not been open.
      this.#close(true);
      return;
    } else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.altKey && !event.metaKey) this.#letter(items, at, event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** To the next line that begins with a letter. */
  #letter(items, at, letter) {
    const begins = (item) => item.textContent.toLocaleLowerCase().startsWith(letter.toLocaleLowerCase());
    [...items.slice(at + 1), ...items.slice(0, at + 1)].find(begins)?.focus();
  }
}
