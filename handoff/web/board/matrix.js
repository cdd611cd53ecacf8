/** The escalation matrix in force, as everybody can read it, with its version. */

import { el, fill, moment } from "../shared/dom.js";
import { hasWord, locale, say } from "../shared/words.js";
import { pounds } from "../desk/words.js";
import { span, told } from "./figures.js";
import { empty, table } from "./parts.js";

export function open(desk, said) {
  const element = el("div", { class: "board-time", data: { testid: "matrix" } });

  async function load() {
    try {
      const found = await desk.api.get("/matrix");
      said(null);
      draw(found);
    } catch (error) {
      said(error);
    }
  }

  function draw(found) {
    const levels = new Map(found.levels.map((one) => [one.level, one.name]));
    const queues = new Map(found.categories.map((one) => [one.category, one.label]));
    const severities = new Map(found.severities.map((one) => [one.severity, one.name]));
    const card = (title, ...children) => el("section", { class: "board-card wide" }, el("h2", {}, title), children);
    const targets = (one) => (one ? [span(one.first_response_seconds), span(one.next_update_seconds), span(one.resolution_seconds)].join(" · ") : "–");
    fill(element,
      el("p", { class: "muted", data: { testid: "matrix-version" } }, say(found.since ? "board.matrix_since" : "board.matrix_version", { version: found.version, at: found.since && moment(found.since) }), " ", say("board.matrix_text")),
      found.problem && el("p", { class: "alert", role: "alert", data: { testid: "matrix-problem" } }, say("board.matrix_problem", { problem: found.problem })),
      card(say("board.targets"), el("p", { class: "muted" }, say("board.targets_text")),
        table(say("board.targets"), [say("board.head_queue"), ...found.severities.map((one) => `${one.severity}: ${one.name}`)],
          found.categories.map((one) => [[one.label, " ", !one.open_now && el("span", { class: "badge warn" }, say("board.closed"))],
            ...found.severities.map(({ severity }) => targets(one.targets.find((target) => target.severity === severity)))]))),
      card(say("board.hours"), hoursTable(found.categories), holidays(found.categories)),
      card(say("board.by_itself"), byItself(found, severities)),
      card(say("board.rules"), found.rules.length === 0 ? empty(say("board.no_rules"))
        : table(say("board.rules"), ["rule", "when", "then", "queue", "severity", "level"].map((name) => say(`board.head_${name}`)), found.rules.map((rule) => [rule.label,
          el("ul", { class: "matrix-when" }, rule.when.map(condition)), say(`board.then_${rule.action}`), rule.category ? queues.get(rule.category) : say("board.of_topic"),
          `${rule.severity}: ${severities.get(rule.severity)}`, `${rule.level}: ${levels.get(rule.level)}`]))),
      card(say("board.triggers"), el("p", { class: "muted" }, say("board.triggers_text")),
        table(say("board.triggers"), ["trigger", "kind", "queue", "severity", "level"].map((name) => say(`board.head_${name}`)),
          found.triggers.filter((one) => one.kind !== "rule").map((one) => [one.label, say(`board.trigger_${one.kind}`), one.category ? queues.get(one.category) : say("board.of_topic"),
            one.severity ? `${one.severity}: ${severities.get(one.severity)}` : "–", one.level ? `${one.level}: ${levels.get(one.level)}` : "–"]))),
      card(say("board.authority"), table(say("board.authority"), [say("board.head_kind"), say("board.sender_bot"), ...found.levels.map((one) => one.name)],
        found.authority.map((one) => [one.label, pounds(one.bot_limit), ...found.levels.map(({ level }) => {
          const limit = one.by_level.find((entry) => entry.level === level)?.limit;
          return limit ? pounds(limit) : "–";
        })]))),
      card(say("board.words"), table(say("board.words"), [say("board.head_level"), say("board.head_meaning")],
        [...found.levels.map((one) => [`${one.level}: ${one.name}`, one.does]), ...found.severities.map((one) => [say("board.severity_name", { severity: one.severity, name: one.name }), one.meaning])])));
  }

  return { element, show: load };
}

/** Queues with the same hours stand in one row; days alike are put together. */
function hoursTable(categories) {
  const alike = Map.groupBy(categories, (one) => JSON.stringify([one.hours.time_zone, one.hours.weekly]));
  return table(say("board.hours"), [say("board.head_queue"), say("board.time_zone"), ...weekdays("short")], [...alike.values()].map((same) => [same.map((one) => one.label).join(", "),
    same[0].hours.time_zone, ...same[0].hours.weekly.map((spans) => spans.map((span) => span.replace("-", "–")).join(", ") || "–")]));
}

function weekdays(width) {
  const format = new Intl.DateTimeFormat(locale(), { weekday: width, timeZone: "UTC" });
  return Array.from({ length: 7 }, (_, day) => format.format(new Date(Date.UTC(2024, 0, 1 + day)))); // a Monday
}

function holidays(categories) {
  const days = Map.groupBy(categories.flatMap((one) => one.hours.holidays.map((day) => ({ ...day, label: one.label }))), (one) => `${one.day} ${one.holiday}`);
  const all = [...days.values()].map(([first, ...more]) => el("li", {}, el("b", {}, first.day), el("span", { class: "grow" }, first.holiday),
    el("span", { class: "muted" }, [first, ...more].map((one) => one.label).join(", "))));
  return all.length > 0 && el("details", {}, el("summary", {}, say("board.holidays", { count: all.length })), el("ul", { class: "board-list" }, all));
}

function byItself({ by_itself: own }, severities) {
  const near = own.near.map((one) => say("board.near_of", { target: say(`board.target_${one.target}`), left: one.share === null ? span(one.seconds) : told("share", one.share) })).join("; ");
  const stalled = own.stalled.map((one) => say("board.stalled_of", { severity: severities.get(one.severity), span: span(one.stalled_seconds) })).join("; ");
  const rows = [
    [say("board.auto_near"), near, say("board.auto_near_then")],
    [say("board.auto_missed"), say("board.auto_at_once"), say("board.auto_missed_then")],
    [say("board.auto_stalled"), stalled, say("board.auto_stalled_then")],
    [say("board.auto_silent"), span(own.remind_seconds), say("board.auto_silent_then")],
    [say("board.auto_still"), span(own.close_seconds), say("board.auto_still_then")],
  ];
  return [table(say("board.by_itself"), ["what", "when", "then"].map((name) => say(`board.head_${name}`)), rows),
    el("p", { class: "muted" }, own.around_the_clock.length > 0 && [say("board.around_the_clock", { severities: own.around_the_clock.map((one) => severities.get(one)).join(", ") }), " "],
      own.tiers.length > 0 && say("board.tier_shares", { shares: own.tiers.map((one) => `${one.tier} ${told("share", one.share_of_target)}`).join(", ") }))];
}

const condition = (one) => el("li", {}, hasWord(`board.when_${one.condition}`) ? say(`board.when_${one.condition}`, { values: one.any_of.join(", ") }) : `${one.condition}: ${one.any_of.join(", ")}`);
