/** Turning text from people and bots into nodes. */

import { el } from "./dom.js";

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
