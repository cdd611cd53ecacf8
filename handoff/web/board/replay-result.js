/** What a replay found: the numbers under both policies, handoffs an hour against staffing, and each conversation that changes. */

import { barChart, pairedChart } from "../shared/charts.js";
import { el, fill } from "../shared/dom.js";
import { hasWord, say } from "../shared/words.js";
import { at, shortDay, told } from "./figures.js";
import { openMonitor } from "./monitor.js";
import { button, caseLink, empty } from "./parts.js";

const PAGE = 25;
const RANK = { none: 0, offer: 1, now: 2 };
const rise = (change) => RANK[change.after.action] - RANK[change.before.action];
const WHICH = {
  all: () => true,
  more: (change) => rise(change) > 0,
  less: (change) => rise(change) < 0,
  judged: (change) => change.verdicts.length > 0,
};
const number = (value) => told("per_hundred", value);
const count = (value) => told("counts", value);
/** A code of the server as a word, or as it is where the page does not know it. */
const word = (key, code) => (hasWord(key) ? say(key) : code.replaceAll("_", " "));

export function drawResult(place, desk, found) {
  const title = el("h2", {}, say("replay.title", { policy: found.policy }));
  if (found.conversations === 0) {
    fill(place, el("section", { class: "board-card wide" }, title, empty(say("replay.about_none"))));
    return;
  }
  fill(place,
    el("section", { class: "board-card wide" },
      el("div", { class: "replay-head" }, title, el("button", { type: "button", class: "button replay-print", onclick: () => print(), data: { testid: "replay-print" } }, say("replay.print"))),
      el("p", { class: "muted" }, say("replay.about", { conversations: count(found.conversations), turns: count(found.turns), first: shortDay(found.first_day), last: shortDay(found.last_day),
        zone: found.zone, under: Object.keys(found.decided_under).filter(Boolean).join(", ") || "–" })),
      el("p", { class: "muted" }, say("replay.first_difference"), found.incomplete > 0 && [" ", say("replay.incomplete", { count: found.incomplete })]),
      tiles(found)),
    el("div", { class: "board-grid even" }, el("section", { class: "board-card" }, hours(found)), el("section", { class: "board-card" }, reasons(found))),
    changes(desk, found));
}

function tiles(found) {
  const tile = (name, figure, values = {}) => el("li", { data: { testid: `replay-${name}` } },
    el("b", {}, say("replay.from_to", { was: count(figure.as_decided), other: count(figure.other) })), " ", say(`replay.tile_${name}`, values),
    figure.not_known > 0 && [" ", el("small", {}, say("replay.more_open", { count: count(figure.not_known) }))]);
  return el("ul", { class: "board-tiles" },
    el("li", { data: { testid: "replay-changes" } }, el("b", {}, count(found.changes)), " ", say("replay.tile_changes", { count: count(found.conversations) })),
    tile("handoffs", found.handoffs), tile("offers", found.offers), tile("false", found.false, { count: found.judged }), tile("missed", found.missed));
}

const words = (found) => ({ was: say("replay.was"), other: say("replay.other", { policy: found.policy }), open: say("replay.open"), ceiling: say("replay.capacity"),
  table: say("board.as_table"), nothing: say("board.nothing"), day: say("replay.hour"), kind: say("board.head_kind"), now: say("replay.other", { policy: found.policy }) });

function hours(found) {
  const over = found.hours.filter((hour) => hour.capacity !== null && hour.other > hour.capacity).length;
  return [pairedChart({ title: say("replay.hours"), description: say(found.hours.some((hour) => hour.capacity !== null) ? "replay.hours_text" : "replay.hours_nobody"),
    labels: found.hours.map((hour) => `${hour.hour}:00`), pairs: found.hours.map((hour) => ({ was: hour.as_decided, other: hour.other, open: hour.not_known })),
    ceiling: found.hours.map((hour) => hour.capacity), format: number, words: words(found), testid: "replay-hours" }),
  over > 0 && el("p", { class: "late", data: { testid: "replay-over" } }, say("replay.over", { count: over }))];
}

