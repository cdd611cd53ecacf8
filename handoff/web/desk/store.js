/** What the desk knows, as the stream tells it; views listen and draw. */

import { say } from "../shared/words.js";

/** How a list may be ordered; "served" is the server's order of the queue, and severity elsewhere. */
export const SORTS = ["served", "deadline", "severity", "oldest", "newest"];

const LEAD_LEVEL = 3;

const opening = (record) => Date.parse(record.opened_at);
/** What is due first: the next word to the customer, or the solution. */
function deadline(record) {
  const word = record.waiting_for || !record.next_update_due ? Infinity : Date.parse(record.next_update_due);
  return Math.min(word, record.near_at?.resolution ? Date.parse(record.resolution_due) : Infinity);
}

const ORDERS = {
  deadline: (a, b) => (deadline(a) === deadline(b) ? 0 : deadline(a) - deadline(b)) || opening(a) - opening(b),
  severity: (a, b) => a.severity - b.severity || opening(a) - opening(b),
  oldest: (a, b) => opening(a) - opening(b),
  newest: (a, b) => opening(b) - opening(a),
};

export class Store extends EventTarget {
  agent = null;
  options = { categories: [], levels: [], severities: [], triage: [], dispositions: [], root_causes: [], message_characters: 4000, attachment_bytes: 5_242_880, attachments: 5 };
  /** Whether the stream has told everything once. */
  known = false;
  queues = [];
  cases = new Map();
  /** Ids of waiting cases in the server's order; those it has not named yet stand at the end by time of opening. */
  waitingOrder = [];
  selected = null;
  /** The case that one has just accepted, until its reply has the focus. */
  taken = null;
  tab = "waiting";
  category = null;
  sort = "served";

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  setQueues(queues) {
    this.queues = queues;
    this.#tell("lists");
  }

  /** A snapshot is complete: what it does not name is gone. */
  setCases(cases) {
    this.known = true;
    const held = this.cases.has(this.selected);
    this.cases = new Map(cases.map((record) => [record.id, record]));
    this.waitingOrder = cases.filter((record) => record.owner_type === "queue").map((record) => record.id);
    this.#tell("lists");
    if (this.selected && this.cases.has(this.selected)) this.#tell("case", this.selected);
    else if (held) this.#tell("gone", this.selected);
  }

  /** A new or changed case; an older version than the one known (a late answer) is ignored. */
  setCase(record) {
    const known = this.cases.get(record.id);
    if (known && known.version > record.version) return;
    this.cases.set(record.id, record);
    this.#tell("lists");
    this.#tell("case", record.id);
    const orderMayDiffer = !known || known.owner_type !== record.owner_type || known.priority !== record.priority
      || known.category !== record.category;
    if (orderMayDiffer) this.#tell("order");
  }

  removeCase(id) {
    this.cases.delete(id);
    this.#tell("lists");
    this.#tell("gone", id);
  }

  setWaitingOrder(ids) {
    this.waitingOrder = ids;
    this.#tell("lists");
  }

  select(id) {
    if (id === this.selected) return;
    this.selected = id;
    this.#tell("lists");
    this.#tell("selected", id);
  }

  /** One has just accepted it, and goes on to write. */
  take(id) {
    this.taken = id;
    this.#tell("taken", id);
  }

  show({ tab = this.tab, category = this.category, sort = this.sort }) {
    Object.assign(this, { tab, category, sort });
    this.#tell("lists");
  }

  isMine(record) {
    return record.owner_type === "agent" && record.agent?.id === this.agent.id;
  }

  mayAct(record) {
    return record.status !== "closed" && (this.isMine(record) || ["supervisor", "admin"].includes(this.agent.role));
  }

  /** Whether one has joined a colleague's case. */
  hasJoined(record) {
    return record.owner_type === "agent" && (record.participants ?? []).some((one) => one.id === this.agent.id);
  }

  /** Whether one may write to the customer: its owner, and who has joined while it stays the owner's. */
  mayWrite(record) {
    return record.status !== "closed" && (this.isMine(record) || this.hasJoined(record));
  }

  /** Whether one may say if a person was needed: also after the case was closed. */
  mayJudge(record) {
    const own = record.agent?.id === this.agent.id;
    return record.status !== "open" && (own || ["supervisor", "admin"].includes(this.agent.role));
  }

  /** Whether one leads its queue: takes cases over, decides on incidents. From level 3 on (`docs/agent-api.md`). */
  leads(record) {
    return ["supervisor", "admin"].includes(this.agent.role)
      || (this.agent.level >= LEAD_LEVEL && this.agent.queues.includes(record.category));
  }

  /** "Severity 3: Normal". */
  severityName(severity) {
    const name = this.options.severities.find((option) => option.severity === severity)?.name;
    return name ? say("desk.severity_name", { severity, name }) : say("desk.severity", { severity });
  }

  levelName(level) {
    return this.options.levels.find((option) => option.level === level)?.name;
  }

  /** Whether one may accept it: a case takes somebody of its level or above. */
  hasLevel(record) {
    return this.agent.level >= record.level;
  }

  /** "needs level 3 (Lead)". */
  needs(record) {
    const name = this.levelName(record.level);
    return say(name ? "desk.needs_level_name" : "desk.needs_level", { level: record.level, name });
  }

  /** The customer's messages that wait to be seen: none while one looks at the case. */
  unread(record) {
    return record.id === this.selected && document.visibilityState === "visible" ? 0 : record.unread;
  }

  #inTab(tab) {
    const inTab = { mine: (record) => this.isMine(record), waiting: (record) => record.owner_type === "queue", all: () => true }[tab];
    return [...this.cases.values()].filter((record) => (!this.category || record.category === this.category) && inTab(record));
  }

  /** How many cases of a tab there are under the chosen queue. */
  count(tab) {
    return this.#inTab(tab).length;
  }

  /** The cases of a tab, in order, under the chosen queue. */
  listed(tab) {
    const listed = this.#inTab(tab);
    if (this.sort !== "served") return listed.sort(ORDERS[this.sort]);
    if (tab === "mine") return listed.sort(ORDERS.oldest);
    if (tab === "all") return listed.sort(ORDERS.severity);
    const rank = new Map(this.waitingOrder.map((id, index) => [id, index]));
    const place = (record) => rank.get(record.id) ?? rank.size;
    return listed.sort((a, b) => place(a) - place(b) || opening(a) - opening(b));
  }
}
