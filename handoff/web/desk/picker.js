/**
 * A list beside a text field that opens while one types behind a sign (`/`, `@`): arrows choose, Enter or Tab takes, Escape closes.
 *
 * The focus stays in the field; the chosen line is its `aria-activedescendant`, and how many there are is said.
 */

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";

const SHOWN = 40;
const LONGEST = 40;
let made = 0;

/** Small letters without accents, for comparing. */
export function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

/** Whether each of `words` begins a word of `text`. */
export function fits(words, text) {
  const plain = ` ${folded(text).replace(/[^\p{L}\p{N}]+/gu, " ")}`;
  return words.every((word) => plain.includes(` ${word}`));
}

export class Picker {
  #field;
  #sign;
  #load;
  #take;
  #none;
  #items = [];
  #chosen = 0;
  #start = -1;
  #dismissed = -1;
  #turn = 0;
  #waits = false;

  /** `load(words)` gives or promises `[{id, face, hint?, search?}]` for what stands behind the sign, `take(item, replace)` acts; `none` is said where nothing fits, `foot` stands below. */
  constructor(field, { sign, label, load, take, none = say("canned.none"), foot = null }) {
    this.#field = field;
    this.#sign = sign;
    this.#load = load;
    this.#take = take;
    this.#none = none;
    const id = `picker-${(made += 1)}`;
    // It scrolls, so it can be reached; whoever goes back into the field, or on, has it closed.
    this.list = el("ul", { id, role: "listbox", "aria-label": label, tabindex: "0", data: { testid: "picker" }, onblur: () => this.close(),
      onkeydown: (event) => {
        if (event.key === "Escape") field.focus();
      } });
    this.said = el("p", { class: "picker-said", role: "status" });
    this.element = el("div", { class: "picker", hidden: true }, this.list, el("div", { class: "picker-foot" }, this.said, foot));
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-haspopup", "listbox");
    field.setAttribute("aria-controls", id);
    field.before(this.element);
    field.addEventListener("input", () => this.#look());
    field.addEventListener("click", () => this.#look());
    field.addEventListener("blur", ({ relatedTarget }) => relatedTarget !== this.list && this.close());
    // Before the field's own keys, of which Enter sends.
    field.addEventListener("keydown", (event) => this.#key(event), { capture: true });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  close() {
    this.#turn += 1;
    this.#waits = false;
    this.element.hidden = true;
    this.#field.removeAttribute("aria-activedescendant");
  }

  /** Closes it, and takes back what was typed for it. */
  withdraw() {
    const end = this.#field.selectionStart;
    this.close();
    if (this.#start < 0 || this.#start >= end) return;
    this.#field.setRangeText("", this.#start, end, "end");
    this.#field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** What stands between the sign and the caret, or null: the sign begins a word. */
  #typed() {
    const { value, selectionStart: caret } = this.#field;
    const start = value.lastIndexOf(this.#sign, caret - 1);
    const behind = value.slice(start + 1, caret);
    if (start < 0 || /\S/u.test(value[start - 1] ?? " ") || behind.length > LONGEST || behind.includes("\n")) return null;
    return { start, behind };
  }

  async #look() {
    const typed = this.#typed();
    if (!typed || typed.start === this.#dismissed) {
      if (!typed) this.#dismissed = -1;
      this.close();
      return;
    }
    const turn = (this.#turn += 1);
    let found;
    try {
      this.#waits = true;
      found = await this.#load(folded(typed.behind).split(/[^\p{L}\p{N}]+/u).filter(Boolean));
    } catch (error) {
      if (turn === this.#turn) this.#show([], error.message);
      return;
    } finally {
      if (turn === this.#turn) this.#waits = false;
    }
    if (turn !== this.#turn) return;
    // "/ " and on: somebody writes a sentence with a slash in it.
    if (found.length === 0 && typed.behind.includes(" ")) {
      this.close();
      return;
    }
    this.#start = typed.start;
    this.#show(found.slice(0, SHOWN), found.length === 0 ? this.#none : "");
  }

  #show(items, told) {
    this.#items = items;
    this.#chosen = 0;
    fill(this.list, items.map((item, index) => el("li", { id: `${this.list.id}-${index}`, role: "option",
      data: { testid: `pick-${item.id}` },
      // The field keeps the focus.
      onmousedown: (event) => event.preventDefault(), onclick: () => this.#choose(index) }, item.face)));
    this.said.textContent = told || say("canned.count", { count: items.length });
    this.element.hidden = false;
    this.#mark();
  }

  #mark() {
    [...this.list.children].forEach((line, index) => line.setAttribute("aria-selected", String(index === this.#chosen)));
    const line = this.list.children[this.#chosen];
    if (line) this.#field.setAttribute("aria-activedescendant", line.id);
    else this.#field.removeAttribute("aria-activedescendant");
    line?.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    if (event.isComposing) return;
    // Who types faster than the list comes does not send "/bye" to the customer.
    if (this.#waits && event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (!this.isOpen) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = this.#items.length;
    if (step && count) {
      this.#chosen = (this.#chosen + step + count) % count;
      this.#mark();
    } else if (["Enter", "Tab"].includes(event.key) && !event.shiftKey && count) {
      this.#choose(this.#chosen);
    } else if (event.key === "Escape") {
      this.#dismissed = this.#start;
      this.close();
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #choose(index) {
    const item = this.#items[index];
    const start = this.#start;
    const end = this.#field.selectionStart;
    this.close();
    this.#take(item, (text) => {
      this.#field.focus();
      this.#field.setRangeText(text, start, end, "end");
      this.#field.dispatchEvent(new Event("input", { bubbles: true }));
      return start;
    });
  }
}