function reasons(found) {
  const rows = Object.entries(found.reasons).map(([name, figure]) => ({ label: word(`codes.reason_${name}`, name), value: figure.other,
    note: say(figure.not_known > 0 ? "replay.reason_open" : "replay.reason_note", { was: count(figure.as_decided), open: count(figure.not_known) }) }));
  return barChart({ title: say("replay.reasons"), description: say("replay.reasons_text"), rows, format: count, words: words(found), testid: "replay-reasons" });
}

function changes(desk, found) {
  const list = el("div", { class: "replay-changes" });
  const note = el("p", { class: "muted", role: "status" });
  const more = button(say("replay.show_more"), "replay-more", () => draw(shown + PAGE), { data: { testid: "replay-more" } });
  const which = el("select", { id: "replay-which", data: { testid: "replay-which" }, onchange: () => draw(PAGE) }, Object.keys(WHICH).map((one) => el("option", { value: one }, say(`replay.which_${one}`))));
  let shown = PAGE;

  function draw(upto) {
    shown = upto;
    const chosen = found.changed.filter(WHICH[which.value]);
    fill(list, chosen.length === 0 ? empty(say(found.changes === 0 ? "replay.no_changes" : "replay.none_of_these")) : chosen.slice(0, shown).map((one) => changed(desk, one)));
    more.hidden = chosen.length <= shown;
    const total = which.value === "all" ? found.changes : chosen.length;
    note.textContent = Math.min(shown, chosen.length) < total ? say("replay.first_of", { shown: count(Math.min(shown, chosen.length)), count: count(total) }) : "";
  }

  draw(PAGE);
  return el("section", { class: "board-card wide", "aria-labelledby": "replay-changed", data: { testid: "replay-changed" } },
    el("h2", { id: "replay-changed" }, say("replay.changed"), " ", el("span", { class: "muted" }, count(found.changes))),
    el("div", { class: "board-controls" }, el("div", { class: "field" }, el("label", { for: which.id }, say("replay.which")), which)),
    note, list, more);
}

function changed(desk, one) {
  const queues = new Map(desk.store.options.categories.map((option) => [option.category, option.label]));
  const decided = (decision) => (decision.action === "none" ? say("replay.carries_on") : decision.action === "offer" ? say("replay.offers")
    : say("replay.hands_over", { queue: queues.get(decision.category), severity: decision.severity, level: decision.level }));
  const place = { turn: one.turn, at: at(one.at) };
  const past = { past: true, conversation_id: one.conversation, customer_name: say("replay.customer"), owner_type: null, case_id: one.record?.id ?? null, flag: null };
  return el("article", { class: "replay-change", data: { testid: "replay-change", conversation: one.conversation, rise: Math.sign(rise(one)) } },
    el("h3", {}, !one.exact && "≈ ", say("replay.instead", { was: decided(one.before), other: decided(one.after) })),
    el("p", { class: "replay-where" }, one.record && caseLink(one.record.id, one.record.number), el("span", { class: "muted" }, say("replay.turn", place)),
      button(say("replay.read"), `replay-read-${one.conversation}`, () => openMonitor(desk, past, () => {}), { "aria-label": say("replay.read_of", place), data: { testid: "replay-read" } })),
    one.text && el("q", {}, one.text),
    el("ul", { class: "replay-why" }, one.differences.length > 0 ? one.differences.map((difference) => el("li", {}, why(difference)))
      : el("li", {}, say(rise(one) === 0 ? "replay.elsewhere" : "replay.weighed"))),
    one.verdicts.map((verdict) => el("p", { class: "muted" }, say("replay.verdict", { number: verdict.case, verdict: word(`codes.verdict_${verdict.verdict}`, verdict.verdict),
      was: say(`replay.judged_${verdict.as_decided}`), other: say(`replay.judged_${verdict.other}`) }))));
}

function why(difference) {
  const measured = (one) => (one === null ? say("replay.no_signal") : say(one.weight === 1 ? "replay.measure" : "replay.measure_weighed",
    { value: short(one.value), threshold: short(one.threshold), weight: short(one.weight) }));
  const text = say("replay.difference", { signal: word(`codes.reason_${difference.signal}`, difference.signal), other: measured(difference.is_now), was: measured(difference.was) });
  return difference.evidence.length > 0 ? say("replay.evidence", { difference: text, evidence: difference.evidence.join(", ") }) : text;
}

const short = (value) => String(Math.round(value * 100) / 100);
