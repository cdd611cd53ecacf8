/** The history of a case as sentences: who did what when, and why. */

import { day, el, moment } from "../shared/dom.js";
import { locale, say } from "../shared/words.js";
import { deadlineWords, plain, pounds, stepWords, verdictWords } from "./words.js";

/** A list of steps, or a sentence that says that there are none. */
export function timeline(items, none) {
  return items.length === 0 ? el("p", { class: "muted" }, none) : el("ol", { class: "timeline" }, items);
}

export function step(at, head, ...lines) {
  return el("li", {}, el("time", { datetime: at ?? "" }, at ? moment(at) : ""), el("p", {}, head), ...lines);
}

/** What a row says besides its kind, by the fields of its data; each gives a sentence or nothing. */
const DETAILS = [
  ({ verdict }) => verdict && verdictWords(verdict),
  ({ from, to }, kind) => kind === "severity_changed" && (from === to ? say("context.severity_same") : say("context.severity_from", { from, to })),
  ({ to }, kind) => kind === "language_changed" && new Intl.DisplayNames(locale(), { type: "language" }).of(to.split("-")[0]),
  ({ wrong_category: wrong }) => wrong === true && say("context.wrong_queue"),
  ({ nobody_there: nobody }) => nobody && say("context.nobody_there"),
  ({ agent_name: name }, kind) => ["offered", "declined", "offer_expired", "offer_withdrawn"].includes(kind) && name && say("context.to_whom", { name }),
  ({ from_agent_name: name }) => name && say("context.from_whom", { name }),
  ({ into_number: number }) => number && say("context.merged_into", { number }),
  ({ number }, kind) => kind === "merged_in" && number && say("context.merged_from", { number }),
  ({ waiting_for: who }) => who && say(`desk.waits_for_${who}`),
  ({ deadline }) => deadline && deadlineWords(deadline),
  ({ tried }) => tried && say("context.tried", { what: tried }),
  ({ next_step: next }) => next && say("context.next", { what: next }),
  ({ line }) => line && say("context.told", { what: line }),
  ({ result }, kind) => kind === "followed_up" && result && say(`actions.result_${result}`),
  ({ again_on: again }) => again && say("context.again_on", { day: day(again) }),
  ({ amount, kind }, step) => step === "authority_used" && amount && `${plain(kind)}: ${pounds(amount)}`,
];

export function historyList(record) {
  return timeline(record.history.map((entry) => {
    const name = entry.actor_type === "system" ? say("context.by_itself") : entry.actor_name && say("context.by", { name: entry.actor_name });
    const details = DETAILS.map((detail) => detail(entry.data ?? {}, entry.kind)).filter(Boolean);
    return step(entry.at, [el("b", {}, stepWords(entry.kind)), name && ` ${name}`],
      details.map((text) => el("p", { class: "muted" }, text)), entry.text && el("p", { class: "muted text" }, entry.text));
  }), say("context.nothing_yet"));
}
