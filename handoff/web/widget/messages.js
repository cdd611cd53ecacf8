/** The conversation on the screen: its messages, what the customer says of them, and where they write. */

import { characters, clock, day, el, fill, icon, withLinks } from "../shared/dom.js";
import { ownText } from "../shared/files.js";
import { besideCards } from "./glance.js";

const THUMB = "M7 11v9H3v-9zl4-8c2 0 3 1 2.5 3L13 10h7l-2 10H7";
const CHECK = "M5 12.5l4.5 4.5L19 7.5";
const SEND = "M4 12l16-8-6 16-3-6.5zM11 13.5L20 4";
const TYPING_EVERY_MS = 3_000;
const WARN_FROM = 0.9;
const EARLIER_AT_ONCE = 40;

export class MessageList {
  #session;
  #pending = new Map();
  #shown = 0;
  #run = {};
  #earlier = [];
  #queuedAnnounce = 0;
  #mine = null;
  #read = 0;

  /** Every message that is here, shown or not, in order. */
  messages = [];
  /** `(message) => element` or nothing: what stands in a message below its text. */
  parts = [];

  constructor(session) {
    this.#session = session;
    this.more = el("button", { type: "button", class: "quick", data: { testid: "earlier" }, onclick: () => this.showEarlier() });
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
    this.#shown = this.#read = 0;
    this.#run = {};
    this.messages = [];
    this.#mine = null;
    this.earlier([]);
  }

  /** Messages before those that are shown: they wait until somebody looks for them. */
  earlier(messages) {
    this.#earlier = messages;
    this.messages.unshift(...messages);
    this.more.hidden = !messages.length;
  }

  /** Says whether there was anything to show. */
  showEarlier() {
    if (!this.#earlier.length) return false;
    const chunk = this.#earlier.splice(-EARLIER_AT_ONCE);
    const run = {};
    const elements = chunk.map((message) => this.#shape(message, run));
    const first = this.log.querySelector(".day");
    if (first?.textContent === run.day) first.remove();
    this.log.ariaLive = "off";
    this.log.prepend(...elements.flat());
    this.announce();
    this.more.hidden = !this.#earlier.length;
    return true;
  }

  announce() {
    clearTimeout(this.#queuedAnnounce);
    this.#queuedAnnounce = setTimeout(() => { this.log.ariaLive = "polite"; }, 100);
  }

  add(message) {
    this.#shown = message.seq;
    this.messages.push(message);
    this.#removePending(message.client_message_id);
    const elements = this.#shape(message, this.#run);
    // Before what is still on its way: the stored keep the server's order.
    const first = this.#pending.values().next().value ?? null;
    for (const element of elements) this.log.insertBefore(element, first);
    const element = elements.at(-1);
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
        el("button", { type: "button", class: "link", onclick: () => this.#session.retry(entry.id) }, this.#session.say("try_again")));
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

/** Under the bot's latest answer: did it help? If not, how to go on. */
export class Rating {
  #session;
  #ways;
  #answer = null;

  /** `ways()` gives the buttons by which the customer goes on. */
  constructor(session, ways) {
    this.#session = session;
    this.#ways = ways;
    this.text = el("span", { role: "status" });
    this.buttons = ["helpful", "unhelpful"].map((value) => el("button",
      { type: "button", class: "round", value, data: { testid: `rate-${value}` }, onclick: () => this.#rate(value) },
      icon(THUMB)));
    this.more = el("div", { class: "quick-replies" });
    this.element = el("div", { class: "rating", role: "group", "aria-live": "off", data: { testid: "rating" } },
      el("p", {}, this.buttons, this.text), this.more);
  }

  offer(message, element) {
    this.#answer = message;
    element.after(this.element);
    this.show(message.rating);
  }

  rated({ message_id: id, rating }) {
    if (id === this.#answer?.id) this.show(rating);
  }

  show(rating) {
    const { say } = this.#session;
    this.element.ariaLabel = say("rate_question");
    this.text.textContent = say(rating ? `rate_${rating}_thanks` : "rate_question");
    for (const button of this.buttons) {
      button.title = button.ariaLabel = say(`rate_${button.value}`);
      button.ariaPressed = button.value === rating;
    }
    fill(this.more, rating === "unhelpful" && this.#ways());
  }

  #rate(rating) {
    if (!this.#session.send({ type: "rate", message_id: this.#answer.id, rating })) this.text.textContent = this.#session.say("rate_unsent");
  }
}

/** Enter sends, Shift+Enter starts a line. */
export class Composer {
  #session;
  #lastTyping = 0;

  constructor(session) {
    this.#session = session;
    this.input = el("textarea", {
      id: "input", rows: "1", autocomplete: "off", enterkeyhint: "send", "aria-describedby": "counter",
      dir: "auto", data: { testid: "chat-input" },
      oninput: () => this.changed(),
      onkeydown: (event) => this.#key(event),
    });
    this.button = el("button", { type: "submit", class: "send", data: { testid: "chat-send" } }, icon(SEND));
    /** Where further ways to write are put, left of the text. */
    this.tools = el("span", { class: "tools" });
    this.counter = el("p", { id: "counter", class: "counter", role: "status", data: { testid: "chat-counter" } });
    this.element = el("form", { class: "composer", onsubmit: (event) => this.#submit(event) },
      el("div", { class: "composer-row" }, this.tools, this.input, this.button), this.counter);
  }

  reset() {
    const { say } = this.#session;
    this.input.ariaLabel = say("input_label");
    this.input.placeholder = say("input_placeholder");
    this.button.ariaLabel = say("send");
    this.attach.ariaLabel = this.attach.title = say("attach");
    this.attach.hidden = !say("attach");
    this.tray?.take();
    this.changed(false);
  }

  focus() {
    this.input.focus();
  }

  #key(event) {
    // While composing (Chinese, Japanese, Korean) Enter chooses a word.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#submit(event);
  }

  #submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    const files = this.tray?.empty === false;
    if (files && !this.tray.ready) return this.tray.wait();
    if ((text === "" && !files) || characters(text) > this.#session.limits.message_characters) {
      this.changed();
      return this.input.focus();
    }
    this.input.value = "";
    if (files) this.#session.sendFiles(text, this.tray.take());
    else this.#session.sendText(text);
    this.changed(false);
    this.input.focus();
  }

  changed(tell = true) {
    const { say, limits: { message_characters: limit } } = this.#session;
    const count = characters(this.input.value.trim());
    const left = limit - count;
    const tooLong = left < 0;
    let notice = "";
    if (tooLong) notice = say("too_long", { count: (-left).toLocaleString(), limit: limit.toLocaleString() });
    else if (count >= limit * WARN_FROM) notice = say("characters_left", { count: left.toLocaleString() });
    this.counter.textContent = notice;
    this.counter.classList.toggle("bad", tooLong);
    this.input.ariaInvalid = tooLong;
    this.button.ariaDisabled = tooLong || (count === 0 && this.tray?.empty !== false);
    // As tall as its text; reset first, so that it shrinks too.
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
    const now = performance.now();
    if (tell && count > 0 && now - this.#lastTyping > TYPING_EVERY_MS) {
      this.#lastTyping = now;
      this.#session.send({ type: "typing" });
    }
  }
}
