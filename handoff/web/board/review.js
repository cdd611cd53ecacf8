/** The post-escalation review: what recurs, what a lower level could have decided, what needed nobody, what is missing. */

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { plain, reasonWords } from "../desk/words.js";
import { told } from "./figures.js";
import { empty, table } from "./parts.js";

const DAYS = [7, 30, 90, 366];

export function open(desk, said) {
  const days = el("select", { id: "review-days", data: { testid: "review-days" }, onchange: () => load() }, DAYS.map((count) => el("option", { value: count }, say("board.days", { count }))));
  days.value = "30";
  const parts = el("div", { class: "board-grid even", data: { testid: "review" } });
  const element = el("div", { class: "board-time" },
    el("div", { class: "board-controls" }, el("div", { class: "field" }, el("label", { for: "review-days" }, say("board.period")), days)), parts);

  const names = (list, code, label) => new Map(list.map((one) => [one[code], one[label]]));

  async function load() {
    try {
      const found = await desk.api.get(`/review?days=${days.value}`);
      said(null);
      draw(found);
    } catch (error) {
      said(error);
    }
  }

  function draw(found) {
    const queues = names(desk.store.options.categories, "category", "label");
    const causes = names(desk.store.options.root_causes, "code", "label");
    const levels = names(desk.store.options.levels, "level", "name");
    const card = (key, rows, heads, nothing) => el("section", { class: "board-card" }, el("h2", {}, say(`board.review_${key}`)),
      el("p", { class: "muted" }, say(`board.review_${key}_text`)),
      rows.length === 0 ? empty(nothing) : table(say(`board.review_${key}`), heads.map((name) => say(`board.head_${name}`)), rows));
    const numbers = (cases) => [cases.slice(0, 6).map((number, index) => [index > 0 && ", ", el("a", { class: "number", href: `#/search/${encodeURIComponent(number)}` }, number)]), cases.length > 6 && ` +${cases.length - 6}`];
    const nothing = say("board.review_nothing", { count: found.resolutions });
    fill(parts,
      card("causes", found.causes.map((row) => [causes.get(row.root_cause) ?? row.root_cause, queues.get(row.category), row.count,
        `${row.trend > 0 ? "▲" : row.trend < 0 ? "▼" : "▬"} ${Math.abs(row.trend)}`, told("share", row.share), row.reopened]), ["cause", "queue", "count", "trend", "share", "reopened"], nothing),
      card("lower_level", found.lower_level.map((row) => [queues.get(row.category), levels.get(row.level), levels.get(row.needed_level), numbers(row.cases)]), ["queue", "level", "needed_level", "cases"], nothing),
      card("not_needed", found.not_needed.map((row) => [queues.get(row.category), reasonWords(row.reason), row.judged, row.not_needed]), ["queue", "reason", "judged", "not_needed"], nothing),
      card("gaps", found.gaps.map((row) => [row.topic ? plain(row.topic) : say("board.not_understood"), queues.get(row.category), row.count, numbers(row.cases)]), ["topic", "queue", "count", "cases"], nothing));
  }

  return { element, show: load };
}
