/** Whether a person was needed: three buttons, and what may be added to them. */

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { VERDICTS, verdictWords } from "./words.js";

const EARLIER = "should_have_come_earlier";
const QUOTE_CHARACTERS = 60;

/** The customer's messages from which a person could have come earlier. */
function before(record) {
  const handedOver = record.messages.find((message) => message.id === record.handoff_message_id);
  return record.messages.filter((message) => message.sender.type === "customer" && (handedOver
    ? message.seq < handedOver.seq : Date.parse(message.created_at) < Date.parse(record.opened_at)));
}

const lower = (code) => verdictWords(code).toLocaleLowerCase();

function quoted(message) {
  const text = message.text.replace(/\s+/g, " ");
  return `${message.seq}: ${text.length > QUOTE_CHARACTERS ? `${text.slice(0, QUOTE_CHARACTERS)}…` : text}`;
}

/** The buttons, the message and the note. Nothing need be chosen; `value()` is null then. */
export class VerdictPicker {
  #chosen = null;
  #mayBeEmpty;

  /** `chose(code)` is told of a press; where `mayBeEmpty`, pressing again takes it back. */
  constructor(testid, { chose = () => {}, mayBeEmpty = false } = {}) {
    this.#mayBeEmpty = mayBeEmpty;
    this.buttons = VERDICTS.map((code) => el("button", { type: "button", class: "choice", "aria-pressed": "false",
      data: { testid: `${testid}-${code}`, code }, onclick: () => this.#press(code, chose) }, verdictWords(code)));
    this.message = el("select", { id: `${testid}-message`, data: { testid: `${testid}-message` } });
    this.note = el("textarea", { id: `${testid}-note`, rows: "2", maxlength: "1000", data: { testid: `${testid}-note` } });
    this.from = el("div", { class: "field" }, el("label", { for: this.message.id }, say("context.verdict_from")), this.message);
    this.more = el("div", { class: "verdict-more" }, this.from,
      el("div", { class: "field" }, el("label", { for: this.note.id }, say("context.verdict_note")), this.note));
    this.element = el("div", { class: "verdict" },
      el("div", { class: "choices", role: "group", "aria-label": say("context.verdict_question") }, this.buttons), this.more);
  }

  #press(code, chose) {
    this.choose(this.#mayBeEmpty && code === this.#chosen ? null : code);
    chose(this.#chosen);
  }

  choose(code) {
    this.#chosen = code;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.code === code));
    this.more.hidden = code === null;
    this.from.hidden = code !== EARLIER || this.message.options.length < 2;
    if (code !== EARLIER) this.message.value = "";
  }

  /** Shows the case's own verdict, if there is one. */
  show(record) {
    fill(this.message, el("option", { value: "" }, say("context.verdict_not_said")),
      before(record).map((message) => el("option", { value: message.id }, quoted(message))));
    this.message.value = record.verdict?.message_id ?? "";
    this.note.value = record.verdict?.note ?? "";
    this.choose(record.verdict?.verdict ?? null);
  }

  /** The body of the call, or null. */
  value() {
    if (this.#chosen === null) return null;
    const body = { verdict: this.#chosen, note: this.note.value.trim() };
    if (this.#chosen === EARLIER && this.message.value) body.message_id = this.message.value;
    return body;
  }

  /** The body of the call where it says something else than what stands, or null. */
  news(record) {
    const body = this.value();
    const stands = record.verdict;
    const same = body && stands && body.verdict === stands.verdict && body.note === stands.note
      && (body.message_id ?? null) === stands.message_id;
    return same ? null : body;
  }
}

/** The same in the case's context: a press is kept at once, message and note with a button of their own. */
export class VerdictBlock {
  #judge;
  #busy = false;
  #again = false;
  #shown = "";
  #record = null;

  /** `judge(caseId, body, said)` resolves when it is stored; what it throws is shown here. */
  constructor(judge) {
    this.#judge = judge;
    this.picker = new VerdictPicker("verdict", { chose: () => this.#save() });
    this.problem = el("p", { class: "field-error", role: "alert", data: { testid: "verdict-problem" } });
    this.stands = el("p", { class: "muted", data: { testid: "verdict-stands" } });
    this.form = el("form", {}, this.picker.element,
      el("button", { type: "submit", class: "button", data: { testid: "verdict-save" } }, say("context.verdict_save")), this.problem);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    // Nothing to add before something is chosen.
    this.picker.more.append(this.form.querySelector("[type=submit]"));
    this.element = el("div", { class: "verdict-block", data: { testid: "verdict" } }, el("h3", {}, say("context.verdict_question")), el("p", { class: "muted" }, say("context.verdict_hint")), this.form, this.stands);
  }

  /** Draws the verdict of a case; a note that is being written is kept as long as nobody changes the verdict. */
  update(record, mayJudge) {
    const given = record.verdict;
    const other = record.id !== this.#record?.id;
    this.#record = record;
    // What was pressed for one case is nobody's word on the next.
    if (other) this.#again = false;
    this.form.hidden = !mayJudge;
    this.element.hidden = !mayJudge && !given;
    this.stands.textContent = given ? say("context.verdict_stands", { name: given.agent_name, verdict: lower(given.verdict) }) : "";
    if (!mayJudge && given?.note) this.stands.textContent += ` ${given.note}`;
    const shown = `${record.id} ${given?.at ?? ""}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.problem.textContent = "";
    // One's own press comes back: what one has gone on to choose or write since then is not thrown away.
    if (other || !this.#busy) this.picker.show(record);
  }

  async #save() {
    const body = this.picker.value();
    if (body === null) return;
    this.#again = this.#busy;
    if (this.#busy) return;
    this.#busy = true;
    this.problem.textContent = "";
    const { id } = this.#record;
    try {
      await this.#judge(id, body, say("context.kept", { what: lower(body.verdict) }));
    } catch (error) {
      if (id === this.#record.id) {
        this.problem.textContent = say("context.not_kept", { why: error.message });
        this.picker.choose(this.#record.verdict?.verdict ?? null);
      }
    } finally {
      this.#busy = false;
    }
    if (this.#again) await this.#save();
  }
}
