/** Parts of a column that fold: whether they are open is kept in this browser, and only what changed is drawn anew. */

import { el, fill } from "../shared/dom.js";

const KEPT = "warmline.sections";

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}") ?? {};
  } catch {
    return {};
  }
}

function keep(name, open) {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ ...kept(), [name]: open }));
  } catch {
    // A browser that keeps nothing opens it anew each time.
  }
}

/** A part under a heading that opens and closes it. */
export class Section {
  #drawn = null;

  /** `open`: as it is for whoever has never touched it. `name` is its test id. */
  constructor(name, title, open = true) {
    this.body = el("div", { class: "block-body" });
    this.count = el("span", { class: "count" });
    this.element = el("details", { class: "block", open: kept()[name] ?? open, data: { testid: name } },
      el("summary", {}, el("h2", {}, title), " ", this.count), this.body);
    this.element.querySelector("summary").addEventListener("click", () => keep(name, !this.element.open));
  }

  /** Draws `content()` when `data` is not what was drawn last; null hides the part. Focus inside goes to its like. */
  show(data, content, count = 0) {
    const key = JSON.stringify(data);
    this.element.hidden = data === null;
    this.count.textContent = count > 0 ? count : "";
    if (key === this.#drawn) return;
    this.#drawn = key;
    const focused = this.body.contains(document.activeElement) ? document.activeElement.dataset.testid ?? "" : null;
    fill(this.body, data === null ? null : content());
    if (focused !== null) (this.body.querySelector(`[data-testid="${CSS.escape(focused)}"]`) ?? this.element.querySelector("summary")).focus({ preventScroll: true });
  }
}
