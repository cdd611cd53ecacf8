/** Lengths of time in the reader's language, and times that move: elements register with a function, one timer writes them all. */

import { locale, say } from "../shared/words.js";

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
// Under two minutes seconds count; beyond that they only unsettle.
const SECONDS_MATTER = 120;
const NEAR_SECONDS = 300;

const clocks = new Set();
const formats = new Map();

/** "6 mins", "6 Min.": made once for a language, as making one takes long. */
function unit(name, value) {
  const key = `${name} ${locale()}`;
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(locale(), { style: "unit", unit: name, unitDisplay: "short" }));
  return formats.get(key).format(value);
}

/** The two largest units, in the reader's language: "42 sec", "6 min", "2 days 4 hr". */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  if (first < 0) return unit("second", 0);
  const parts = [];
  let rest = seconds;
  for (const [name, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 && (name !== "second" || seconds < SECONDS_MATTER)) parts.push(unit(name, count));
  }
  return parts.join(" ");
}

/** How a deadline stands, as a word of its own besides the time: "late", "near" or "fine". */
export function urgency(iso, now = Date.now()) {
  const left = Date.parse(iso) - now;
  if (left < 0) return "late";
  return left < NEAR_SECONDS * 1000 ? "near" : "fine";
}

function write(clock) {
  clock.write(Date.now());
}

setInterval(() => {
  for (const clock of clocks) {
    // An element that left the page takes its clock with it.
    if (clock.shown && !clock.element.isConnected) clocks.delete(clock);
    else {
      clock.shown ||= clock.element.isConnected;
      write(clock);
    }
  }
}, 1000);

function run(element, text) {
  const clock = { element, shown: false, write(now) {
    const words = text(now);
    if (element.textContent !== words) element.textContent = words;
  } };
  clocks.add(clock);
  write(clock);
  return element;
}

/** `element` shows for how long it has been since `iso`. */
export function since(element, iso) {
  const start = Date.parse(iso);
  return run(element, (now) => duration(now - start));
}

/** `element` shows how long it is until `iso`, or by how much it is past; `data-due` says the same to the style sheet. */
export function until(element, iso) {
  const end = Date.parse(iso);
  return run(element, (now) => {
    const state = urgency(iso, now);
    if (element.dataset.due !== state) element.dataset.due = state;
    return say(`desk.due_${state}`, { time: duration(Math.abs(end - now)) });
  });
}

/** `element` counts the seconds down to `iso`, and its length with them. */
export function countdown(element, iso, from) {
  const end = Date.parse(iso);
  const whole = Math.max(1, end - Date.parse(from));
  return run(element, (now) => {
    const left = Math.max(0, end - now);
    element.style.setProperty("--left", String(Math.min(1, left / whole)));
    element.dataset.due = left < 10_000 ? "late" : "fine";
    return duration(left);
  });
}
