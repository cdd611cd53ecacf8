/**
 * Small charts in SVG: a line with the period before, bars, stacked columns, pairs. Each is a figure with its numbers as a table,
 * points that the arrow keys reach, and a line of text that says the point one is at: nothing depends on colour or a mouse.
 */

import { el, svg } from "./dom.js";

const WIDTH = 640;
const HEIGHT = 200;
const PAD = { left: 56, right: 14, top: 12, bottom: 26 };
const INNER_WIDTH = WIDTH - PAD.left - PAD.right;
const INNER_HEIGHT = HEIGHT - PAD.top - PAD.bottom;
let count = 0;

/** The next round number at or above: 1, 2, 2.5, 5 or 10 times a power of ten. */
export function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 2.5, 5, 10].find((step) => step * power >= value * 0.9999);
}

const x = (index, length) => PAD.left + (length === 1 ? INNER_WIDTH / 2 : (INNER_WIDTH * index) / (length - 1));
const y = (value, low, high) => PAD.top + (1 - (value - low) / (high - low)) * INNER_HEIGHT;

function grid(low, high, format) {
  return [low, (low + high) / 2, high].map((value) => [
    svg("line", { x1: PAD.left, x2: WIDTH - PAD.right, y1: y(value, low, high), y2: y(value, low, high), class: "chart-grid" }),
    svg("text", { x: PAD.left - 8, y: y(value, low, high) + 4, "text-anchor": "end" }, format(value)),
  ]);
}

function axis(labels, place) {
  const step = Math.ceil(labels.length / 7);
  return labels.map((label, index) => index % step === 0
    && svg("text", { x: place(index), y: HEIGHT - 6, "text-anchor": index === 0 && labels.length > 1 ? "start" : "middle" }, label));
}

/** The pieces of a line: it breaks where there is no value. */
function lines(values, place, kind) {
  const runs = [[]];
  values.forEach((value, index) => (value === null ? runs.push([]) : runs.at(-1).push(place(value, index).join(","))));
  return runs.filter((run) => run.length > 1).map((run) => svg("polyline", { points: run.join(" "), class: kind }));
}

/** Marks that one tab stop and the arrow keys reach; what a mark says stands in `said` while it is focused or pointed at. */
function reachable(marks, said) {
  const focus = (mark) => {
    for (const other of marks) other.setAttribute("tabindex", other === mark ? "0" : "-1");
    mark.focus();
  };
  marks.forEach((mark, index) => {
    mark.setAttribute("tabindex", index === marks.length - 1 ? "0" : "-1");
    const say = () => { said.textContent = mark.getAttribute("aria-label"); };
    mark.addEventListener("focus", say);
    mark.addEventListener("pointerenter", say);
    mark.addEventListener("keydown", (event) => {
      const to = { ArrowRight: index + 1, ArrowDown: index + 1, ArrowLeft: index - 1, ArrowUp: index - 1, Home: 0, End: marks.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      if (marks[to]) focus(marks[to]);
    });
  });
  return marks;
}

/** What a press on a mark does, by pointer and by keyboard. */
function pressable(mark, choose) {
  mark.setAttribute("role", "button");
  mark.classList.add("pressable");
  mark.addEventListener("click", choose);
  mark.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose();
  });
}

function figure({ title, description, words, drawing, legend, said, head, rows, testid }) {
  const id = `chart-${(count += 1)}`;
  drawing.prepend(svg("title", { id: `${id}-title` }, title), svg("desc", { id: `${id}-desc` }, description));
  drawing.setAttribute("aria-labelledby", `${id}-title`);
  drawing.setAttribute("aria-describedby", `${id}-desc`);
  return el("figure", { class: "chart-figure", data: { testid } },
    el("figcaption", {}, el("b", {}, title), legend), drawing, said,
    el("details", {}, el("summary", {}, words.table),
      el("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": title },
        el("table", {}, el("thead", {}, el("tr", {}, head.map((name) => el("th", { scope: "col" }, name)))),
          el("tbody", {}, rows.map(([first, ...rest]) => el("tr", {}, el("th", { scope: "row" }, first), rest.map((cell) => el("td", {}, cell)))))))));
}

const canvas = (height = HEIGHT) => svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "chart", role: "group" });
const key = (name, kind) => el("span", { class: "chart-key" }, svg("svg", { viewBox: "0 0 24 8", width: 24, height: 8, "aria-hidden": "true" },
  svg("line", { x1: 0, x2: 24, y1: 4, y2: 4, class: kind })), name);

/**
 * A line: `points` are `[{label, value, choose?()}]`, a value may be null, those with `choose` can be pressed; `before` the same for the period before, by place; `target` a
 * dashed line. `words` are `{now, before, target, table, nothing, day}`, `format(value)` writes a value.
 */
