/** Who else looks at a case, and who of them is typing what: one line of words, said once when somebody comes. */

import { el, fill, icon } from "../shared/dom.js";
import { locale, pieces } from "../shared/words.js";

const EYE = "M2 12s3.5-6 10-6 10 6 10 6-3.5 6-10 6S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6";
const PEN = "M4 20h4L19 9l-4-4L4 16v4zM13 7l4 4";

export class Viewers {
  #caseId = null;
  #viewers = [];
  // By agent: what is typed, the name, and the timer that ends it.
  #typing = new Map();

  /** `live` tells of the case that was last given to `open`. */
  constructor(live, testid = "viewers") {
    this.line = el("p", { class: "viewers", data: { testid } });
    this.said = el("p", { class: "visually-hidden", role: "status" });
    this.element = el("div", { class: "viewers-box" }, this.line, this.said);
    live.addEventListener("viewers", ({ detail }) => detail.case_id === this.#caseId && this.#come(detail.viewers));
    live.addEventListener("typing", ({ detail }) => detail.case_id === this.#caseId && detail.sender === "agent" && this.#types(detail));
  }

  /** Another case, of which nothing is known yet; null for none. */
  open(id) {
    this.#caseId = id;
    this.#viewers = [];
    for (const { timer } of this.#typing.values()) clearTimeout(timer);
    this.#typing.clear();
    this.said.textContent = "";
    this.#draw();
  }

  #come(viewers) {
    const known = new Set(this.#viewers.map((one) => one.id));
    const fresh = viewers.filter((one) => !known.has(one.id));
    this.#viewers = viewers;
    for (const id of this.#typing.keys()) if (!viewers.some((one) => one.id === id)) this.#end(id);
    if (fresh.length > 0) this.said.textContent = look(fresh).textContent;
    this.#draw();
  }

  #types({ agent_id: id, name, what, for_ms: span }) {
    const before = this.#typing.get(id);
    clearTimeout(before?.timer);
    this.#typing.set(id, { name, what, timer: setTimeout(() => {
      this.#end(id);
      this.#draw();
    }, span) });
    if (before?.what === what) return;
    this.said.textContent = write(name, what).textContent;
    this.#draw();
  }

  #end(id) {
    clearTimeout(this.#typing.get(id)?.timer);
    this.#typing.delete(id);
  }

  #draw() {
    const idle = this.#viewers.filter((one) => !this.#typing.has(one.id));
    fill(this.line,
      [...this.#typing.values()].map(({ name, what }) => el("span", { class: "types" }, icon(PEN, 16), write(name, what))),
      idle.length > 0 && el("span", {}, icon(EYE, 16), look(idle)));
  }
}

const bold = (name) => el("b", {}, el("bdi", {}, name));

function write(name, what) {
  return el("span", {}, pieces(`conversation.types_${what === "note" ? "note" : "reply"}`, { name: bold(name) }));
}

function look(viewers) {
  // The names in the reader's own kind of list: "Mara and Jonas", "Mara, Jonas und Ben".
  const list = new Intl.ListFormat(locale(), { type: "conjunction" }).formatToParts(viewers.map((one) => one.name));
  const names = el("span", {}, list.map((part) => (part.type === "element" ? bold(part.value) : part.value)));
  return el("span", {}, pieces("conversation.look", { count: viewers.length, names }));
}
