/** Lengths of time in the reader's language, and times that move: elements register with a function, one timer writes them all. */

import { el } from "../shared/dom.js";
import { locale, pieces, say } from "../shared/words.js";

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
// Under two minutes seconds count; beyond that they only unsettle.
const SECONDS_MATTER = 120;

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

/** How a deadline stands, as a word of its own besides the time: "late", "near" (from `nearIso` on, which the policy sets) or "fine". */
export function urgency(iso, nearIso = null, now = Date.now()) {
  if (Date.parse(iso) < now) return "late";
  return nearIso && Date.parse(nearIso) <= now ? "near" : "fine";
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
export function until(element, iso, nearIso = null) {
  const end = Date.parse(iso);
  return run(element, (now) => {
    const state = urgency(iso, nearIso, now);
    if (element.dataset.due !== state) element.dataset.due = state;
    return say(`desk.due_${state}`, { time: duration(Math.abs(end - now)) });
  });
}

/** What is due next to the customer in a case, and how long that is; null where nothing runs. */
export function nextWord(record) {
  if (record.waiting_for || !record.next_update_due) return null;
  const what = record.next_update_due === record.first_response_due ? "first_response" : "next_update";
  return pieces(`desk.row_${what}`, { due: until(el("b"), record.next_update_due, record.near_at?.[what]) });
}

/** By when the case is to be solved; null where that clock stands still. `pressing` leaves out what is neither near nor late. */
export function solution(record, { pressing = false } = {}) {
  const near = record.near_at?.resolution;
  if (!near || (pressing && urgency(record.resolution_due, near) === "fine")) return null;
  return pieces("desk.row_resolution", { due: until(el("b"), record.resolution_due, near) });
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
