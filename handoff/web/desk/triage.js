/** The triage of a case: its answers as a list, and the dialog in which an agent corrects severity and answers. */

import { el } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { openForm } from "./dialogs.js";
import { plain, pounds } from "./words.js";

const NOBODY_ASKED = { customers: 1, money: false, amount: null, reputation: false, legal: [], business_critical: false, safety: [] };

const yes = (value) => say(value ? "context.yes" : "context.no");

function riskNames(codes, risks) {
  if (codes.length === 0) return say("context.no");
  return codes.map((code) => risks.find((risk) => risk.code === code)?.label ?? plain(code)).join(", ");
}

/** What was answered to a question, in words. */
export function answerWords(answers, { code, risks }) {
  if (code === "customers") return String(answers.customers);
  if (code === "money") return answers.amount === null ? yes(answers.money) : `${say("context.yes")}, ${pounds(answers.amount)}`;
  return Array.isArray(answers[code]) ? riskNames(answers[code], risks) : yes(answers[code]);
}

export function severityWords(severity, options) {
  const known = options.severities.find((option) => option.severity === severity);
  return known ? say("context.severity_name", { severity, name: known.name }) : say("desk.severity", { severity });
}

/** "Triage", with the questions of the policy and what was answered. */
export function triageList(record, options) {
  const corrected = record.history.findLast((entry) => entry.kind === "severity_changed");
  return el("div", { class: "triage", data: { testid: "triage" } }, el("h3", {}, say("context.triage")),
    el("p", { class: "muted", data: { testid: "triage-severity" } }, `${severityWords(record.severity, options)}.`,
      corrected && ` ${say("context.severity_set", { name: corrected.actor_name, why: corrected.text })}`),
    record.triage === null ? el("p", { class: "muted" }, say("context.triage_none"))
      : el("dl", {}, options.triage.map((question) => el("div", {},
        el("dt", {}, question.question), el("dd", { data: { testid: `triage-${question.code}` } }, answerWords(record.triage, question))))));
}

/** The controls of one question, and `read()`, which gives its part of the answers. */
function controlsFor({ code, question, risks }, answers) {
  const id = `severity-${code}`;
  const tick = (key, label, checked) => {
    const box = el("input", { type: "checkbox", id: `${id}-${key}`, checked, data: { testid: `${id}-${key}` } });
    return { box, element: el("label", { class: "check", for: box.id }, box, el("span", {}, label)) };
  };
  if (code === "customers") {
    const input = el("input", { type: "number", id, min: "1", max: "1000000", value: answers.customers, data: { testid: id } });
    return { element: el("div", { class: "field" }, el("label", { for: id }, question), input),
      read: () => ({ customers: Number(input.value) }) };
  }
  if (Array.isArray(answers[code])) {
    const gone = answers[code].filter((risk) => !risks.some((known) => known.code === risk))
      .map((risk) => ({ code: risk, label: plain(risk) }));
    const ticks = [...risks, ...gone].map((risk) => ({ risk, ...tick(risk.code, risk.label, answers[code].includes(risk.code)) }));
    return { element: el("fieldset", { class: "field" }, el("legend", {}, question), ticks.map(({ element }) => element)),
      read: () => ({ [code]: ticks.filter(({ box }) => box.checked).map(({ risk }) => risk.code) }) };
  }
  const { box, element } = tick("yes", say("context.yes"), answers[code]);
  if (code !== "money") {
    return { element: el("fieldset", { class: "field" }, el("legend", {}, question), element), read: () => ({ [code]: box.checked }) };
  }
  const sum = el("input", { type: "number", id: `${id}-amount`, min: "0", max: "1000000", step: "0.01", value: answers.amount ?? "",
    data: { testid: `${id}-amount` } });
  // Whoever writes a sum has said that money is at stake.
  sum.addEventListener("input", () => { box.checked ||= sum.value !== ""; });
  box.addEventListener("change", () => { if (!box.checked) sum.value = ""; });
  return { element: el("fieldset", { class: "field" }, el("legend", {}, question), element,
    el("label", { class: "check", for: sum.id }, say("context.sum")), sum),
    read: () => ({ money: box.checked, amount: sum.value === "" ? null : Number(sum.value) }) };
}

/** Opens the dialog; `act(body)` stores what was chosen and tells of it. */
export function openSeverity(record, options, act) {
  const answers = record.triage ?? NOBODY_ASKED;
  const questions = options.triage.map((question) => controlsFor(question, answers));
  openForm({
    testid: "severity", title: say("actions.title_severity", { number: record.number }), action: say("actions.do_severity"),
    text: say("actions.text_severity"),
    before: el("div", { class: "questions" }, questions.map(({ element }) => element)),
    fields: [
      { name: "severity", label: say("context.severity"), value: String(record.severity), options: options.severities.map(
        ({ severity, name, meaning }) => [String(severity), `${severity} ${name}: ${meaning}`]) },
      { name: "reason", label: say("desk.reason"), limit: 1000, hint: say("desk.for_colleagues") },
    ],
    submit: ({ severity, reason }) => act(
      { severity: Number(severity), reason, triage: Object.assign({}, ...questions.map(({ read }) => read())) },
      say("context.kept", { what: severityWords(Number(severity), options) })),
  });
}
