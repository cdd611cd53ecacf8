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
  functional: "needs another skill",
  hierarchical: "needs more authority",
  automatic: "a deadline",
  priority: "who or how severe",
};

const STEPS = {
  opened: "Opened", accepted: "Accepted", released: "Back to the queue", transferred: "Transferred",
  escalated: "Escalated", note: "Private note", resolved: "Resolved", reopened: "Reopened", survey: "Rated",
  next_update: "New update time promised",
};

export const reasonWords = (reason) => REASONS[reason] ?? plain(reason);
export const kindWords = (kind) => KINDS[kind] ?? plain(kind);
export const stepWords = (kind) => STEPS[kind] ?? plain(kind);

/** A code that has no words of its own, readable: "faq/billing_renewal" -> "faq: billing renewal". */
export function plain(code) {
  return String(code ?? "").replace(/^action_/, "").replace("/", ": ").replaceAll("_", " ");
}

/** 1 -> "1st", for "3rd contact". */
export function ordinal(number) {
  const suffix = { one: "st", two: "nd", few: "rd", other: "th" };
  return number + suffix[new Intl.PluralRules("en", { type: "ordinal" }).select(number)];
}

/** Frustration between 0 and 1 as a word. */
export function mood(value) {
  if (value < 0.25) return "calm";
  if (value < 0.5) return "uneasy";
  if (value < 0.75) return "frustrated";
  return "very frustrated";
}

/** The word and a bar; the word carries the meaning, colour and length repeat it. */
export function moodMeter(value) {
  const bar = el("span", { class: "bar", "aria-hidden": "true" }, el("span"));
  bar.firstChild.style.width = `${Math.round(value * 100)}%`;
  return el("span", { class: "mood", data: { mood: mood(value).replace(" ", "-") } }, bar, mood(value));
}