export function lineChart({ title, description, points, before = [], target = null, format, words, low = 0, high = null, testid = "chart" }) {
  const values = [...points, ...before].map((point) => point.value).filter((value) => value !== null);
  const bottom = Math.min(low, ...values);
  const top = high ?? roundUp(Math.max(...values, target ?? 0, 0));
  const place = (value, index) => [x(index, Math.max(points.length, 1)), y(value, bottom, top)];
  const said = el("p", { class: "chart-said muted" }, values.length > 0 ? description : words.nothing);
  const drawing = canvas();
  const text = (point, index) => [`${point.label}: ${point.value === null ? words.nothing : format(point.value)}`,
    before[index] && `${words.before}: ${before[index].value === null ? words.nothing : format(before[index].value)}`].filter(Boolean).join("; ");
  const marks = points.map((point, index) => {
    const [cx, cy] = place(point.value ?? bottom, index);
    const mark = svg("circle", { cx, cy, r: points.length > 45 ? 2.5 : 4, class: point.value === null ? "chart-none" : "chart-point", role: "img", "aria-label": text(point, index) });
    if (point.choose) pressable(mark, point.choose);
    return mark;
  });
  drawing.append(...[grid(bottom, top, format), axis(points.map((point) => point.label), (index) => x(index, points.length)),
    target !== null && svg("line", { x1: PAD.left, x2: WIDTH - PAD.right, y1: y(target, bottom, top), y2: y(target, bottom, top), class: "chart-target" }),
    lines(before.slice(0, points.length).map((point) => point.value), place, "chart-before"),
    lines(points.map((point) => point.value), place, "chart-now"), reachable(marks, said)].flat(3).filter(Boolean));
  return figure({ title, description, words, drawing, said, testid,
    legend: el("span", { class: "chart-legend" }, key(words.now, "chart-now"), before.length > 0 && key(words.before, "chart-before"),
      target !== null && key(`${words.target} ${format(target)}`, "chart-target")),
    head: [words.day, words.now, ...(before.length > 0 ? [words.before] : [])],
    rows: points.map((point, index) => [point.label, point.value === null ? words.nothing : format(point.value),
      ...(before.length > 0 ? [(before[index]?.value ?? null) === null ? words.nothing : format(before[index].value)] : [])]) });
}

/** Bars that lie: `rows` are `[{label, value, note?, choose?()}]`, those with `choose` can be pressed. */
export function barChart({ title, description, rows, format, words, testid = "chart" }) {
  const line = 30;
  const labels = 210;
  const height = Math.max(rows.length, 1) * line + 8;
  const top = Math.max(...rows.map((row) => row.value ?? 0), 0) || 1;
  const said = el("p", { class: "chart-said muted" }, rows.length > 0 ? description : words.nothing);
  const drawing = canvas(height);
  const marks = rows.map((row, index) => {
    const across = ((row.value ?? 0) / top) * (WIDTH - labels - 96);
    const told = row.value === null ? words.nothing : format(row.value);
    const short = row.label.length > 32 ? `${row.label.slice(0, 31)}…` : row.label;
    const mark = svg("g", { role: "img", class: "chart-bar",
      "aria-label": [row.label, told, row.note].filter(Boolean).join(", ") },
    svg("rect", { x: 0, y: index * line + 3, width: WIDTH, height: line - 4, class: "chart-row" }),
    svg("text", { x: labels - 10, y: index * line + 21, "text-anchor": "end" }, short),
    svg("rect", { x: labels, y: index * line + 8, width: Math.max(across, 1), height: line - 14, rx: 3, class: "chart-fill" }),
    svg("text", { x: labels + across + 8, y: index * line + 21, class: "chart-value" }, told));
    if (row.choose) pressable(mark, row.choose);
    return mark;
  });
  drawing.append(...reachable(marks, said));
  return figure({ title, description, words, drawing, said, testid, legend: null, head: [words.kind, words.now],
    rows: rows.map((row) => [row.label, [row.value === null ? words.nothing : format(row.value), row.note].filter(Boolean).join(", ")]) });
}

