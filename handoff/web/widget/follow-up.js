/** After a case: "it did not work" in one tap, and the rating. */

import { el, fill } from "../shared/dom.js";

export class FollowUp {
  #hooks;
  #shown = "";
  #changing = false;

  /** `rate(caseId, csat, comment)` says whether it went out; `reopen(caseId)`. */
  constructor(hooks) {
    this.#hooks = hooks;
    this.element = el("div", { class: "follow-up" });
  }

  show(state, say) {
    const record = state?.case;
    const key = record ? [record.id, record.can_rate, record.can_reopen, record.csat, this.#changing].join() : "";
    if (key === this.#shown) return;
    this.#shown = key;
    fill(
      this.element,
      record?.can_reopen && this.#reopen(record, say),
      record && record.csat && !this.#changing ? this.#thanks(record, state, say)
        : record?.can_rate ? this.#survey(record, state, say) : null,
    );
  }

  /** The rating was refused: what the state says is shown again. */
  refused(state, say) {
    this.#shown = "";
    this.show(state, say);
  }

  #reopen(record, say) {
    return el("div", { class: "card reopen" },
      el("p", {}, say("reopen_question")),
      el("button", { type: "button", class: "quick", data: { testid: "reopen" },
        onclick: () => this.#hooks.reopen(record.id) }, say("reopen")));
  }

  #thanks(record, state, say) {
    return el("div", { class: "card survey-done", data: { testid: "survey-done" } },
      el("p", {}, say("survey_done", { count: record.csat })),
      record.can_rate && el("button", { type: "button", class: "link", onclick: () => {
        this.#changing = true;
        this.show(state, say);
        this.element.querySelector("input")?.focus();
      } }, say("survey_change")));
  }

  #survey(record, state, say) {
    const problem = el("p", { class: "counter bad", role: "alert" });
    const comment = el("textarea", { id: "survey-comment", rows: "2", maxlength: "1000", data: { testid: "survey-comment" } });
    const stars = [1, 2, 3, 4, 5].map((count) => [
      el("input", { type: "radio", name: "csat", value: String(count), id: `star-${count}`,
        data: { testid: `survey-star-${count}` } }),
      el("label", { for: `star-${count}` }, el("span", { class: "visually-hidden" }, say("survey_stars", { count })),
        el("span", { "aria-hidden": "true" }, "★")),
    ]);
    const form = el("form", { class: "card survey", data: { testid: "survey" } },
      el("fieldset", { "aria-describedby": "survey-hint" },
        el("legend", {}, say("survey_question")),
        el("p", { id: "survey-hint", class: "hint" }, say("survey_hint")),
        el("div", { class: "stars" }, stars)),
      el("label", { for: "survey-comment" }, say("survey_comment")), comment, problem,
      el("button", { type: "submit", class: "quick", data: { testid: "survey-send" } }, say("survey_send")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = form.querySelector("input:checked");
      if (!chosen) {
        problem.textContent = say("survey_choose");
        form.querySelector("input").focus();
      } else if (this.#hooks.rate(record.id, Number(chosen.value), comment.value.trim())) {
        this.#changing = false;
        this.#shown = "";
        form.replaceWith(this.#thanks({ ...record, csat: Number(chosen.value), can_rate: false }, state, say));
      } else {
        problem.textContent = say("reconnecting");
      }
    });
    return form;
  }
}
