/** The right column: why it came, what is known, what was tried, what came before, what others have learned. */

import { el, moment } from "../shared/dom.js";
import { pieces, say } from "../shared/words.js";
import { answerList, matrixRow, similarList } from "./beside.js";
import { openEarlier } from "./earlier.js";
import { frustrationFigure, wordsOf } from "./frustration.js";
import { Section } from "./sections.js";
import { historyList, step, timeline } from "./timeline.js";
import { triageList } from "./triage.js";
import { contactWords, kindWords, plain, readable, reasonWords, signalWords, statusWords } from "./words.js";

/** The sections in their order, and whether they are open at first. */
const SECTIONS = { why: true, resolution: true, summary: true, mood: true, facts: true, similar: true, answers: true, customer: true,
  "customer-history": true, attempts: false, intents: false, notes: true, matrix: false, history: true };

const number = (value) => (Number.isInteger(value) ? String(value) : value.toFixed(2));
const muted = (text) => el("p", { class: "muted" }, text);

function why(record, options) {
  return [
    el("p", { class: "lead", data: { testid: "why-sentence" } }, record.why),
    muted(say("context.kind", { kind: kindWords(record.kind) })),
    el("ul", { class: "reasons" }, record.reasons.map((reason) => el("li", {},
      el("p", {}, el("b", {}, reasonWords(reason.reason)),
        reason.signal !== reason.reason && !reason.signal.startsWith("rule_") && el("span", { class: "muted" }, ` (${signalWords(reason.signal)})`)),
      el("p", { class: "measure" }, say(reason.value < reason.threshold ? "context.measure_below" : "context.measure", { value: number(reason.value), threshold: number(reason.threshold) })),
      reason.evidence.length > 0 && el("ul", { class: "evidence" }, reason.evidence.map((text) => el("li", {}, readable(text))))))),
    triageList(record, options),
  ];
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // No clipboard on plain http: the old way.
    const area = el("textarea", { class: "visually-hidden", value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = say("context.copied");
  button.focus();
  setTimeout(() => {
    button.textContent = say("context.copy");
  }, 1500);
}

function facts(record) {
  const entries = Object.entries(record.facts);
  if (entries.length === 0) return muted(say("context.nothing_yet"));
  return el("dl", { class: "facts" }, entries.map(([name, value]) => el("div", {},
    el("dt", {}, plain(name)),
    el("dd", {}, el("span", {}, value),
      el("button", { type: "button", class: "copy", "aria-label": say("context.copy_fact", { fact: plain(name) }), data: { testid: `copy-${name}` },
        onclick: (event) => copy(String(value), event.currentTarget) }, say("context.copy"))))));
}

function customer(person) {
  return [
    el("p", {}, el("b", {}, person.name || say("desk.visitor")), " ",
      el("span", { class: `badge ${person.verified ? "good" : "warn"}` }, say(person.verified ? "desk.verified" : "desk.unverified"))),
    muted([person.tier, person.email, person.first_seen_at && say("context.known_since", { when: moment(person.first_seen_at) })]
      .filter(Boolean).join(" · ")),
    !person.verified && muted(say("context.check_person")),
  ];
}

function intents(turns) {
  const counts = new Map();
  for (const turn of turns) counts.set(turn.intent, (counts.get(turn.intent) ?? 0) + 1);
  return counts.size === 0 ? muted(say("context.nothing"))
    : el("ul", { class: "chips" }, [...counts].map(([intent, count]) => el("li", {}, plain(intent), count > 1 && ` ×${count}`)));
}

/** The words of the customer that weighed, over all turns; in records that do not have them, as the reasons name them. */
function weighed(record) {
  const inTurns = record.turns.flatMap(wordsOf);
  const evidence = inTurns.length > 0 ? [...new Set(inTurns)]
    : record.reasons.filter((reason) => reason.reason === "frustration").flatMap((reason) => reason.evidence);
  return evidence.length > 0 && el("div", { class: "weighed" }, el("h3", {}, say("context.weighed")),
    el("ul", { class: "chips" }, evidence.map((text) => el("li", {}, readable(text)))));
}

/** The label of a code among the options of a form. */
function labelOf(options, code, key = "code") {
  return options.find((one) => one[key] === code)?.label ?? plain(code);
}

function resolution(record, options) {
  return [
    record.outcome && el("p", { class: "text" }, record.outcome),
    record.disposition && muted(say("context.cause", { how: labelOf(options.dispositions, record.disposition), cause: labelOf(options.root_causes, record.root_cause) })),
    record.csat && el("p", {}, say("context.rated", { stars: record.csat }), " ", record.csat_comment),
  ];
}

export class Context {
  #tools;
  #sections;
  #verdict;

  /** `tools`: `{store, verdict, knowledge, api, insert(text), useOutcome(text), mayWrite()}`. */
  constructor(tools) {
    this.#tools = tools;
    this.#verdict = tools.verdict;
    this.#sections = Object.fromEntries(Object.entries(SECTIONS).map(([name, open]) =>
      [name, new Section(name, say(`context.title_${name.replaceAll("-", "_")}`), open)]));
    this.#sections.why.element.append(this.#verdict);
    this.element = el("aside", { class: "column context", id: "context", "aria-label": say("context.label"), tabindex: "0" },
      Object.values(this.#sections).map((section) => section.element));
  }

  /** Draws what has changed of a CaseDetail; the reader's place and focus stay. */
  show(record) {
    const { store, knowledge, insert, useOutcome, mayWrite } = this.#tools;
    const draw = (name, data, content, count) => this.#sections[name].show(data, content, count);
    const writes = mayWrite();
    const texts = new Map(record.messages.map((message) => [message.seq, message.text]));
    const { conversations, cases } = record.customer_history;
    draw("why", [record.id, record.why, record.kind, record.reasons, record.triage, record.severity, record.history.length], () => why(record, store.options));
    draw("resolution", record.outcome || record.csat ? [record.outcome, record.csat, record.csat_comment, record.disposition] : null, () => resolution(record, store.options));
    draw("summary", [record.summary, record.plan], () => [el("p", {}, record.summary),
      record.plan && el("p", { data: { testid: "plan-text" } }, pieces("context.plan", { plan: el("b", {}, record.plan) }))]);
    draw("mood", [record.id, record.turns.length, record.reasons], () => [frustrationFigure(record.turns, (seq) => texts.get(seq) ?? ""), weighed(record)]);
    draw("facts", [record.facts, record.lines], () => [facts(record), (record.lines ?? []).map((line) => el("p", { class: "text quoted" }, line))]);
    draw("similar", [knowledge.similar, knowledge.off, writes], () => similarList(knowledge, writes && useOutcome), knowledge.similar?.length);
    draw("answers", [knowledge.answers, knowledge.off, writes], () => answerList(knowledge, writes && insert), knowledge.answers?.length);
    draw("customer", record.customer, () => customer(record.customer));
    draw("customer-history", [record.id, conversations, cases], () => this.#earlier(record), conversations.length + cases.length);
    draw("attempts", record.attempts, () => timeline(record.attempts.map((attempt) =>
      step(attempt.at, plain(attempt.action), attempt.outcome && muted(attempt.outcome))), say("context.nothing")), record.attempts.length);
    draw("intents", record.turns.map((turn) => turn.intent), () => intents(record.turns));
    draw("notes", record.notes, () => timeline(record.notes.map((note) =>
      step(note.at, el("b", {}, note.agent_name), el("p", { class: "text" }, note.text))), say("context.notes_none")), record.notes.length);
    draw("matrix", [knowledge.matrix?.version, record.category, record.severity, record.level], () => matrixRow(record, knowledge));
    draw("history", record.history, () => historyList(record), record.history.length);
  }

  #earlier(record) {
    const { conversations, cases } = record.customer_history;
    const problem = el("p", { class: "field-error", role: "alert" });
    const open = (past) => openEarlier(this.#tools.api, record.id, past, record.customer_name || say("desk.visitor"))
      .catch((error) => { problem.textContent = error.message; });
    return [
      record.contact_number > 1 && muted(contactWords(record.contact_number)),
      timeline([
        ...cases.map((past) => step(past.opened_at, [el("b", {}, past.number), ` ${labelOf(this.#tools.store.options.categories, past.category, "category")}, ${statusWords(past.status)}`],
          past.outcome && muted(past.outcome))),
        ...conversations.map((past, index) => step(past.started_at, past.topics.map(plain).join(", ") || say("context.conversation"),
          el("button", { type: "button", class: "button small", data: { testid: `earlier-${index}` }, onclick: () => open(past) }, say("context.read")))),
      ], say("context.first_contact")),
      problem,
    ];
  }
}
