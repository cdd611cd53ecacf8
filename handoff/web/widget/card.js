/** The handoff card: what is passed on to the agent, for the customer to correct and to add to. */

import { el, fill, hasFocus, press } from "../shared/dom.js";

export class Card {
  #session;
  #shown = "";
  #saving = false;

  constructor(session) {
    this.#session = session;
    this.element = el("section", { class: "card passed-on", "aria-labelledby": "card-title", "aria-live": "off", hidden: true, data: { testid: "handoff-card" } });
  }

  show(state) {
    const { card, case: record } = state ?? {};
    const key = JSON.stringify([record?.id, card]);
    // What is half written must outlast other changes.
    if (key === this.#shown) return;
    this.#shown = key;
    this.element.hidden = !card;
    if (!card) fill(this.element);
    else this.#read(record.id, card, this.#saving);
    this.#saving = false;
  }

  #read(caseId, card, saved) {
    const { say } = this.#session;
    const hadFocus = hasFocus(this.element);
    const unsent = this.element.querySelector("#card-line")?.value;
    const change = (card.can_add || card.can_correct) && press("quick", "card-change", () => this.#write(caseId, card), say(card.can_correct ? "card_correct" : "card_add"));
    fill(this.element, this.#heading(), el("dl", {},
      row(say("card_about"), card.problem),
      row(say("card_words"), card.quote),
      card.facts.map((fact) => row(this.#label(fact.name), fact.value, fact.former && say("card_was", { value: fact.former }))),
      row(say("card_tried"), card.tried.join(", ")),
      row(say("card_wants"), card.wants),
      card.lines.map((line) => row(say("card_added"), line))),
    saved && el("p", { class: "hint", role: "status" }, say("card_saved")), change);
    if (saved || !unsent || !change) hadFocus && (change || this.element).focus?.();
    // Somebody accepted meanwhile: what was being written stays.
    else this.#write(caseId, card, unsent);
  }

  #write(caseId, card, line = "") {
    const { say } = this.#session;
    const fields = card.can_correct ? card.facts.map((fact, place) => ({ fact,
      input: el("textarea", { id: `card-${place}`, rows: 1, maxlength: 200, value: fact.value, data: { testid: `card-${fact.name}` } }) })) : [];
    const more = card.can_add && el("textarea", { id: "card-line", rows: 2, maxlength: 500, value: line, data: { testid: "card-line" } });
    const problem = el("p", { class: "counter bad", role: "alert" });
    const form = el("form", {}, fields.map(({ fact, input }) => [el("label", { for: input.id }, this.#label(fact.name)), input]),
      more && [el("label", { for: "card-line" }, say("card_line")), more], problem,
      el("button", { class: "quick", data: { testid: "card-send" } }, say("card_send")),
      press("link", "card-cancel", () => {
        more && (more.value = "");
        this.#read(caseId, card);
      }, say("card_cancel")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const facts = Object.fromEntries(fields.map(({ fact, input }) => [fact.name, input.value.trim(), fact.value])
        .filter(([, value, before]) => value && value !== before));
      const added = more ? more.value.trim() : "";
      if (!added && !Object.keys(facts).length) this.#read(caseId, card);
      else if (this.#session.send({ type: "card", case_id: caseId, facts, line: added })) this.#saving = true;
      else problem.textContent = say("reconnecting");
    });
    fill(this.element, this.#heading(), form);
    (fields[0]?.input ?? more).focus();
  }

  #heading() {
    return el("h3", { id: "card-title" }, this.#session.say("card_title"));
  }

  #label(name) {
    return this.#session.say(`fact_${name}`) || name.replaceAll("_", " ");
  }
}

function row(label, value, note) {
  return value && el("div", {}, el("dt", {}, label), el("dd", {}, value, note && el("span", { class: "hint" }, " ", note)));
}
