/** Elements from plain calls. Strings become text nodes: a hostile message can only be seen as text. */

const SVG = "http://www.w3.org/2000/svg";

function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if ((child ?? false) === false) continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

/** An element: attributes (true empty, false or null none), `data` for `data-*`, functions under `on...` as listeners. */
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if ((value ?? false) === false) continue;
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

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
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
