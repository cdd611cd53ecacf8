/** What the customer sees of owner and case. */

import { el, fill } from "../shared/dom.js";
import { moment } from "../shared/format.js";

export class Banner {
  #retry;

  constructor(retry) {
    this.#retry = retry;
    this.owner = el("div", { class: "owner", role: "status", data: { testid: "chat-banner" } });
    this.line = el("div", { class: "line", role: "status", hidden: true, data: { testid: "chat-line" } });
    this.element = el("div", { class: "banner" }, this.owner, this.line);
  }

  showState(state, say) {
    const lines = ownerLines(state, say);
    const text = lines.join("\n");
    // A live region would repeat itself.
    if (this.owner.dataset.text === text) return;
    Object.assign(this.owner.dataset, { text, owner: state?.owner.type ?? "bot" });
    fill(this.owner, el("strong", {}, lines[0]), lines.slice(1).map((line) => el("span", {}, line)));
  }

  showLine(status, say) {
    this.line.hidden = status === "live";
    if (this.line.dataset.status === status) return;
    this.line.dataset.status = status;
    fill(this.line, this.line.hidden ? null : say(status), status === "failed" &&
      el("button", { type: "button", class: "link", onclick: this.#retry }, say("try_again")));
  }
}

function ownerLines(state, say) {
  const record = state?.case;
  const { type, name } = state?.owner ?? { type: "bot" };
  if (type === "bot") return [record?.can_reopen ? say("banner_solved", record) : say("banner_bot")];
  const lines = [];
  if (type === "agent") {
    lines.push(say("banner_agent", { name: name ?? record?.agent_name }));
    if (record) lines.push(say("banner_case", record));
  } else {
    lines.push(say("banner_queue", { queue: record?.queue ?? name }));
    if (record?.position) lines.push(say("banner_position", record));
  }
  if (record?.next_update_due) lines.push(say("next_update", { time: moment(record.next_update_due) }));
  return lines;
}

/** Reopening and the survey, while the state says that they are open. */
export class FollowUp {
  #hooks;
  #shown = "";

  constructor(hooks) {
    this.#hooks = hooks;
    this.element = el("div", { class: "follow-up" });
  }

  show(state, say) {
    const record = state?.case ?? {};
    const key = [record.id, record.status, record.can_rate, record.can_reopen, record.csat].join();
    // A half-written comment must outlast other changes.
    if (key === this.#shown) return;
    this.#shown = key;
    fill(
      this.element,
      record.can_reopen && el("div", { class: "reopen" }, el("p", {}, say("reopen_question")),
        el("button", { type: "button", class: "quick", data: { testid: "reopen" },
          onclick: () => this.#hooks.reopen(record.id) }, say("reopen"))),
      record.csat ? record.status === "closed" && done(record.csat, say) : record.can_rate && this.#survey(record.id, say),
    );
  }

  /** The server refused: back to what the state says. */
  refused(state, say) {
    this.#shown = "";
    this.show(state, say);
  }

  #survey(caseId, say) {
    const problem = el("p", { class: "counter bad", role: "alert" });
    const comment = el("textarea", { id: "comment", rows: 2, maxlength: 1000, data: { testid: "survey-comment" } });
    const stars = [1, 2, 3, 4, 5].map((count) => el("label", { class: "star" },
      el("input", { type: "radio", name: "csat", value: count, "aria-label": say("survey_stars", { count }),
        data: { testid: `survey-star-${count}` } }),
      el("span", { "aria-hidden": "true" }, "★")));
    const form = el("form", { class: "card", data: { testid: "survey" } },
      el("fieldset", {}, el("legend", {}, say("survey_question")), el("p", { class: "hint" }, say("survey_hint")),
        el("div", { class: "stars" }, stars)),
      el("label", { for: "comment" }, say("survey_comment")), comment, problem,
      el("button", { class: "quick", data: { testid: "survey-send" } }, say("survey_send")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const count = Number(form.querySelector(":checked")?.value);
      if (!count) problem.textContent = say("survey_choose");
      else if (this.#hooks.rate(caseId, count, comment.value.trim())) form.replaceWith(done(count, say));
      else problem.textContent = say("reconnecting");
    });
    return form;
  }
}

function done(count, say) {
  return el("p", { class: "card", role: "status", data: { testid: "survey-done" } }, say("survey_done", { count }));
}
