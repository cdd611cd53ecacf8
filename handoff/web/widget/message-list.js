/** The messages on the screen: each once, in order, with those on their way at the end. */

import { el, icon } from "../shared/dom.js";
import { clock, day, withLinks } from "../shared/format.js";

const CHECK = "M5 12.5l4.5 4.5L19 7.5";

export class MessageList {
  #say = null;
  #retry;
  #pending = new Map();
  #shown = 0;
  #lastGroup = "";
  #lastDay = "";
  #queuedAnnounce = 0;

  /** `retry(id)` sends a failed message again. */
  constructor(retry) {
    this.#retry = retry;
    // Polite only once the history stands: nobody wants a hundred old messages read out.
    this.log = el("div", { role: "log", "aria-live": "off", class: "log", data: { testid: "chat-log" } });
  }

  reset(say) {
    this.#say = say;
    this.log.replaceChildren();
    this.log.setAttribute("aria-live", "off");
    this.log.setAttribute("aria-label", say("log_label"));
    this.#pending.clear();
    this.#shown = 0;
    this.#lastGroup = "";
    this.#lastDay = "";
  }

  /** The history stands: from here on new messages are announced. */
  announce() {
    clearTimeout(this.#queuedAnnounce);
    this.#queuedAnnounce = setTimeout(() => this.log.setAttribute("aria-live", "polite"), 100);
  }

  add(message) {
    this.#shown = message.seq;
    const mine = this.#pending.get(message.client_message_id) ?? this.#pendingWithSeq(message.seq);
    if (mine) this.#removePending(mine.id);
    const element = message.sender.type === "system" ? this.#milestone(message) : this.#bubble(message);
    this.#insert(element);
  }

  /** Shows a message of the customer's that is on its way, or its new status. */
  pending(entry) {
    if (entry.status === "stored" && entry.seq <= this.#shown) {
      this.#removePending(entry.id);
      return;
    }
    const known = this.#pending.get(entry.id);
    const status = this.#status(entry);
    if (known) {
      Object.assign(known, { seq: entry.seq });
      known.element.replaceChild(status, known.element.lastChild);
      known.element.classList.toggle("failed", entry.status === "failed");
      return;
    }
    const element = el(
      "div",
      { class: "message customer pending", data: { testid: "message", sender: "customer", pending: entry.id } },
      el("p", { class: "bubble" }, el("span", { class: "visually-hidden" }, `${this.#say("you")}: `), ...withLinks(entry.text)),
      status,
    );
    this.#pending.set(entry.id, { id: entry.id, element, seq: null });
    this.log.append(element);
  }

  #pendingWithSeq(seq) {
    return [...this.#pending.values()].find((entry) => entry.seq === seq);
  }

  #removePending(id) {
    this.#pending.get(id)?.element.remove();
    this.#pending.delete(id);
  }

  #status(entry) {
    if (entry.status === "failed") {
      return el("p", { class: "delivery bad" }, `${this.#say("not_sent")} ${entry.error} `,
        el("button", { type: "button", class: "link", onclick: () => this.#retry(entry.id) }, this.#say("try_again")));
    }
    return el("p", { class: "delivery" }, entry.status === "sending" ? this.#say("sending") : "");
  }

  // Before the first message that is still on its way, so that what is stored keeps the server's order.
  #insert(element) {
    const first = this.#pending.values().next().value;
    this.log.insertBefore(element, first?.element ?? null);
  }

  #group(message) {
    const today = day(message.created_at);
    if (today !== this.#lastDay) {
      this.#insert(el("p", { class: "day" }, today));
      this.#lastDay = today;
      this.#lastGroup = "";
    }
    const group = `${message.sender.type}:${message.sender.name}`;
    const first = group !== this.#lastGroup;
    this.#lastGroup = group;
    return first;
  }

  #bubble(message) {
    const first = this.#group(message);
    const mine = message.sender.type === "customer";
    const name = mine ? this.#say("you") : (message.sender.name ?? "");
    const time = el("time", { datetime: message.created_at }, clock(message.created_at));
    return el(
      "div",
      { class: `message ${message.sender.type}${first ? " first" : ""}`,
        data: { testid: "message", sender: message.sender.type, seq: message.seq } },
      first && el("p", { class: "from" }, el("span", { class: mine ? "visually-hidden" : "" }, name), " ", time),
      el("p", { class: "bubble" },
        !first && el("span", { class: "visually-hidden" }, `${name}: `), ...withLinks(message.text)),
    );
  }

  #milestone(message) {
    this.#group(message);
    return el(
      "div",
      { class: "milestone", data: { testid: "message", sender: "system", seq: message.seq, notice: message.notice ?? "" } },
      el("span", { class: "mark" }, icon(CHECK, 14)),
      el("p", {}, ...withLinks(message.text)),
      el("time", { datetime: message.created_at }, clock(message.created_at)),
    );
  }
}
