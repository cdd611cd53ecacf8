/**
 * Elements from plain calls. Strings become text nodes and nothing here parses HTML, so a hostile name or message
 * can only ever be seen as text.
 */

const SVG = "http://www.w3.org/2000/svg";

function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

/**
 * An element with properties and children.
 *
 * `class` and other names become attributes, `true` an empty attribute, `false`/`null`/`undefined` none; `data` is an
 * object of `data-*`; a function under `onclick` and the like is added as a listener.
 */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "data") {
      for (const [key, datum] of Object.entries(value)) element.dataset[key] = String(datum);
    } else if (typeof value === "function" && name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else if (name === "value") {
      element.value = value;
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  return append(element, children);
}

/** The same for SVG, where attributes are all there is. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return append(element, children);
}

/** A 24-unit line icon that takes the colour of the text; decorative, so hidden from assistive technology. */
export function icon(path, size = 20) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor", "stroke-width": 2,
      "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: path }),
  );
}

/** Replaces all children of `parent`. */
export function fill(parent, ...children) {
  parent.replaceChildren();
  return append(parent, children);
}
