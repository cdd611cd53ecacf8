/** Codes in words, for people. */

import { el } from "../shared/dom.js";
import { currentLanguage, hasWord, say } from "../shared/words.js";

export const VERDICTS = ["needed", "not_needed", "should_have_come_earlier"];

/** The word for a code of a kind, or the code made readable: the server may know more codes than the page. */
const words = (key, code) => (hasWord(key) ? say(key) : plain(code));

export const verdictWords = (code) => words(`codes.verdict_${code}`, code);
export const reasonWords = (code) => words(`codes.reason_${code}`, code);
export const signalWords = (code) => words(`codes.signal_${code}`, code);
export const kindWords = (code) => words(`codes.kind_${code}`, code);
export const stepWords = (code) => words(`codes.step_${code}`, code);
export const deadlineWords = (code) => words(`codes.deadline_${code}`, code);
export const obstacleWords = (code) => words(`codes.obstacle_${code}`, code);
export const presenceWords = (code) => words(`codes.presence_${code}`, code);
export const statusWords = (code) => words(`codes.status_${code}`, code);
export const roleWords = (code) => words(`codes.role_${code}`, code);

/** What the assistant calls something, in words: its own name in the reader's language, or the code made readable, as in "FAQ: billing renewal". */
export function plain(code) {
  if (code === "nlu_fallback") return say("codes.not_understood");
  const name = String(code ?? "").replace(/^(action|utter)_/, "");
  return hasWord(`codes.name_${name}`) ? say(`codes.name_${name}`) : name.replace(/^faq\//, "FAQ: ").replace("/", ": ").replaceAll("_", " ");
}

// A code stands alone: part of an address, a path or a file name is none.
const CODE = /(?<![\w@./-])(?:faq\/)?[a-z]+(?:_[a-z]+)+(?![\w@/-]|\.\w)/g;

/** A sentence of the record with the codes in it made readable: "18 November: order_status" -> "18 November: order status". */
export function readable(text) {
  return text.replace(CODE, plain);
}

/** "3rd contact", "3. Kontakt". */
export function contactWords(number) {
  const form = new Intl.PluralRules(currentLanguage(), { type: "ordinal" }).select(number);
  return say(`codes.contact_${form}`, { number });
}

/** Frustration between 0 and 1 as a code: limits of the server's summary (`handoff/domain/summary.py`). */
export function mood(value) {
  if (value < 0.35) return "calm";
  return value < 0.6 ? "tense" : "frustrated";
}

export const moodWords = (value) => say(`codes.mood_${mood(value)}`);

/** The word and a bar; the word carries the meaning, colour and length repeat it. */
export function moodMeter(value) {
  const bar = el("span", { class: "bar", "aria-hidden": "true" }, el("span"));
  bar.firstChild.style.width = `${Math.round(value * 100)}%`;
  return el("span", { class: "mood", data: { mood: mood(value) } }, bar, moodWords(value));
}

/** A sum in pounds as the API writes it ("150.00"), in the reader's language. */
export function pounds(sum) {
  return new Intl.NumberFormat(currentLanguage() === "en" ? "en-GB" : currentLanguage(), { style: "currency", currency: "GBP" }).format(sum);
}
