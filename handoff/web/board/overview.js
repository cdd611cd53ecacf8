/** Beside the chosen figure, always: reasons for handoff, root causes and their recurrence, CSAT after escalation. */

import { barChart, lineChart, stackedChart } from "../shared/charts.js";
import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { shortDay, told, valueOf } from "./figures.js";
import { chartWords } from "./over-time.js";

const KINDS = 7;

export function drawOverview(place, report, before, choose) {
  const of = (one, name) => one.kpis.find((kpi) => kpi.name === name);
  const card = (...children) => el("section", { class: "board-card" }, children);
  const count = (value) => told("counts", value);

  function line(name) {
    const kpi = of(report, name);
    const points = (from) => of(from, name).trend.map((point) => ({ label: shortDay(point.first), value: valueOf(kpi, point) }));
    return lineChart({ title: say(`board.kpi_${name}`), description: say("board.now_and_before", { value: told(kpi.unit, kpi.now.value), before: told(kpi.unit, kpi.before.value) }),
      points: points(report), before: points(before), target: kpi.target, format: (value) => told(kpi.unit, value), words: chartWords(), high: 1, testid: `chart-${name}` });
  }

  function reasons() {
    const kpi = of(report, "handoff_reasons");
    const most = [...kpi.now.parts].sort((a, b) => b.count - a.count);
    const own = most.slice(0, KINDS);
    const rest = most.slice(KINDS);
    const counted = (point, codes) => point.parts.filter((part) => codes.includes(part.code)).reduce((sum, part) => sum + part.count, 0);
    const series = own.map((part) => ({ name: part.label, values: kpi.trend.map((point) => counted(point, [part.code])) }));
    if (rest.length > 0) series.push({ name: say("board.others"), values: kpi.trend.map((point) => counted(point, rest.map((part) => part.code))) });
    return stackedChart({ title: say("board.kpi_handoff_reasons"), description: say("board.in_all", { count: kpi.now.denominator }), labels: kpi.trend.map((point) => shortDay(point.first)),
      series, format: count, words: chartWords(), testid: "chart-reasons" });
  }

  function causes() {
    const kpi = of(report, "root_causes");
    const earlier = new Map(kpi.before.parts.map((part) => [part.code, part.count]));
    const rows = [...kpi.now.parts].sort((a, b) => b.count - a.count).slice(0, 10)
      .map((part) => ({ label: part.label, value: part.count, note: say("board.before_count", { count: earlier.get(part.code) ?? 0 }), choose: () => choose("root_causes", part.code) }));
    return barChart({ title: say("board.kpi_root_causes"), description: say("board.press_for_cases"), rows, format: count, words: chartWords(), testid: "chart-causes" });
  }

  fill(place, card(reasons()), card(causes()), card(line("root_cause_recurrence")), card(line("csat")));
}
