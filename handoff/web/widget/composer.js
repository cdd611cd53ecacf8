/** Where the customer writes. */

import { amount, characters, el, icon } from "../shared/dom.js";

const SEND = "M4 12l16-8-6 16-3-6.5zM11 13.5L20 4";
const TYPING_EVERY_MS = 3_000;
const WARN_FROM = 0.9;

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

  reset(another) {
    const { say } = this.#session;
    if (another) this.input.value = "";
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
    this.counter.textContent = tooLong ? say("too_long", { count: amount(-left), limit: amount(limit) })
      : count < limit * WARN_FROM ? "" : say("characters_left", { count: amount(left) });
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
