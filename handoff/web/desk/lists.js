/** The left column: queues with their counts, and the cases under three tabs. */

import { el, fill } from "../shared/dom.js";
import { pieces, say } from "../shared/words.js";
import { nextWord, since, solution } from "./clocks.js";
import { ledLines } from "./led.js";
import { SORTS } from "./store.js";
import { contactWords, moodMeter, reasonWords } from "./words.js";

const TABS = ["waiting", "mine", "all"];
// So long after the pointer moved over the list nothing moves under it.
const AIMING_MS = 1_200;
// So many new rows are made for one frame of the screen: of hundreds that come at once, first those that are seen.
const ROWS_A_FRAME = 20;

export class Lists {
  #store;
  #rows = new Map();
  #queueButtons = new Map();
  #scheduled = false;
  #aimedAt = -Infinity;
  #later = 0;

  constructor(store) {
    this.#store = store;
    this.queues = el("ul", { class: "queues" });
    this.tabs = new Map(TABS.map((tab) => [tab, el("button",
      { type: "button", class: "tab", data: { testid: `tab-${tab}` }, onclick: () => this.#choose({ tab }) },
      say(`desk.tab_${tab}`), " ", el("span", { class: "count" }))]));
    this.sort = el("select", { id: "case-sort", class: "sort", "aria-label": say("desk.sort"), data: { testid: "case-sort" },
      onchange: () => this.#choose({ sort: this.sort.value }) },
    SORTS.map((sort) => el("option", { value: sort }, say(`desk.sort_${sort}`))));
    this.sort.value = store.sort;
    this.list = el("ul", { class: "cases", data: { testid: "case-list" }, onkeydown: (event) => this.#move(event),
      onpointermove: () => { this.#aimedAt = performance.now(); }, onpointerleave: () => { this.#aimedAt = -Infinity; this.#schedule(); } });
    this.empty = el("p", { class: "empty" });
    this.element = el("nav", { class: "column lists", id: "lists", "aria-label": say("desk.lists") },
      el("h2", { class: "visually-hidden" }, say("desk.queues")), this.queues,
      el("div", { class: "list-tools" },
        el("div", { class: "tabs", role: "group", "aria-label": say("desk.which") }, [...this.tabs.values()]), this.sort),
      el("div", { class: "case-scroll" }, this.list, this.empty));
    store.addEventListener("lists", () => this.#schedule());
    // Whoever looks at another window sees nothing of what comes.
    document.addEventListener("visibilitychange", () => this.#schedule());
    this.#draw();
  }

  /** Puts the focus on the open case in the list, or on the first one. */
  focus() {
    (this.list.querySelector('[aria-current="true"]') ?? this.list.querySelector(".case"))?.focus();
  }

  /** The id of the case `step` rows from the open one, or null. */
  neighbour(step) {
    const listed = this.#store.listed(this.#store.tab);
    const at = listed.findIndex((record) => record.id === this.#store.selected);
    return listed[at < 0 ? 0 : at + step]?.id ?? null;
  }

  // What one asks for oneself comes at once.
  #choose(change) {
    this.#aimedAt = -Infinity;
    this.#store.show(change);
  }

  // Many frames may come at once (a snapshot, a burst of cases): draw once per frame of the screen.
  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#draw();
    });
  }

  #draw() {
    const { category, tab, known } = this.#store;
    // Until then nothing is seen that would have to move.
    this.element.classList.toggle("unknown", !known);
    this.#drawQueues(category);
    for (const [name, button] of this.tabs) {
      button.setAttribute("aria-pressed", String(name === tab));
      button.querySelector(".count").textContent = this.#store.count(name);
    }
    const listed = this.#store.listed(tab);
    clearTimeout(this.#later);
    const aiming = this.#aimedAt + AIMING_MS - performance.now();
    if (aiming > 0 && this.#rows.size > 0) {
      // Somebody is about to press a row: what it says is renewed, where it stands waits.
      for (const record of listed) if (this.#rows.has(record.id)) this.#row(record);
      this.#later = setTimeout(() => this.#schedule(), aiming);
      return;
    }
    this.#place(listed);
    this.empty.textContent = listed.length === 0 ? say(`desk.empty_${tab}`) : "";
  }

  #place(listed) {
    const wanted = new Set(listed.map((record) => record.id));
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      // The focus goes to the row that takes the place of the one that leaves.
      const next = row.element.contains(document.activeElement) && (row.element.nextElementSibling ?? row.element.previousElementSibling);
      row.element.remove();
      this.#rows.delete(id);
      if (next) next.querySelector(".case").focus({ preventScroll: true });
    }
    let made = 0;
    for (const [index, record] of listed.entries()) {
      if (!this.#rows.has(record.id) && ++made > ROWS_A_FRAME) return this.#schedule();
      const row = this.#row(record);
      // Moved only when out of place: moving an element takes the focus from it.
      if (this.list.children[index] === row.element) continue;
      const focused = row.button === document.activeElement;
      this.list.insertBefore(row.element, this.list.children[index] ?? null);
      if (focused) row.button.focus({ preventScroll: true });
    }
  }

  // Each button stays the same element: on a busy desk a press would begin on one and end on another, and count for nothing.
  #drawQueues(category) {
    const wanted = new Set(this.#store.queues.map((queue) => queue.category));
    for (const [known, { element }] of this.#queueButtons) {
      if (wanted.has(known)) continue;
      element.remove();
      this.#queueButtons.delete(known);
    }
    for (const [index, queue] of this.#store.queues.entries()) {
      const { element, button, label, counts } = this.#queueButton(queue.category);
      button.setAttribute("aria-pressed", String(queue.category === category));
      if (label.textContent !== queue.label) label.textContent = queue.label;
      const told = `${queue.waiting} ${queue.active}`;
      if (counts.dataset.told !== told) {
        counts.dataset.told = told;
        fill(counts, pieces("desk.queue_counts", { waiting: el("b", {}, queue.waiting), active: el("b", {}, queue.active) }));
      }
      if (this.queues.children[index] !== element) this.queues.insertBefore(element, this.queues.children[index] ?? null);
    }
  }

  #queueButton(category) {
    let known = this.#queueButtons.get(category);
    if (!known) {
      const [label, counts] = [el("span", {}), el("span", { class: "counts" })];
      const button = el("button", { type: "button", class: "queue", data: { testid: `queue-${category}` },
        onclick: () => this.#choose({ category: category === this.#store.category ? null : category }) }, label, counts);
      known = { element: el("li", {}, button), button, label, counts };
      this.#queueButtons.set(category, known);
    }
    return known;
  }

  #row(record) {
    let row = this.#rows.get(record.id);
    if (!row) {
      const button = el("button", { type: "button", class: "case", data: { testid: `case-${record.number}` },
        onclick: () => this.#store.select(record.id) });
      row = { element: el("li", {}, button), button, record: null, unread: 0 };
      this.#rows.set(record.id, row);
    }
    row.button.setAttribute("aria-current", String(record.id === this.#store.selected));
    const unread = this.#store.unread(record);
    if (row.record !== record || row.unread !== unread) {
      Object.assign(row, { record, unread });
      fill(row.button, caseLines(record, unread, this.#store));
    }
    return row;
  }

  #move(event) {
    const buttons = [...this.list.querySelectorAll(".case")];
    const at = buttons.indexOf(document.activeElement);
    const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    buttons[target]?.focus();
  }
}

/** What is due next, and by when; or for whom the case waits. */
function dueLine(record) {
  if (record.waiting_for) {
    return el("span", { class: "due" }, pieces(`desk.row_waits_${record.waiting_for}`, { time: since(el("b"), record.waiting_since) }));
  }
  const word = nextWord(record);
  return word && el("span", { class: "due" }, word);
}

function caseLines(record, unread, store) {
  const mine = store.isMine(record);
  const waits = record.owner_type === "queue";
  const pressing = solution(record, { pressing: true });
  return [
    el("span", { class: "line-one" },
      el("span", { class: "severity", title: store.severityName(record.severity), data: { severity: record.severity } }, say("desk.severity", { severity: record.severity })),
      unread > 0 && el("span", { class: "unread", data: { testid: "unread" } }, say("desk.unread", { count: unread })),
      el("span", { class: "wait" }, waits ? pieces("desk.row_waiting", { time: since(el("b"), record.opened_at) })
        : mine ? say("desk.row_yours") : record.agent?.name ?? "")),
    el("span", { class: "who" }, record.customer_name || say("desk.visitor"),
      record.customer_tier !== "standard" && el("span", { class: "tier" }, record.customer_tier),
      el("span", { class: "number" }, record.number)),
    el("span", { class: "problem" }, record.problem),
    el("span", { class: "line-two" }, moodMeter(record.frustration),
      el("span", { class: "reason" }, reasonWords(record.reason),
        record.contact_number > 1 && `, ${contactWords(record.contact_number)}`)),
    dueLine(record),
    pressing && el("span", { class: "due", data: { testid: "row-solution" } }, pressing),
    waits && !store.hasLevel(record) && el("span", { class: "due", data: { testid: "row-needs" } }, store.needs(record)),
    ledLines(record, store.agent.id),
  ];
}
