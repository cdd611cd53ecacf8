/** The middle column's transcript and where the agent writes: to the customer, or a private note. */

import { newId } from "../shared/connection.js";
import { characters, clock, day, el, fill, withLinks } from "../shared/dom.js";
import { mood, plain } from "./words.js";

const TYPING_EVERY_MS = 3_000;
const NEAR_END_PX = 100;
const RATINGS = { helpful: "helpful", unhelpful: "not helpful" };
const ROLES = { bot: "bot", agent: "agent", customer: "customer", system: "notice to the customer" };

export class Conversation {
  #hooks;
  #limit;
  #drafts = new Map();
  #id = null;
  #customer = "";
  #lastDay = "";
  #lastTyping = 0;
  #typingTimer = 0;
  lastSeq = 0;

  /** `reply(text)` and `note(text)` resolve when stored; `typing()` is told at most every 3 seconds. */
  constructor(hooks, limit) {
    this.#hooks = hooks;
    this.#limit = limit;
    this.log = el("div", { class: "log", role: "log", "aria-label": "Conversation", "aria-live": "off", tabindex: "0",
      data: { testid: "desk-log" } });
    this.typingLine = el("p", { class: "typing", hidden: true, data: { testid: "desk-typing" } });
    this.locked = el("p", { class: "locked" });
    this.reply = this.#writer("reply", "Reply to the customer", "desk-input", "desk-send", "Send");
    this.note = this.#writer("note", "Private note, for agents only", "note-input", "note-send", "Save note");
    this.modes = ["reply", "note"].map((mode) => el("button",
      { type: "button", class: "tab", data: { testid: `mode-${mode}` }, onclick: () => this.#mode(mode, true) },
      mode === "reply" ? "Reply" : "Private note"));
    this.writers = el("div", { class: "writers" },
      el("div", { class: "tabs", role: "group", "aria-label": "What to write" }, this.modes), this.reply.form, this.note.form);
    this.element = el("div", { class: "conversation" }, this.log, this.typingLine, this.locked, this.writers);
    this.#mode("reply");
  }

  #writer(mode, label, inputId, sendId, action) {
    const input = el("textarea", { rows: "3", "aria-label": label, placeholder: label, data: { testid: inputId } });
    const problem = el("p", { class: "field-error", role: "alert" });
    const button = el("button", { type: "submit", class: "button primary", data: { testid: sendId } }, action);
    const form = el("form", { class: `writer ${mode}` }, input, el("div", { class: "writer-row" }, problem, button));
    // A failed send keeps its identifier, so that pressing again cannot store it twice.
    let attempt = null;
    const send = async (event) => {
      event.preventDefault();
      const text = input.value.trim();
      problem.textContent = this.#tooLong(text);
      if (text === "" || problem.textContent) return;
      if (attempt?.text !== text) attempt = { text, id: newId() };
      const id = this.#id;
      button.disabled = true;
      try {
        await this.#hooks[mode](text, attempt.id);
        attempt = null;
        this.#drafts.delete(`${mode}:${id}`);
        if (id === this.#id && input.value.trim() === text) input.value = "";
      } catch (error) {
        problem.textContent = `Not sent. ${error.message}`;
      } finally {
        button.disabled = false;
      }
    };
    form.addEventListener("submit", send);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && mode === "reply") send(event);
    });
    input.addEventListener("input", () => {
      this.#drafts.set(`${mode}:${this.#id}`, input.value);
      problem.textContent = this.#tooLong(input.value.trim());
      if (mode === "reply" && performance.now() - this.#lastTyping > TYPING_EVERY_MS) {
        this.#lastTyping = performance.now();
        this.#hooks.typing();
      }
    });
    return { form, input, problem };
  }

  #tooLong(text) {
    const over = characters(text) - this.#limit;
    return over > 0 ? `Too long by ${over} characters: the limit is ${this.#limit}.` : "";
  }

  #mode(mode, focus = false) {
    this.reply.form.hidden = mode !== "reply";
    this.note.form.hidden = mode !== "note";
    this.modes.forEach((button, index) => button.setAttribute("aria-pressed", String(index === (mode === "reply" ? 0 : 1))));
    if (focus) (mode === "reply" ? this.reply : this.note).input.focus();
  }

  /** Another case: its transcript, with the customer's name, and this agent's drafts for it. */
  open(id, customer, messages) {
    this.#id = id;
    this.#customer = customer;
    this.#lastDay = "";
    this.lastSeq = 0;
    this.endTyping();
    this.log.setAttribute("aria-live", "off");
    fill(this.log);
    for (const [mode, writer] of [["reply", this.reply], ["note", this.note]]) {
      writer.input.value = this.#drafts.get(`${mode}:${id}`) ?? "";
      writer.problem.textContent = "";
    }
    this.#mode("reply");
    this.add(messages);
    this.#toEnd();
    // Only what comes from now on is read out.
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 100);
  }

  /** Why nothing can be written, or "" when it can. */
  lock(reason) {
    const atEnd = this.#atEnd();
    this.locked.textContent = reason;
    this.locked.hidden = reason === "";
    this.writers.hidden = reason !== "";
    // The field takes room from the transcript: whoever read the latest message goes on seeing it.
    if (atEnd) this.#toEnd();
  }

  #atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX;
  }

  #toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  add(messages) {
    const atEnd = this.#atEnd();
    for (const message of messages) {
      if (message.seq <= this.lastSeq) continue;
      this.lastSeq = message.seq;
      if (message.sender.type === "customer") this.endTyping();
      const today = day(message.created_at);
      if (today !== this.#lastDay) this.log.append(el("p", { class: "day" }, today));
      this.#lastDay = today;
      this.log.append(messageElement(message, this.#customer));
    }
    if (atEnd) this.#toEnd();
  }

  typing(name, duration) {
    clearTimeout(this.#typingTimer);
    this.typingLine.textContent = `${name} is typing …`;
    this.typingLine.hidden = false;
    this.#typingTimer = setTimeout(() => this.endTyping(), duration);
  }

  endTyping() {
    clearTimeout(this.#typingTimer);
    this.typingLine.hidden = true;
  }
}

function messageElement(message, customer) {
  const { type } = message.sender;
  const name = type === "customer" ? customer : message.sender.name;
  return el("article", { class: `message ${type}`, data: { testid: "message", seq: message.seq, sender: type } },
    el("header", {}, name && el("b", {}, name), el("span", { class: "muted" }, ROLES[type]),
      el("time", { datetime: message.created_at }, clock(message.created_at))),
    el("p", { class: "text" }, ...withLinks(message.text)),
    message.rating && el("p", { class: "turn", data: { testid: "rating" } }, `The customer rated this as ${RATINGS[message.rating]}`),
    message.turn && turnMark(message.turn));
}

function turnMark(turn) {
  const action = turn.decision?.action;
  return el("p", { class: "turn", data: { mood: mood(turn.frustration) } },
    el("span", { class: "dot", "aria-hidden": "true" }), `${mood(turn.frustration)} ${turn.frustration.toFixed(2)}`,
    el("span", { class: "muted" }, plain(turn.intent)),
    action === "offer" && el("b", {}, "a person was offered"), action === "now" && el("b", {}, "handed over here"));
}
