/** Text with links as nodes; times in the reader's own locale and zone. */

import { el } from "./dom.js";

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });

// Only https: a javascript:, data: or plain http address stays text. The last character may not be punctuation that
// closes the sentence around the link.
const LINK = /https:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}]/gu;

/** `text` as an array of text and links that open apart, without the page as opener or referrer. */
export function withLinks(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    let address;
    try {
      address = new URL(match[0]);
    } catch {
      continue;
    }
    nodes.push(text.slice(from, match.index));
    nodes.push(el("a", { href: address.href, rel: "noopener noreferrer", target: "_blank" }, match[0]));
    from = match.index + match[0].length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
}

/** Characters as the server counts them (code points, not UTF-16 units: an emoji is one). */
export function characters(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** "10:15". */
export function clock(iso) {
  return CLOCK.format(new Date(iso));
}

/** "Mon, 2 Mar". */
export function day(iso) {
  return DAY.format(new Date(iso));
}

/** "10:15" for today, "Mon, 2 Mar, 10:15" for any other day. */
export function moment(iso, now = new Date()) {
  const date = new Date(iso);
  return date.toDateString() === now.toDateString() ? CLOCK.format(date) : `${DAY.format(date)}, ${CLOCK.format(date)}`;
}

/** A length of time with its two largest units: "42 s", "4 min 10 s", "3 h 5 min", "2 d 4 h". */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return "0 s";
  const parts = [];
  let rest = seconds;
  for (const [name, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(" ");
}
