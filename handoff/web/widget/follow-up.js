import { el, fill, press } from "../shared/dom.js";

/** Reopening and the survey, while the state says that they are open. */
export class FollowUp {
  #session;
  #shown = "";
  #sent = null;

  constructor(session) {
    this.#session = session;
    this.element = el("div", { class: "follow-up" });
    this.problem = el("p", { class: "counter", role: "alert" });
  }

  show(state) {
    const { say } = this.#session;
    const record = state?.case ?? {};
    const key = [record.id, record.status, record.can_rate, record.can_reopen, record.csat].join();
    // A half-written comment must outlast other changes.
    if (key === this.#shown) return;
    this.#shown = key;
    this.refused();
    fill(this.element,
      record.can_reopen && el("div", { class: "reopen" }, el("p", {}, say("reopen_question")),
        press("quick", "reopen", () => this.#session.reopen(record.id), say("reopen"))),
      record.csat ? record.status === "closed" && done(record.csat, say) : record.can_rate && this.#survey(record.id, say));
  }

  /** Until the state has the rating, it may not have come: it is sent again after every welcome. */
  resend() {
    return this.#sent && this.#session.send(this.#sent);
  }

  refused() {
    this.#sent = null;
    this.problem.textContent = "";
  }

  #survey(caseId, say) {
    const comment = el("textarea", { id: "comment", rows: 2, maxlength: 1000, data: { testid: "survey-comment" } });
    const stars = [1, 2, 3, 4, 5].map((count) => el("label", { class: "star" },
      el("input", { type: "radio", name: "csat", value: count, "aria-label": say("survey_stars", { count }),
        data: { testid: `survey-star-${count}` } }),
      el("span", { "aria-hidden": "true" }, "★")));
    const likely = [...Array(11).keys()].map((count) => el("label", { class: "likely" },
      el("input", { type: "radio", name: "nps", value: count, data: { testid: `survey-nps-${count}` } }), `${count}`));
    const form = el("form", { class: "card", data: { testid: "survey" } },
      el("fieldset", {}, el("legend", {}, say("survey_question")), el("p", { class: "hint" }, say("survey_hint")),
        el("div", { class: "stars" }, stars)),
      el("fieldset", {}, el("legend", {}, say("survey_nps")), el("p", { class: "hint" }, say("survey_nps_hint")),
        el("div", { class: "scale" }, likely)),
      el("label", { for: "comment" }, say("survey_comment")), comment, this.problem,
      el("button", { class: "quick", data: { testid: "survey-send" } }, say("survey_send")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = Object.fromEntries(new FormData(form));
      const csat = Number(chosen.csat);
      const nps = chosen.nps && Number(chosen.nps);
      this.#sent = csat && { type: "survey", case_id: caseId, csat, nps, comment: comment.value.trim() || undefined };
      this.problem.textContent = say(csat ? this.resend() ? "sending" : "reconnecting" : "survey_choose");
    });
    return form;
  }
}

function done(count, say) {
  return el("p", { class: "card", role: "status", data: { testid: "survey-done" } }, say("survey_done", { count }));
}
