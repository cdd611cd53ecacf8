/** Elements from plain calls, text with links, times. Strings become text nodes: a hostile message can only be seen as text. */

const SVG = "http://www.w3.org/2000/svg";
let clockFormat;
let dayFormat;
let localeInUse;
timesIn();

// Only https, without the punctuation that closes the sentence around it.
const LINK = /https:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}]/gu;

/** Times and numbers as `locale` writes them, and in the reader's own zone; without one as the browser is set. */
export function timesIn(locale) {
  localeInUse = locale;
  clockFormat = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  dayFormat = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short" });
}

function append(parent, children) {
  parent.append(...children.flat(Infinity).filter((child) => (child ?? false) !== false));
  return parent;
}

/** An element: attributes (true empty, false or null none), `data` for `data-*`, functions under `on...` as listeners. */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if ((value ?? false) === false) continue;
    if (name === "data") Object.assign(element.dataset, value);
    else if (name === "value") element.value = value;
    else if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  return append(element, children);
}

/** A button of a class, under a name for tests. */
export function press(kind, testid, onclick, ...children) {
  return el("button", { type: "button", class: kind, data: { testid }, onclick }, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return append(element, children);
}

/** A decorative line icon in the colour of the text. */
export function icon(path, size = 20) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor", "stroke-width": 2,
      "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: path }),
  );
}

/** Replaces all children. */
export function fill(parent, ...children) {
  parent.replaceChildren();
  return append(parent, children);
}

/** Whether the focus is in it: what is taken away with the focus gives it on. */
export function hasFocus(element) {
  return element.contains(element.getRootNode().activeElement);
}

/** `text` as text and links that open apart. */
export function withLinks(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const [address] = match;
    if (!URL.canParse(address)) continue;
    nodes.push(text.slice(from, match.index), el("a", { href: address, rel: "noopener noreferrer", target: "_blank" }, address));
    from = match.index + address.length;
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
  return clockFormat.format(new Date(iso));
}

/** "2 Mar 2026, 10:15". */
export function dateAndTime(iso) {
  return new Date(iso).toLocaleString(localeInUse, { dateStyle: "medium", timeStyle: "short" });
}

/** A number as the times are written. */
export function amount(value, options) {
  return value.toLocaleString(localeInUse, options);
}

/** "Mon, 2 Mar". */
export function day(iso) {
  return dayFormat.format(new Date(iso));
}

/** "10:15" for today, "Mon, 2 Mar, 10:15" for any other day. */
export function moment(iso, now = new Date()) {
  return `${day(iso) === day(now) ? "" : `${day(iso)}, `}${clock(iso)}`;
}
