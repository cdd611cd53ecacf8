/** Figures, changes and spans in the reader's language. */

import { currentLanguage, say } from "../shared/words.js";

export const NOTHING = "–";
const AS_BEFORE = 0.005;

/** The reader's own way of writing dates and numbers in the language of the page: British rather than American, say. */
function locale() {
  const own = navigator.languages.find((tag) => tag.toLowerCase().startsWith(`${currentLanguage()}-`));
  return own ?? (currentLanguage() === "en" ? "en-GB" : currentLanguage());
}

const number = (value, digits = 0) => new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
const unit = (value, name, digits = 0) =>
  new Intl.NumberFormat(locale(), { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: digits }).format(value);

/** Seconds in the unit in which people would say them. */
export function span(seconds) {
  if (seconds < 100) return unit(seconds, "second");
  if (seconds < 6000) return unit(seconds / 60, "minute");
  return seconds < 259200 ? unit(seconds / 3600, "hour", 1) : unit(seconds / 86400, "day", 1);
}

/** A value with its unit. */
export function told(kind, value) {
  if (value === null || value === undefined) return NOTHING;
  if (kind === "share") return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 1 }).format(value);
  if (kind === "seconds") return span(value);
  if (kind === "points") return new Intl.NumberFormat(locale(), { maximumFractionDigits: 0, signDisplay: "exceptZero" }).format(value);
  return number(value, kind === "counts" ? 0 : 1);
}

/** The value that stands for a figure: of kinds that are counted, how many there were. */
export const valueOf = (kpi, figure) => (kpi.unit === "counts" ? figure.denominator : figure.value);

/** What a figure is made from: "42 of 50", "90 % within 4 min, of 31". */
export function basis(kpi, figure) {
  if (kpi.unit === "seconds") return say("board.basis_span", { p90: told("seconds", figure.p90), count: number(figure.denominator) });
  if (kpi.unit === "counts") return "";
  return say("board.basis", { numerator: number(figure.numerator), denominator: number(figure.denominator) });
}

/** `{text, kind}` against the period before; `kind` is better, worse or same. */
export function change(kpi) {
  const [now, before] = [valueOf(kpi, kpi.now), valueOf(kpi, kpi.before)];
  if ((now ?? null) === null || (before ?? null) === null) return { text: say("board.change_none"), kind: "same" };
  const moved = now - before;
  if (Math.abs(moved) <= Math.abs(before) * AS_BEFORE) return { text: say("board.change_same"), kind: "same" };
  const size = kpi.unit === "share" ? say("board.percentage_points", { size: number(Math.abs(moved) * 100, 1) })
    : told(kpi.unit === "points" ? "per_hundred" : kpi.unit, Math.abs(moved));
  const arrow = moved > 0 ? "▲" : "▼";
  if (kpi.better === "neither") return { text: `${arrow} ${size}`, kind: "same" };
  const better = (moved > 0) === (kpi.better === "higher");
  return { text: `${arrow} ${size}, ${better ? say("board.better") : say("board.worse")}`, kind: better ? "better" : "worse" };
}

/** The day that it is by the clock of `zone`, so many days back: 2026-03-02. */
export function dayIn(zone, back = 0) {
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date());
  const date = new Date(`${today}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() - back);
  return date.toISOString().slice(0, 10);
}

/** "2 Mar", "02.03.", from a day such as 2026-03-02. */
export function shortDay(iso) {
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${iso}T12:00:00Z`));
}

/** A moment: the time today, else with its day. */
export function at(iso) {
  const date = new Date(iso);
  const today = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", ...(today ? {} : { day: "numeric", month: "short" }) }).format(date);
}

/** How long it has been, or is until, `iso`: "4 min". */
export const away = (iso, now = Date.now()) => span(Math.abs(Date.parse(iso) - now) / 1000);
export const isPast = (iso, now = Date.now()) => Date.parse(iso) < now;
