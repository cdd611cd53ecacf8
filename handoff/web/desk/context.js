/** The right column: why it came, what is known, what was tried, what came before. */

import { el, fill, moment } from "../shared/dom.js";
import { frustrationFigure } from "./frustration.js";
import { triageList } from "./triage.js";
import { kindWords, plain, readable, reasonWords, stepWords, verdictWords } from "./words.js";

function section(title, testid, ...content) {
  return el("section", { class: "block", data: { testid } }, el("h3", {}, title), ...content);
}

function number(value) {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

function why(record, verdict, options) {
  return section("Why it came to you", "why",
    el("p", { class: "lead", data: { testid: "why-sentence" } }, record.why),
    el("p", { class: "muted" }, `Kind of escalation: ${kindWords(record.kind)}.`),
    el("ul", { class: "reasons" }, record.reasons.map((reason) => el("li", {},
      el("p", {}, el("b", {}, reasonWords(reason.reason)),
        reason.signal !== reason.reason && el("span", { class: "muted" }, ` (${plain(reason.signal)})`)),
      el("p", { class: "measure" }, `${number(reason.value)} against a threshold of ${number(reason.threshold)}`),
      reason.evidence.length > 0 && el("ul", { class: "evidence" }, reason.evidence.map((text) => el("li", {}, readable(text))))))),
    triageList(record, options),
    verdict);
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
  button.textContent = "Copied";
  button.focus();
  setTimeout(() => {
    button.textContent = "Copy";
  }, 1500);
}

function facts(record) {
  const entries = Object.entries(record.facts);
  return section("What the customer gave", "facts", entries.length === 0 ? el("p", { class: "muted" }, "Nothing yet.")
    : el("dl", { class: "facts" }, entries.map(([name, value]) => el("div", {},
      el("dt", {}, plain(name)),
      el("dd", {}, el("span", {}, value),
        el("button", { type: "button", class: "copy", "aria-label": `Copy ${plain(name)}`,
          onclick: (event) => copy(String(value), event.currentTarget) }, "Copy"))))));
}

function customer(record) {
  const person = record.customer;
  return section("Customer", "customer",
    el("p", {}, el("b", {}, person.name || "Visitor"), " ",
      el("span", { class: `badge ${person.verified ? "good" : "warn"}` }, person.verified ? "verified" : "unverified")),
    el("p", { class: "muted" }, [person.tier, person.email, person.first_seen_at && `known since ${moment(person.first_seen_at)}`]
      .filter(Boolean).join(" · ")),
    !person.verified && el("p", { class: "muted" }, "The website did not vouch for this person: check before you act on an account."));
}

function timeline(items, none) {
  return items.length === 0 ? el("p", { class: "muted" }, none) : el("ol", { class: "timeline" }, items);
}

function step(at, head, ...lines) {
  return el("li", {}, el("time", { datetime: at ?? "" }, at ? moment(at) : ""), el("p", {}, head), ...lines);
}

function tried(record) {
  return section("What the bot tried", "attempts", timeline(record.attempts.map((attempt) =>
    step(attempt.at, plain(attempt.action), attempt.outcome && el("p", { class: "muted" }, attempt.outcome))), "Nothing."));
}

function intents(record) {
  const counts = new Map();
  for (const turn of record.turns) counts.set(turn.intent, (counts.get(turn.intent) ?? 0) + 1);
  return section("What was understood", "intents", counts.size === 0 ? el("p", { class: "muted" }, "Nothing.")
    : el("ul", { class: "chips" }, [...counts].map(([intent, count]) =>
      el("li", {}, plain(intent), count > 1 && ` ×${count}`))));
}

function notes(record) {
  return section("Private notes", "notes", timeline(record.notes.map((note) =>
    step(note.at, el("b", {}, note.agent_name), el("p", { class: "text" }, note.text))), "None yet."));
}

function earlier(record) {
  const { conversations, cases } = record.customer_history;
  return section("Earlier contacts", "customer-history", timeline([
    ...cases.map((past) => step(past.opened_at, [el("b", {}, past.number), ` ${plain(past.category)}, ${past.status}`],
      past.outcome && el("p", { class: "muted" }, past.outcome))),
    ...conversations.map((past) => step(past.started_at, past.topics.map(plain).join(", ") || "conversation",
      past.outcome && el("p", { class: "muted" }, past.outcome))),
  ], "This is the first contact."));
}

function history(record) {
  return section("History of this case", "history", timeline(record.history.map((entry) =>
    step(entry.at, [el("b", {}, stepWords(entry.kind)), entry.actor_name && ` by ${entry.actor_name}`],
      entry.data?.verdict && el("p", { class: "muted" }, verdictWords(entry.data.verdict)),
      entry.kind === "severity_changed" && el("p", { class: "muted" }, entry.data.from === entry.data.to
        ? "The answers were corrected." : `From severity ${entry.data.from} to ${entry.data.to}.`),
      entry.data?.wrong_category === true && el("p", { class: "muted" }, "It had come to the wrong queue."),
      entry.data?.tried && el("p", { class: "muted" }, `Tried: ${entry.data.tried}`),
      entry.data?.next_step && el("p", { class: "muted" }, `Next: ${entry.data.next_step}`),
      entry.text && el("p", { class: "muted text" }, entry.text))), "Nothing yet."));
}

function resolution(record) {
  if (!record.outcome && !record.csat) return null;
  return section("Resolution", "resolution",
    record.outcome && el("p", {}, record.outcome),
    record.disposition && el("p", { class: "muted" }, `${plain(record.disposition)}; cause: ${plain(record.root_cause)}`),
    record.csat && el("p", {}, `Rated ${record.csat} of 5. `, record.csat_comment));
}

/** Fills the column with a CaseDetail; `verdict` is the element that judges it, the same one each time. */
export function showContext(column, record, verdict, options) {
  const focused = verdict.contains(document.activeElement) ? document.activeElement : null;
  const texts = new Map(record.messages.map((message) => [message.seq, message.text]));
  const scroll = column.scrollTop;
  fill(column,
    why(record, verdict, options), resolution(record),
    section("In short", "summary", el("p", {}, record.summary)),
    section("Frustration, turn by turn", "mood", frustrationFigure(record.turns, (seq) => texts.get(seq) ?? "")),
    facts(record), customer(record), tried(record), intents(record), notes(record), earlier(record), history(record));
  // A change must not throw the reader back to the top.
  column.scrollTop = scroll;
  focused?.focus({ preventScroll: true });
}
