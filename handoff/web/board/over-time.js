/** The figures of a period beside the period before: one chosen figure in full, reasons, causes, and the cases behind them. */

import { el, fill } from "../shared/dom.js";
import { hasWord, say } from "../shared/words.js";
import { drawOverview } from "./overview.js";
import { at, basis, change, dayIn, shortDay, told, valueOf } from "./figures.js";
import { barChart, lineChart, sparkline } from "../shared/charts.js";
import { behindSection, kindWords } from "./behind.js";

const SPANS = [7, 30, 90];
/** The six of escalation management (P30); the others stand below them. */
const SIX = ["escalation_frequency", "response_time", "resolution_time", "sla_compliance", "csat", "root_cause_recurrence"];
const LIVE_MS = 5000;
export const chartWords = () => ({ now: say("board.chart_now"), before: say("board.chart_before"), target: say("board.chart_target"),
  table: say("board.as_table"), nothing: say("board.nothing"), day: say("board.head_days"), kind: say("board.head_kind") });

export function open(desk, said) {
  const ago = (days) => dayIn(desk.store.options.time_zone, days);
  const chosen = { from: ago(29), to: ago(0), step: "day", category: "", level: "", agent: "", by: "category", kpi: "csat" };
  let report = null;
  let before = null;
  let turn = 0;
  let timer = 0;
  let shown = false;

  const controls = el("form", { class: "board-controls", onsubmit: (event) => event.preventDefault() });
  const note = el("p", { class: "muted", role: "status", data: { testid: "kpi-note" } });
  const six = el("ul", { class: "kpi-tiles", data: { testid: "kpi-tiles" } });
  const others = el("ul", { class: "kpi-tiles" });
  const more = el("details", { class: "kpi-more", data: { testid: "kpi-more" } }, el("summary", {}, say("board.all_figures")), others);
  const detail = el("section", { class: "board-card wide", "aria-live": "off", data: { testid: "kpi-detail" } });
  const overview = el("div", { class: "board-grid even", data: { testid: "kpi-overview" } });
  const query = (more = {}) => new URLSearchParams(Object.entries({ from: chosen.from, to: chosen.to, step: chosen.step,
    category: chosen.category, level: chosen.level, agent: chosen.agent, ...more }).filter(([, value]) => value)).toString();
  const behind = behindSection(desk, said, query);
  const element = el("div", { class: "board-time" }, controls, note, six, more, detail, behind.element, overview);

  function select(name, label, options, afterwards = load) {
    const control = el("select", { id: `kpi-${name}`, data: { testid: `kpi-${name}` }, onchange: () => { chosen[name] = control.value; afterwards(); } },
      options.map(([value, text]) => el("option", { value }, text)));
    control.value = chosen[name];
    return el("div", { class: "field" }, el("label", { for: `kpi-${name}` }, label), control);
  }

  function dayField(name) {
    const control = el("input", { type: "date", id: `kpi-${name}`, value: chosen[name], data: { testid: `kpi-${name}` },
      onchange: () => { if (control.value) { chosen[name] = control.value; load(); } } });
    return el("div", { class: "field" }, el("label", { for: `kpi-${name}` }, say(`board.${name}`)), control);
  }

  async function drawControls() {
    const { agents } = await desk.api.get("/agents");
    const any = ["", say("board.any")];
    fill(controls,
      el("div", { class: "board-spans", role: "group", "aria-label": say("board.period") }, SPANS.map((days) =>
        el("button", { type: "button", class: "button", data: { testid: `kpi-span-${days}` }, onclick: () => {
          chosen.to = ago(0);
          chosen.from = ago(days - 1);
          chosen.step = days > 31 ? "week" : "day";
          drawControls();
          load();
        } }, say("board.days", { count: days })))),
      dayField("from"), dayField("to"),
      select("step", say("board.step"), ["day", "week", "month"].map((step) => [step, say(`board.step_${step}`)])),
      select("category", say("board.head_queue"), [any, ...desk.store.options.categories.map((one) => [one.category, one.label])]),
      select("level", say("board.team"), [any, ...desk.store.options.levels.map((one) => [String(one.level), one.name])]),
      select("agent", say("board.head_agent"), [any, ...agents.map((one) => [one.id, one.name])]),
      el("div", { class: "board-out" },
        el("a", { class: "button", href: csvAddress(), download: "", data: { testid: "kpi-csv" } }, say("board.csv")),
        el("button", { type: "button", class: "button", onclick: () => print(), data: { testid: "kpi-print" } }, say("board.print"))));
  }

  /** The table as it is shown: with the parts of each figure. */
  const csvAddress = () => `/api/agent/v1/kpis.csv?${query({ by: chosen.by })}`;

  async function load(quiet = false) {
    clearTimeout(timer);
    const mine = (turn += 1);
    const csv = controls.querySelector('[data-testid="kpi-csv"]');
    if (csv) csv.href = csvAddress();
    try {
      const found = await desk.api.get(`/kpis?${query({ by: chosen.by })}`);
      const earlier = quiet && before ? before : await desk.api.get(`/kpis?${query({ from: found.before.first, to: found.before.last })}`);
      if (mine !== turn || !shown) return;
      [report, before] = [found, earlier];
      said(null);
      draw(quiet);
    } catch (error) {
      if (mine === turn) said(error);
    }
    // A period that holds today grows while one looks.
    if (shown && mine === turn && report && report.period.last >= ago(0)) timer = setTimeout(() => load(true), LIVE_MS);
  }

  let drawn = "";
  function draw(quiet) {
    note.textContent = say("board.period_note", { first: shortDay(report.period.first), last: shortDay(report.period.last),
      before_first: shortDay(report.before.first), before_last: shortDay(report.before.last), as_of: report.as_of ? at(report.as_of) : "–" });
    const text = JSON.stringify([report.kpis, report.places, chosen]);
    if (quiet && text === drawn) return;
    drawn = text;
    drawTiles();
    // What one reads or has opened below is left alone until one asks for something else.
    if (quiet && (detail.contains(document.activeElement) || overview.contains(document.activeElement))) return;
    drawDetail();
    drawOverview(overview, report, before, choose);
    if (!quiet) behind.load(kpiNow());
  }

  function drawTiles() {
    const tiles = [six, others].find((list) => list.contains(document.activeElement));
    const focused = tiles && document.activeElement.dataset.kpi;
    const drawTile = (kpi) => {
      const moved = change(kpi);
      return el("li", {}, el("button", { type: "button", class: "kpi-tile", "aria-pressed": String(kpi.name === chosen.kpi), title: say(`board.about_${kpi.name}`), data: { kpi: kpi.name, testid: `kpi-${kpi.name}` }, onclick: () => choose(kpi.name) },
        el("span", { class: "kpi-name" }, say(`board.kpi_${kpi.name}`)),
        el("span", { class: "kpi-value" }, el("b", {}, told(kpi.unit, valueOf(kpi, kpi.now))), sparkline(kpi.trend.map((point) => valueOf(kpi, point)))),
        el("span", { class: `kpi-change ${moved.kind}` }, moved.text),
        kpi.on_target !== null && el("span", { class: kpi.on_target ? "badge good" : "badge bad" }, say(kpi.on_target ? "board.target_reached" : "board.target_not"))));
    };
    fill(six, report.kpis.filter((kpi) => SIX.includes(kpi.name)).map(drawTile));
    fill(others, report.kpis.filter((kpi) => !SIX.includes(kpi.name)).map(drawTile));
    if (focused) tiles.querySelector(`[data-kpi="${focused}"]`)?.focus();
  }

  function choose(name, bucket = "") {
    chosen.kpi = name;
    drawTiles();
    drawDetail();
    const part = kpiNow().now.parts.find((one) => one.code === bucket);
    behind.load(kpiNow(), bucket ? { bucket, about: [kindWords(kpiNow(), bucket)], of: part?.count ?? null } : {});
  }

  /** The cases of one queue, level or person, as the bars are divided. */
  const choosePlace = (kpi, place) => behind.load(kpi, { about: [place.label], more: { [chosen.by]: place.key } });

  /** The cases of one point of the trend. */
  const choosePoint = (kpi, { first, last }) => behind.load(kpi, { about: [first === last ? shortDay(first) : `${shortDay(first)} – ${shortDay(last)}`],
    more: { from: first, to: last } });

  const kpiNow = () => report.kpis.find((kpi) => kpi.name === chosen.kpi) ?? report.kpis[0];

  function drawDetail() {
    const kpi = kpiNow();
    const title = say(`board.kpi_${kpi.name}`);
    const moved = change(kpi);
    const earlier = before.kpis.find((one) => one.name === kpi.name);
    const format = (value) => told(kpi.unit, value);
    const points = (line, choosable) => line.trend.map((point) => ({ label: shortDay(point.first), value: valueOf(kpi, point),
      choose: choosable && point.denominator > 0 && (() => choosePoint(kpi, point)) }));
    const description = say("board.chart_description", { value: format(valueOf(kpi, kpi.now)), before: format(valueOf(kpi, kpi.before)), change: moved.text });
    const places = report.places.filter((place) => place.figures[kpi.name].denominator > 0);
    fill(detail, el("h2", {}, title), el("p", { class: "muted", data: { testid: "kpi-about" } }, say(`board.about_${kpi.name}`)),
      el("p", {}, el("b", { class: "kpi-big" }, format(valueOf(kpi, kpi.now))), " ", el("span", { class: "muted" }, basis(kpi, kpi.now)), " ",
        el("span", { class: `kpi-change ${moved.kind}` }, moved.text)),
      el("div", { class: "board-grid even" },
        lineChart({ title: say("board.trend_of", { title }), description, points: points(kpi, true), before: points(earlier, false), target: kpi.target, format, words: chartWords(),
          high: kpi.unit === "share" ? 1 : null, testid: "kpi-trend" }),
        el("div", {}, select("by", say("board.by"), ["category", "level", "agent"].map((by) => [by, say(`board.by_${by}`)])),
          barChart({ title: say("board.by_title", { title }), description: say("board.bars_description"), format, words: chartWords(), testid: "kpi-places",
            rows: places.map((place) => ({ label: place.label, value: valueOf(kpi, place.figures[kpi.name]), note: basis(kpi, place.figures[kpi.name]),
              choose: place.key && place.key !== "0" && (() => choosePlace(kpi, place)) })) }))));
  }

  drawControls().catch(said);
  return {
    element,
    /** `kpi` is the figure to begin with, `span` "today" for today alone. */
    show([kpi, span] = []) {
      if (kpi && hasWord(`board.kpi_${kpi}`)) chosen.kpi = kpi;
      if (span === "today") {
        Object.assign(chosen, { from: ago(0), to: ago(0), step: "day" });
        drawControls().catch(said);
      }
      if (shown && !kpi) return;
      shown = true;
      load();
    },
    hide() {
      shown = false;
      clearTimeout(timer);
    },
  };
}
