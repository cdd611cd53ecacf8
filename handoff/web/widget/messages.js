/** The conversation on the screen: its messages in order, and where the customer writes. */

import { el, icon } from "../shared/dom.js";
import { characters, clock, day, withLinks } from "../shared/format.js";

const CHECK = "M5 12.5l4.5 4.5L19 7.5";
const SEND = "M4 12l16-8-6 16-3-6.5zM11 13.5L20 4";
const TYPING_EVERY_MS = 3_000;
const WARN_FROM = 0.9;

export class MessageList {
  #say = null;
  #retry;
  #pending = new Map();
  #shown = 0;
  #lastGroup = "";
  #lastDay = "";
  #queuedAnnounce = 0;

  constructor(retry) {
    this.#retry = retry;
    // Polite only once the history stands, or all of it would be read out.
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

  announce() {
    clearTimeout(this.#queuedAnnounce);
    this.#queuedAnnounce = setTimeout(() => this.log.setAttribute("aria-live", "polite"), 100);
  }

  add(message) {
    this.#shown = message.seq;
    this.#removePending(message.client_message_id);
    const element = message.sender.type === "system" ? this.#milestone(message) : this.#bubble(message);
    this.#insert(element);
  }

  pending(entry) {
    if (entry.status === "stored" && entry.seq <= this.#shown) {
      this.#removePending(entry.id);
      return;
    }
    let element = this.#pending.get(entry.id);
    const status = this.#status(entry);
    if (element) {
      element.lastChild.replaceWith(status);
      return;
    }
    element = el(
      "div",
      { class: "message customer pending", data: { testid: "message", sender: "customer", pending: entry.id } },
      el("p", { class: "bubble" }, el("span", { class: "visually-hidden" }, `${this.#say("you")}: `), ...withLinks(entry.text)),
      status,
    );
    this.#pending.set(entry.id, element);
    this.log.append(element);
  }

  #removePending(id) {
    this.#pending.get(id)?.remove();
    this.#pending.delete(id);
  }

  #status(entry) {
    if (entry.status === "failed") {
      return el("p", { class: "delivery bad" }, `${this.#say("not_sent")} ${entry.error} `,
        el("button", { type: "button", class: "link", onclick: () => this.#retry(entry.id) }, this.#say("try_again")));
    }
    return el("p", { class: "delivery" }, entry.status === "sending" ? this.#say("sending") : "");
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
    const name = mine ? this.#say("you") : (message.sender.name ?? (message.sender.type === "bot" ? this.#say("bot_name") : ""));
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

/** Enter sends, Shift+Enter starts a line. */
export class Composer {
  #hooks;
  #say = null;
  #limit = 4000;
  #lastTyping = 0;

  constructor(hooks) {
    this.#hooks = hooks;
    this.input = el("textarea", {
      id: "input", rows: "1", autocomplete: "off", enterkeyhint: "send", "aria-describedby": "counter",
      data: { testid: "chat-input" },
      oninput: () => this.#changed(),
      onkeydown: (event) => this.#key(event),
    });
    this.button = el("button", { type: "submit", class: "send", data: { testid: "chat-send" } }, icon(SEND));
    this.counter = el("p", { id: "counter", class: "counter", role: "status", data: { testid: "chat-counter" } });
    this.element = el(
      "form", { class: "composer", onsubmit: (event) => this.#submit(event) },
      el("div", { class: "composer-row" }, this.input, this.button), this.counter,
    );
  }

  reset(say, limit) {
    this.#say = say;
    this.#limit = limit;
    this.input.setAttribute("aria-label", say("input_label"));
    this.input.placeholder = say("input_placeholder");
    this.button.setAttribute("aria-label", say("send"));
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
    if (text === "" || characters(text) > this.#limit) {
      this.#changed();
      this.input.focus();
      return;
    }
    this.input.value = "";
    this.#changed(false);
    this.#hooks.send(text);
    this.input.focus();
  }

  #changed(tell = true) {
    const count = characters(this.input.value.trim());
    const left = this.#limit - count;
    const tooLong = left < 0;
    let notice = "";
    if (tooLong) notice = this.#say("too_long", { count: (-left).toLocaleString(), limit: this.#limit.toLocaleString() });
    else if (count >= this.#limit * WARN_FROM) notice = this.#say("characters_left", { count: left.toLocaleString() });
    this.counter.textContent = notice;
    this.counter.classList.toggle("bad", tooLong);
    this.input.setAttribute("aria-invalid", String(tooLong));
    this.button.setAttribute("aria-disabled", String(tooLong || count === 0));
    // As tall as its text; reset first, so that it shrinks too.
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
    const now = performance.now();
    if (tell && count > 0 && now - this.#lastTyping > TYPING_EVERY_MS) {
      this.#lastTyping = now;
      this.#hooks.typing();
    }
  }
}
