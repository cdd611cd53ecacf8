/** The messages on the screen: those that stand, those on their way, and the earlier ones that are fetched when looked for. */

import { clock, day, el, hasFocus, icon, press, withLinks } from "../shared/dom.js";
import { ownText } from "../shared/files.js";
import { besideCards } from "./glance.js";
import { AT_ONCE } from "./session.js";

const CHECK = "M5 12.5l4.5 4.5L19 7.5";

export class MessageList {
  #session;
  #pending = new Map();
  #shown = 0;
  #run = {};
  #first = 0;
  #queuedAnnounce = 0;
  #mine = null;
  #read = 0;

  /** `(message) => element` or nothing: what stands in a message below its text. */
  parts = [];

  constructor(session) {
    this.#session = session;
    this.more = press("quick", "earlier", () => this.showEarlier());
    // Polite only once the history stands, or all of it would be read out.
    this.log = el("div", { role: "log", "aria-live": "off", class: "log", data: { testid: "chat-log" } });
    this.mark = el("p", { class: "delivery", "aria-live": "off", data: { testid: "delivery" } });
  }

  reset() {
    this.log.replaceChildren();
    this.log.ariaLive = "off";
    this.log.ariaLabel = this.#session.say("log_label");
    this.more.textContent = this.#session.say("earlier");
    this.#pending.clear();
    this.#shown = this.#read = this.#first = 0;
    this.#run = {};
    this.#mine = null;
    this.more.hidden = true;
  }

  /** Messages before those that are shown: they are fetched when somebody looks for them. */
  async showEarlier() {
    const before = this.#first;
    const { conversation } = this.#session;
    if (before < 2) return;
    // No second time while it is on its way.
    this.#first = 0;
    const after = Math.max(0, before - 1 - AT_ONCE);
    const found = await this.#session.messages(after, before).catch(() => null);
    if (this.#session.conversation !== conversation) return;
    this.#first = found ? after + 1 : before;
    if (!found) return this.#session.failed();
    const run = {};
    const elements = found.flatMap((message) => this.#shape(message, run));
    const first = this.log.querySelector(".day");
    const { parentElement: scroll } = this.log;
    const { scrollTop, scrollHeight } = scroll;
    if (first.textContent === run.day) first.remove();
    this.log.ariaLive = "off";
    this.log.prepend(...elements);
    this.announce();
    const hadFocus = hasFocus(this.more);
    this.more.hidden = after === 0;
    if (hadFocus && after === 0) scroll.focus();
    // What is read stays where it is on the screen.
    scroll.scrollTop = scrollTop + scroll.scrollHeight - scrollHeight;
  }

  announce() {
    clearTimeout(this.#queuedAnnounce);
    this.#queuedAnnounce = setTimeout(() => { this.log.ariaLive = "polite"; }, 100);
  }

  add(message) {
    const begins = !this.#shown;
    this.#shown = message.seq;
    const read = this.#pending.has(message.client_message_id);
    this.#removePending(message.client_message_id);
    const elements = this.#shape(message, this.#run);
    // Before what is still on its way: the stored keep the server's order.
    const first = this.#pending.values().next().value ?? null;
    for (const element of elements) this.log.insertBefore(element, first);
    if (begins) {
      this.#first = message.seq;
      this.more.hidden = message.seq < 2;
      // Above the card, which came with the state: the day goes when an earlier message has it, and all below it moves alike.
      this.log.prepend(elements[0]);
    }
    const element = elements.at(-1);
    // It was read out when it was written.
    if (read) element.ariaLive = "off";
    if (message.sender.type === "customer") {
      this.#mine = message;
      element.append(this.mark);
      this.read(this.#read);
    }
    return element;
  }

  /** Puts an element below the last message shown whose notice matches, else at the end. */
  place(element, notice) {
    const after = [...this.log.querySelectorAll("[data-notice]")].findLast((one) => notice.test(one.dataset.notice));
    if (after) after.after(element);
    else this.log.append(element);
  }

  /** The owner has read the customer's messages up to this number. */
  read(seq) {
    this.#read = Math.max(this.#read, seq);
    if (this.#mine) this.mark.textContent = this.#session.say(this.#mine.seq <= this.#read ? "read" : "delivered");
  }

  pending(entry) {
    if (entry.status === "stored" && entry.seq <= this.#shown) return this.#removePending(entry.id);
    const status = this.#status(entry);
    const known = this.#pending.get(entry.id);
    if (known) return known.lastChild.replaceWith(status);
    const element = el("div",
      { class: "message customer pending", data: { testid: "message", sender: "customer", pending: entry.id } },
      el("p", { class: "bubble" }, el("span", { class: "visually-hidden" }, `${this.#session.say("you")}: `), ...withLinks(entry.text)),
      status);
    this.#pending.set(entry.id, element);
    this.log.append(element);
  }

  #removePending(id) {
    this.#pending.get(id)?.remove();
    this.#pending.delete(id);
  }

  #status(entry) {
    if (entry.status === "failed") {
      return el("p", { class: "delivery bad" }, `${this.#session.say("not_sent")} ${entry.error} `,
        press("link", "retry", () => this.#session.retry(entry.id), this.#session.say("try_again")));
    }
    return el("p", { class: "delivery" }, entry.status === "sending" ? this.#session.say("sending") : "");
  }

  #shape(message, run) {
    const elements = [];
    const today = day(message.created_at);
    if (today !== run.day) {
      elements.push(el("p", { class: "day" }, today));
      run.day = today;
      run.group = "";
    }
    const group = `${message.sender.type}:${message.sender.name}`;
    const first = group !== run.group;
    // An answer in several messages has its title once.
    const title = first || run.title !== message.card?.title ? message.card?.title : "";
    elements.push(message.sender.type === "system" ? this.#milestone(message) : this.#bubble(message, first, title));
    Object.assign(run, { group, title: message.card?.title });
    return elements;
  }

  #bubble(message, first, title) {
    const mine = message.sender.type === "customer";
    const name = mine ? this.#session.say("you") : message.sender.name ?? "";
    return el("div",
      { class: `message ${message.sender.type}${first ? " first" : ""}`,
        data: { testid: "message", sender: message.sender.type, seq: message.seq } },
      first && el("p", { class: "from" }, el("span", { class: mine ? "visually-hidden" : "" }, name), " ", time(message)),
      message.text && el("p", { class: "bubble", hidden: !ownText(message) },
        !first && el("span", { class: "visually-hidden" }, `${name}: `),
        title && el("strong", {}, title, "\n"), ...withLinks(besideCards(message))),
      this.parts.map((part) => part(message)));
  }

  #milestone(message) {
    return el("div",
      { class: "milestone", data: { testid: "message", sender: "system", seq: message.seq, notice: message.notice ?? "" } },
      el("span", { class: "mark" }, icon(CHECK, 14)),
      el("p", {}, ...withLinks(message.text)),
      time(message));
  }
}

function time({ created_at: at }) {
  return el("time", { datetime: at }, clock(at));
}