/** Columns of several kinds: `labels` below, `series` are `[{name, values}]`; at most eight patterns tell them apart. */
export function stackedChart({ title, description, labels, series, format, words, testid = "chart" }) {
  const totals = labels.map((_, index) => series.reduce((sum, one) => sum + one.values[index], 0));
  const top = roundUp(Math.max(...totals, 0));
  const wide = INNER_WIDTH / Math.max(labels.length, 1);
  const said = el("p", { class: "chart-said muted" }, totals.some(Boolean) ? description : words.nothing);
  const drawing = canvas();
  const marks = labels.map((label, index) => {
    let below = 0;
    const parts = series.map((one, place) => {
      const from = below;
      below += one.values[index];
      return one.values[index] > 0 && svg("rect", { x: PAD.left + wide * index + wide * 0.15, width: wide * 0.7, y: y(below, 0, top),
        height: y(from, 0, top) - y(below, 0, top), class: `chart-kind-${place % 8}` });
    });
    const told = series.filter((one) => one.values[index] > 0).map((one) => `${one.name} ${format(one.values[index])}`).join(", ");
    return svg("g", { role: "img", class: "chart-column", "aria-label": `${label}: ${told || words.nothing}` },
      svg("rect", { x: PAD.left + wide * index, width: wide, y: PAD.top, height: INNER_HEIGHT, class: "chart-row" }), parts);
  });
  drawing.append(...[grid(0, top, format), axis(labels, (index) => PAD.left + wide * (index + 0.5)), reachable(marks, said)].flat(3).filter(Boolean));
  return figure({ title, description, words, drawing, said, testid,
    legend: el("span", { class: "chart-legend" }, series.map((one, place) => el("span", { class: "chart-key" },
      svg("svg", { viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" }, svg("rect", { width: 12, height: 12, class: `chart-kind-${place % 8}` })), one.name))),
    head: [words.day, ...series.map((one) => one.name)],
    rows: labels.map((label, index) => [label, ...series.map((one) => format(one.values[index]))]) });
}

/**
 * Columns in pairs below a ceiling: `pairs` are `[{was, other, open}]`, `open` what `other` may be more at most; `ceiling` is a
 * value for each pair, or null. `words` are `{was, other, open, ceiling, table, nothing, day}`.
 */
export function pairedChart({ title, description, labels, pairs, ceiling = [], format, words, testid = "chart" }) {
  const known = ceiling.filter((value) => value !== null);
  const most = Math.max(...pairs.map((pair) => Math.max(pair.was, pair.other + pair.open)), 0);
  // A ceiling far above everything is cut off, or the columns could not be seen; the table has it.
  const top = roundUp(Math.max(most, Math.min(Math.max(...known, 0), most * 3)));
  const wide = INNER_WIDTH / Math.max(labels.length, 1);
  const said = el("p", { class: "chart-said muted" }, most > 0 ? description : words.nothing);
  const drawing = canvas();
  const column = (index, shift, from, to, kind) => to > from && svg("rect", { x: PAD.left + wide * (index + shift), width: wide * 0.38,
    y: y(to, 0, top), height: y(from, 0, top) - y(to, 0, top), class: kind });
  const told = (pair, index) => [`${words.was} ${format(pair.was)}`, `${words.other} ${format(pair.other)}`, pair.open > 0 && `${words.open} ${format(pair.open)}`,
    (ceiling[index] ?? null) !== null && `${words.ceiling} ${format(ceiling[index])}`].filter(Boolean).join(", ");
  const marks = pairs.map((pair, index) => svg("g", { role: "img", class: "chart-column", "aria-label": `${labels[index]}: ${told(pair, index)}` },
    svg("rect", { x: PAD.left + wide * index, width: wide, y: PAD.top, height: INNER_HEIGHT, class: "chart-row" }),
    [column(index, 0.1, 0, pair.was, "chart-kind-6"), column(index, 0.52, 0, pair.other, "chart-kind-0"),
      column(index, 0.52, pair.other, pair.other + pair.open, "chart-open")]));
  const steps = labels.flatMap((_, index) => [index, index + 1].map((at) => `${PAD.left + wide * at},${y(Math.min(ceiling[index] ?? 0, top), 0, top)}`));
  drawing.append(...[grid(0, top, format), axis(labels, (index) => PAD.left + wide * (index + 0.5)), reachable(marks, said),
    known.length > 0 && svg("polyline", { points: steps.join(" "), class: "chart-target" }),
    Math.max(...known, 0) > top && svg("text", { x: WIDTH - PAD.right, y: PAD.top - 2, "text-anchor": "end" }, `${words.ceiling}: ${format(Math.max(...known))} ↑`)].flat(3).filter(Boolean));
  const square = (kind, name) => el("span", { class: "chart-key" }, svg("svg", { viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true" },
    svg("rect", { x: 1, y: 1, width: 10, height: 10, class: kind })), name);
  return figure({ title, description, words, drawing, said, testid,
    legend: el("span", { class: "chart-legend" }, square("chart-kind-6", words.was), square("chart-kind-0", words.other),
      pairs.some((pair) => pair.open > 0) && square("chart-open", words.open), known.length > 0 && key(words.ceiling, "chart-target")),
    head: [words.day, words.was, words.other, words.open, words.ceiling],
    rows: pairs.map((pair, index) => [labels[index], format(pair.was), format(pair.other), format(pair.open),
      (ceiling[index] ?? null) === null ? words.nothing : format(ceiling[index])]) });
}

/** A small line without axes; it stands beside its value, so it is decoration. `high` fixes the upper end. */
export function sparkline(values, { high = null, width = 96, height = 24 } = {}) {
  const known = values.filter((value) => value !== null);
  const top = high ?? (Math.max(...known, 0) || 1);
  const place = (value, index) => [values.length === 1 ? width / 2 : 2 + ((width - 4) * index) / (values.length - 1),
    height - 2 - (Math.max(value, 0) / top) * (height - 4)];
  const last = values.findLastIndex((value) => value !== null);
  const end = last >= 0 && place(values[last], last);
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "sparkline", "aria-hidden": "true" },
    lines(values, place, "chart-now"), end && svg("circle", { cx: end[0], cy: end[1], r: 2.5, class: "chart-point" }));
}
