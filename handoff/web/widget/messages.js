/** The conversation on the screen: its messages, what the customer says of them, and where they write. */

import { characters, clock, day, el, fill, icon, withLinks } from "../shared/dom.js";

const THUMB = "M7 11v9H3v-9zl4-8c2 0 3 1 2.5 3L13 10h7l-2 10H7";
const CHECK = "M5 12.5l4.5 4.5L19 7.5";
const SEND = "M4 12l16-8-6 16-3-6.5zM11 13.5L20 4";
const TYPING_EVERY_MS = 3_000;
const WARN_FROM = 0.9;

export class MessageList {
  #session;
  #pending = new Map();
  #shown = 0;
  #lastGroup = "";
  #lastDay = "";
  #queuedAnnounce = 0;

  constructor(session) {
    this.#session = session;
    // Polite only once the history stands, or all of it would be read out.
    this.log = el("div", { role: "log", "aria-live": "off", class: "log", data: { testid: "chat-log" } });
  }

  reset() {
    this.log.replaceChildren();
    this.log.ariaLive = "off";
    this.log.ariaLabel = this.#session.say("log_label");
    this.#pending.clear();
    this.#shown = 0;
    this.#lastGroup = "";
    this.#lastDay = "";
  }

  announce() {
    clearTimeout(this.#queuedAnnounce);
    this.#queuedAnnounce = setTimeout(() => {
      this.log.ariaLive = "polite";
    }, 100);
  }

  add(message) {
    this.#shown = message.seq;
    this.#removePending(message.client_message_id);
    const element = message.sender.type === "system" ? this.#milestone(message) : this.#bubble(message);
    this.#insert(element);
    return element;
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

  // Before what is still on its way: the stored keep the server's order.
  #insert(element) {
    const first = this.#pending.values().next().value;
    this.log.insertBefore(element, first ?? null);
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
    const name = mine ? this.#session.say("you") : message.sender.name ?? "";
    return el("div",
      { class: `message ${message.sender.type}${first ? " first" : ""}`,
        data: { testid: "message", sender: message.sender.type, seq: message.seq } },
      first && el("p", { class: "from" }, el("span", { class: mine ? "visually-hidden" : "" }, name), " ", time(message)),
      el("p", { class: "bubble" },
        !first && el("span", { class: "visually-hidden" }, `${name}: `), ...withLinks(message.text)));
  }

  #milestone(message) {
    this.#group(message);
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
    // The log would read all of it out.
    this.element = el("div", { class: "rating", role: "group", "aria-live": "off", data: { testid: "rating" } },
      el("p", {}, this.buttons, this.text), this.more);
  }

  /** The message is an answer, and `element` shows it. */
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
    if (!this.#session.rateAnswer(this.#answer.id, rating)) this.text.textContent = this.#session.say("rate_unsent");
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
      data: { testid: "chat-input" },
      oninput: () => this.#changed(),
      onkeydown: (event) => this.#key(event),
    });
    this.button = el("button", { type: "submit", class: "send", data: { testid: "chat-send" } }, icon(SEND));
    this.counter = el("p", { id: "counter", class: "counter", role: "status", data: { testid: "chat-counter" } });
    this.element = el("form", { class: "composer", onsubmit: (event) => this.#submit(event) },
      el("div", { class: "composer-row" }, this.input, this.button), this.counter);
  }

  reset() {
    const { say } = this.#session;
    this.input.ariaLabel = say("input_label");
    this.input.placeholder = say("input_placeholder");
    this.button.ariaLabel = say("send");
    this.#changed(false);
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
    if (text === "" || characters(text) > this.#session.limit) {
      this.#changed();
      this.input.focus();
      return;
    }
    this.input.value = "";
    this.#changed(false);
    this.#session.sendText(text);
    this.input.focus();
  }

  #changed(tell = true) {
    const { say, limit } = this.#session;
    const count = characters(this.input.value.trim());
    const left = limit - count;
    const tooLong = left < 0;
    let notice = "";
    if (tooLong) notice = say("too_long", { count: (-left).toLocaleString(), limit: limit.toLocaleString() });
    else if (count >= limit * WARN_FROM) notice = say("characters_left", { count: left.toLocaleString() });
    this.counter.textContent = notice;
    this.counter.classList.toggle("bad", tooLong);
    this.input.ariaInvalid = tooLong;
    this.button.ariaDisabled = tooLong || count === 0;
    // As tall as its text; reset first, so that it shrinks too.
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
    const now = performance.now();
    if (tell && count > 0 && now - this.#lastTyping > TYPING_EVERY_MS) {
      this.#lastTyping = now;
      this.#session.typing();
    }
  }
}
