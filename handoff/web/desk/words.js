/** Codes in words, for people. */

import { el } from "../shared/dom.js";

const REASONS = {
  explicit_request: "asked for a person",
  frustration: "frustration",
  repeat_contact: "repeat contact",
  repeated_fallback: "not understood again and again",
  low_confidence: "bot was unsure",
  policy: "policy",
  authority: "beyond the bot's authority",
  bot_error: "bot failure",
  sla: "deadline",
};

const KINDS = {
  functional: "functional (another skill is needed)",
  hierarchical: "hierarchical (more authority is needed)",
  automatic: "automatic (a deadline ran out)",
  priority: "priority (who it is, or how severe)",
};

const STEPS = {
  opened: "Opened", accepted: "Accepted", released: "Back to the queue", transferred: "Transferred",
  escalated: "Escalated", note: "Private note", resolved: "Resolved", reopened: "Reopened", survey: "Rated",
  next_update: "New update time promised", judged: "Was a person needed?",
  severity_changed: "Severity and triage",
  contact_taken: "E-mail address left",
};

export const VERDICTS = {
  needed: "Needed", not_needed: "Not needed", should_have_come_earlier: "Should have come earlier",
};

export const verdictWords = (code) => VERDICTS[code] ?? plain(code);
export const reasonWords = (reason) => REASONS[reason] ?? plain(reason);
export const kindWords = (kind) => KINDS[kind] ?? plain(kind);
export const stepWords = (kind) => STEPS[kind] ?? plain(kind);

/** A code that has no words of its own, readable: "order_status" -> "order status", "faq/billing_renewal" -> "FAQ: billing renewal". */
export function plain(code) {
  if (code === "nlu_fallback") return "not understood";
  return String(code ?? "").replace(/^(action|utter)_/, "").replace(/^faq\//, "FAQ: ").replace("/", ": ").replaceAll("_", " ");
}

// A code stands alone: part of an address, a path or a file name is none.
const CODE = /(?<![\w@./-])(?:faq\/)?[a-z]+(?:_[a-z]+)+(?![\w@/-]|\.\w)/g;

/** A sentence of the record with the codes in it made readable: "18 November: order_status" -> "18 November: order status". */
export function readable(text) {
  return text.replace(CODE, plain);
}

/** 1 -> "1st", for "3rd contact". */
export function ordinal(number) {
  const suffix = { one: "st", two: "nd", few: "rd", other: "th" };
  return number + suffix[new Intl.PluralRules("en", { type: "ordinal" }).select(number)];
}

/** Frustration between 0 and 1 as a word: words and limits of the server's summary (`handoff/domain/summary.py`). */
export function mood(value) {
  if (value < 0.35) return "calm";
  return value < 0.6 ? "tense" : "frustrated";
}

/** The word and a bar; the word carries the meaning, colour and length repeat it. */
export function moodMeter(value) {
  const bar = el("span", { class: "bar", "aria-hidden": "true" }, el("span"));
  bar.firstChild.style.width = `${Math.round(value * 100)}%`;
  return el("span", { class: "mood", data: { mood: mood(value) } }, bar, mood(value));
}
