/** Text with links as nodes; times in the reader's own locale and zone. */

import { el } from "./dom.js";

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });

// Only https, without the punctuation that closes the sentence around it.
const LINK = /https:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}]/gu;

/** `text` as text and links that open apart. */
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

/** Code points, as the server counts: an emoji is one. */
export function characters(text) {
  return [...text].length;
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
