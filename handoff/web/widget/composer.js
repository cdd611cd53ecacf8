/** Where the customer writes: Enter sends, Shift+Enter starts a line, and too long is said before it is sent. */

import { el, icon } from "../shared/dom.js";
import { characters } from "../shared/format.js";

const SEND = "M4 12l16-8-6 16-3-6.5zM11 13.5L20 4";
const TYPING_EVERY_MS = 3_000;
// The counter appears when a tenth of the limit is left.
const WARN_FROM = 0.9;

export class Composer {
  #hooks;
  #say = null;
  #limit = 4000;
  #lastTyping = 0;

  /** `send(text)` takes a message that may be sent; `typing()` is told at most every 3 seconds. */
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
    // During composition (Chinese, Japanese, Korean) Enter chooses a word and must not send.
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
    // As tall as its text up to the sheet's max-height; reset first, so that it shrinks too.
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
    const now = performance.now();
    if (tell && count > 0 && now - this.#lastTyping > TYPING_EVERY_MS) {
      this.#lastTyping = now;
      this.#hooks.typing();
    }
  }
}
