/** The left column of the search: views that are always there, one's own, and those that leads share. */

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";

const ALWAYS = { mine: "agent:me status:unresolved", nobodys: "agent:nobody status:unresolved", severe: "severity:1 status:unresolved",
  closed: "status:closed" };

/** "status:open agent:me" and "agent:"me" status:open" are the same view. */
function sameQuery(query) {
  return query.toLowerCase().replaceAll('"', "").split(/\s+/u).filter(Boolean).sort().join(" ");
}

export class SavedViews {
  #api;
  #choose;
  #views = [];
  #query = "";

  /** `choose(query)` is told which search is wanted. */
  constructor(api, choose) {
    this.#api = api;
    this.#choose = choose;
    this.lists = el("div", { class: "saved-lists" });
    this.said = el("p", { class: "visually-hidden", role: "status" });
    this.problem = el("p", { class: "field-error", role: "alert" });
    this.name = el("input", { type: "text", maxlength: 80, required: true, data: { testid: "view-name" } });
    this.shared = el("input", { type: "checkbox", data: { testid: "view-shared" } });
    this.shareLine = el("label", { class: "check", hidden: true }, this.shared, say("search.share"));
    this.form = el("form", { class: "save-form", hidden: true, onsubmit: (event) => this.#save(event) },
      el("label", { class: "field" }, el("span", {}, say("search.view_name")), this.name), this.shareLine, this.problem,
      el("div", { class: "save-actions" },
        el("button", { type: "submit", class: "button primary", data: { testid: "view-save" } }, say("search.save")),
        el("button", { type: "button", class: "button", onclick: () => this.#close() }, say("search.cancel"))));
    this.opener = el("button", { type: "button", class: "button", hidden: true, data: { testid: "view-start" }, onclick: () => this.startSaving() },
      say("search.save_view"));
    this.element = el("nav", { class: "column saved", "aria-label": say("search.views") }, this.lists, this.opener, this.form, this.said);
    this.#load();
  }

  async #load() {
    try {
      const { views, may_share: mayShare } = await this.#api.get("/views");
      this.#views = views;
      // The form may be open already: who answers late must not keep a lead from sharing.
      this.shareLine.hidden = !mayShare;
    } catch {
      // Without them the views that are always there still work; the next change asks again.
    }
    this.#draw();
  }

  /** Which search is on the page. */
  show(query) {
    this.#query = query;
    this.opener.hidden = query === "" || !this.form.hidden;
    this.#draw();
  }

  #draw() {
    const own = this.#views.filter((view) => !view.shared);
    const shared = this.#views.filter((view) => view.shared);
    const always = Object.entries(ALWAYS).map(([name, query]) => ({ id: name, name: say(`search.view_${name}`), query }));
    fill(this.lists, [["always", always], ["own", own], ["shared", shared]].filter(([, views]) => views.length > 0).map(([kind, views]) =>
      [el("h2", {}, say(`search.views_${kind}`)), el("ul", {}, views.map((view) => this.#row(view)))]));
  }

  #row(view) {
    const current = sameQuery(view.query) === sameQuery(this.#query);
    return el("li", { class: "saved-row" },
      el("button", { type: "button", class: "queue", "aria-current": current && "true", title: view.query,
        data: { testid: `saved-${view.id}` }, onclick: () => this.#choose(view.query) },
      el("span", {}, view.name), view.shared && el("span", { class: "counts" }, view.owner_name)),
      view.editable && el("button", { type: "button", class: "saved-delete", "aria-label": say("search.delete_view", { name: view.name }),
        title: say("search.delete_view", { name: view.name }), onclick: () => this.#delete(view) }, "×"));
  }

  startSaving() {
    if (this.#query === "") return;
    this.form.hidden = false;
    this.opener.hidden = true;
    this.name.focus();
  }

  #close() {
    this.form.hidden = true;
    this.form.reset();
    this.problem.textContent = "";
    this.show(this.#query);
    this.opener.focus();
  }

  async #save(event) {
    event.preventDefault();
    try {
      const { view } = await this.#api.post("/views", { name: this.name.value, query: this.#query, shared: this.shared.checked });
      this.#close();
      this.said.textContent = say("search.saved", { name: view.name });
      await this.#load();
    } catch (error) {
      this.problem.textContent = error.message;
    }
  }

  async #delete(view) {
    try {
      await this.#api.remove(`/views/${encodeURIComponent(view.id)}`);
      this.said.textContent = say("search.deleted", { name: view.name });
      await this.#load();
      this.lists.querySelector("button")?.focus();
    } catch (error) {
      this.said.textContent = error.message;
    }
  }
}
