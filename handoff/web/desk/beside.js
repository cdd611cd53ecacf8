/** What others have learned and what the policy says, beside the case: similar cases, FAQ answers, the row of the matrix. */

import { el, moment } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { duration } from "./clocks.js";
import { pounds } from "./words.js";

const looking = () => el("p", { class: "muted" }, say("context.looking"));
const none = (off, text) => el("p", { class: "muted" }, off || text);
const percent = (share) => say("context.likeness", { percent: Math.round(share * 100) });

/** Closed cases like this one; `use(outcome)` takes the words over, where one may. */
export function similarList({ similar, off }, use) {
  if (similar === null) return looking();
  if (similar.length === 0) return none(off, say("context.similar_none"));
  return el("ul", { class: "cards" }, similar.map((one) => el("li", {},
    el("p", {}, el("b", { class: "number" }, one.number), ` ${one.problem} `, el("span", { class: "muted" }, percent(one.likeness))),
    one.outcome && el("p", { class: "text" }, one.outcome),
    el("p", { class: "muted" }, [one.disposition, one.root_cause, one.agent_name, one.csat && say("context.rated", { stars: one.csat }), moment(one.resolved_at)]
      .filter(Boolean).join(" · ")),
    one.outcome && use && el("button", { type: "button", class: "button small", data: { testid: `use-outcome-${one.number}` },
      "aria-label": say("context.use_outcome_of", { number: one.number }), onclick: () => use(one.outcome) }, say("context.use_outcome")))));
}

/** The FAQ answers nearest to the problem; `insert(text)` puts one into the reply, where one may write. */
export function answerList({ answers, off }, insert) {
  if (answers === null) return looking();
  if (answers.length === 0) return none(off, say("context.answers_none"));
  return el("ul", { class: "cards" }, answers.map((one, index) => el("li", {},
    el("p", {}, el("b", {}, one.question), one.given && el("span", { class: "badge warn" }, say("context.given"))),
    el("p", { class: "text" }, one.answer),
    insert && el("button", { type: "button", class: "button small", data: { testid: `insert-answer-${index}` },
      "aria-label": say("context.insert_of", { question: one.question }), onclick: () => insert(one.answer) }, say("context.insert")))));
}

const span = (seconds) => duration(seconds * 1000);

/** The row of the matrix that holds for the case, and what one's own level may decide. */
export function matrixRow(record, { matrix }) {
  const category = matrix?.categories.find((one) => one.category === record.category);
  const target = category?.targets.find((one) => one.severity === record.severity);
  const severity = matrix?.severities.find((one) => one.severity === record.severity);
  const level = matrix?.levels.find((one) => one.level === record.level);
  if (!target) return el("p", { class: "muted" }, say("context.matrix_none"));
  const row = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  return [
    el("dl", { class: "pairs" },
      row(say("context.matrix_queue"), `${category.label}, ${say(category.open_now ? "context.open_now" : "context.closed_now")}`),
      row(say("context.severity"), `${record.severity} ${severity.name}: ${severity.meaning}`),
      row(say("context.matrix_level"), `${level.name}: ${level.does}`),
      row(say("context.target_first"), span(target.first_response_seconds)),
      row(say("context.target_next"), span(target.next_update_seconds)),
      row(say("context.target_solution"), span(target.resolution_seconds))),
    el("h3", {}, say("context.your_limits")),
    el("dl", { class: "pairs" }, matrix.authority.map((one) => row(one.label, Number(one.yours) > 0 ? say("context.up_to", { sum: pounds(one.yours) }) : say("context.not_yours")))),
    el("p", { class: "muted" }, say("context.matrix_version", { version: matrix.version })),
  ];
}
