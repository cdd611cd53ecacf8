/** A button that opens a panel below itself: closed by Escape (focus returns), by leaving it, or by the button. */

import { el, fill } from "./dom.js";

let count = 0;

/** `{element, button, panel, close()}`; `content()` fills the panel each time it opens. */
export function disclosure({ label, face, testid, content }) {
  const id = `panel-${(count += 1)}`;
  const button = el("button", { type: "button", class: "button", "aria-expanded": "false", "aria-controls": id, "aria-label": label,
    data: { testid }, onclick: () => (panel.hidden ? open() : close(true)) }, face);
  const panel = el("section", { id, class: "drop-panel", "aria-label": label, hidden: true, tabindex: -1 });
  const element = el("div", { class: "drop" }, button, panel);

  function open() {
    fill(panel, content());
    panel.hidden = false;
    button.setAttribute("aria-expanded", "true");
    panel.focus();
  }
  function close(focus = false) {
    panel.hidden = true;
    button.setAttribute("aria-expanded", "false");
    if (focus) button.focus();
  }
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    event.stopPropagation();
    close(true);
  });
  element.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !element.contains(relatedTarget)) close();
  });
  document.addEventListener("pointerdown", (event) => {
    if (element.isConnected && !panel.hidden && !element.contains(event.target)) close();
  });
  return { element, button, panel, close };
}
