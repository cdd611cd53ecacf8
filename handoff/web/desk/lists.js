/** The left column: queues with their counts, and the cases under three tabs. */

import { el, fill } from "../shared/dom.js";
import { since, until } from "./clocks.js";
import { moodMeter, ordinal, reasonWords } from "./words.js";

const TABS = [["waiting", "Waiting"], ["mine", "Mine"], ["all", "All"]];
const EMPTY = {
  waiting: "Nobody is waiting. New cases appear here by themselves.",
  mine: "You have no case. Accept one from the waiting list.",
  all: "No open case in these queues.",
};

export class Lists {
  #store;
  #rows = new Map();
  #drawn = false;

  constructor(store) {
    this.#store = store;
    this.queues = el("ul", { class: "queues" });
    this.tabs = new Map(TABS.map(([tab, label]) => [tab, el("button",
      { type: "button", class: "tab", data: { testid: `tab-${tab}` }, onclick: () => store.show({ tab }) },
      label, " ", el("span", { class: "count" }))]));
    this.list = el("ul", { class: "cases", data: { testid: "case-list" }, onkeydown: (event) => this.#move(event) });
    this.empty = el("p", { class: "empty" });
    this.element = el("nav", { class: "column lists", "aria-label": "Queues and cases" },
      el("h2", { class: "visually-hidden" }, "Queues"), this.queues,
      el("div", { class: "tabs", role: "group", "aria-label": "Which cases" }, [...this.tabs.values()]),
      el("div", { class: "case-scroll" }, this.list, this.empty));
    store.addEventListener("lists", () => this.#schedule());
    // Whoever looks at another window sees nothing of what comes.
    document.addEventListener("visibilitychange", () => this.#schedule());
    this.#draw();
  }

  // Many frames may come at once (a snapshot, a burst of cases): draw once per frame of the screen.
  #schedule() {
    if (this.#drawn) return;
    this.#drawn = true;
    requestAnimationFrame(() => {
      this.#drawn = false;
      this.#draw();
    });
  }

  #draw() {
    const { category, tab } = this.#store;
    this.#drawQueues(category);
    for (const [name, button] of this.tabs) {
      button.setAttribute("aria-pressed", String(name === tab));
      button.querySelector(".count").textContent = this.#store.listed(name).length;
    }
    const listed = this.#store.listed(tab);
    this.empty.textContent = listed.length === 0 ? EMPTY[tab] : "";
    const wanted = new Set(listed.map((record) => record.id));
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    listed.forEach((record, index) => {
      const row = this.#row(record);
      // Moved only when out of place: moving an element takes the focus from it.
      if (this.list.children[index] !== row.element) this.list.insertBefore(row.element, this.list.children[index] ?? null);
    });
  }

  #drawQueues(category) {
    const focused = document.activeElement?.dataset?.testid;
    fill(this.queues, this.#store.queues.map((queue) => el("li", {},
      el("button", { type: "button", class: "queue", "aria-pressed": String(queue.category === category),
        data: { testid: `queue-${queue.category}` },
        onclick: () => this.#store.show({ category: queue.category === category ? null : queue.category }) },
      el("span", {}, queue.label),
      el("span", { class: "counts" },
        el("b", {}, queue.waiting), " waiting, ", el("b", {}, queue.active), " active")))));
    if (focused?.startsWith("queue-")) this.queues.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
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
      fill(row.button, caseLines(record, unread, this.#store.isMine(record)));
    }
    return row;
  }

  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...this.list.querySelectorAll(".case")];
    buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  }
}

function caseLines(record, unread, mine) {
  const waits = record.owner_type === "queue";
  return [
    el("span", { class: "line-one" },
      el("span", { class: "severity", data: { severity: record.severity } }, `Severity ${record.severity}`),
      unread > 0 && el("span", { class: "unread", data: { testid: "unread" } }, `${unread} new`),
      el("span", { class: "wait" }, waits ? ["waits ", since(el("b"), record.opened_at)]
        : mine ? "yours" : record.agent?.name ?? "")),
    el("span", { class: "who" }, record.customer_name || "Visitor",
      record.customer_tier !== "standard" && el("span", { class: "tier" }, record.customer_tier),
      el("span", { class: "number" }, record.number)),
    el("span", { class: "problem" }, record.problem),
    el("span", { class: "line-two" }, moodMeter(record.frustration),
      el("span", { class: "reason" }, reasonWords(record.reason),
        record.contact_number > 1 && `, ${ordinal(record.contact_number)} contact`)),
    record.next_update_due && el("span", { class: "due" }, "next update ", until(el("b"), record.next_update_due)),
  ];
}
