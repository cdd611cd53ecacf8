/** The view that finds cases: words and filters above, saved views on the left, what was found below. */

import { el, fill, icon, moment } from "../shared/dom.js";
import { hasWord, say } from "../shared/words.js";
import { SavedViews } from "./saved-views.js";

const GLASS = "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM16 16l5 5";
const STATUSES = ["unresolved", "open", "active", "waiting", "closed"];
const OWNERS = ["me", "nobody"];
// Days from today: kept as a view, the period moves on with the days.
const PERIODS = { today: "today", week: "-6d", month: "-29d" };

/** Takes `key:value` out of a query, and puts another in where there is one. */
export function withFilter(query, key, value) {
  const rest = query.replace(new RegExp(`(^|\\s)${key}:("[^"]*"|\\S*)`, "giu"), "").trim();
  return value ? `${rest} ${key}:${value}`.trim() : rest;
}

/** The value of `key:` in a query, or "". */
export function filterIn(query, key) {
  const found = new RegExp(`(?:^|\\s)${key}:(?:"([^"]*)"|(\\S*))`, "iu").exec(query);
  return (found?.[1] ?? found?.[2] ?? "").toLowerCase();
}

export function open(desk) {
  return new SearchView(desk);
}

class SearchView {
  #desk;
  #turn = 0;
  #shown = null;

  constructor(desk) {
    this.#desk = desk;
    this.input = el("input", { type: "search", class: "search-input", "aria-label": say("search.what"), placeholder: say("search.placeholder"),
      maxlength: 400, autocomplete: "off", spellcheck: "false", "aria-describedby": "search-told", data: { testid: "search-input" } });
    this.problem = el("p", { class: "field-error", id: "search-told", role: "alert", data: { testid: "search-problem" } });
    this.status = el("p", { class: "search-status", role: "status", data: { testid: "search-status" } });
    this.results = el("ol", { class: "results", "aria-label": say("search.results"), onkeydown: (event) => this.#move(event) });
    this.filters = this.#filters();
    this.views = new SavedViews(desk.api, (query) => this.#go(query));
    const form = el("form", { class: "search-form", role: "search", onsubmit: (event) => {
      event.preventDefault();
      this.#go(this.input.value);
    } }, this.input, el("button", { type: "submit", class: "button primary", data: { testid: "search-go" } }, icon(GLASS), say("search.find")));
    this.element = el("div", { class: "search" }, this.views.element,
      el("main", { class: "search-main", "aria-labelledby": "search-title" },
        el("h1", { class: "visually-hidden", id: "search-title" }, say("search.title")),
        el("div", { class: "search-head" }, form, this.problem, this.#filterRow()),
        this.status, this.results));
  }

  #filters() {
    const { categories, root_causes: causes, severities } = this.#desk.store.options;
    const choices = {
      status: STATUSES.map((status) => [status, say(`search.status_${status}`)]),
      queue: categories.map(({ category, label }) => [category, label]),
      agent: OWNERS.map((owner) => [owner, say(`search.agent_${owner}`)]),
      severity: severities.map(({ severity, name }) => [String(severity), `${severity} · ${name}`]),
      cause: causes.map(({ code, label }) => [code, label]),
      after: Object.entries(PERIODS).map(([name, day]) => [day, say(`search.period_${name}`)]),
    };
    return new Map(Object.entries(choices).map(([key, options]) => [key, el("select",
      { "aria-label": say(`search.filter_${key}`), data: { testid: `filter-${key}` },
        onchange: (event) => this.#go(withFilter(this.input.value, key, event.target.value)) },
      el("option", { value: "" }, say(`search.any_${key}`)), options.map(([value, label]) => el("option", { value }, label)))]));
  }

  #filterRow() {
    return el("div", { class: "search-filters", role: "group", "aria-label": say("search.filters") }, [...this.filters.values()],
      el("details", { class: "search-help" }, el("summary", {}, say("search.help")),
        el("dl", {}, ["words", "phrase", "from", "order", "agent", "before"].map((key) =>
          el("div", {}, el("dt", {}, el("code", {}, say(`search.example_${key}`))), el("dd", {}, say(`search.help_${key}`)))))));
  }

  #go(query) {
    this.#desk.views.go("search", encodeURIComponent(query.trim()));
  }

  /** What the address says is looked for; the same address again looks again, for new cases. */
  async show([query = ""]) {
    this.input.value = query;
    for (const [key, select] of this.filters) {
      const value = filterIn(query, key);
      select.value = [...select.options].some((option) => option.value === value) ? value : "";
    }
    this.views.show(query);
    if (query === "" || this.#shown === null) this.input.focus();
    this.#shown = query;
    await this.#find(query);
  }

  async #find(query) {
    const turn = (this.#turn += 1);
    this.problem.textContent = "";
    this.input.removeAttribute("aria-invalid");
    if (query === "") {
      fill(this.results);
      this.status.textContent = say("search.begin");
      return;
    }
    this.element.setAttribute("aria-busy", "true");
    try {
      const found = await this.#desk.api.get(`/search?q=${encodeURIComponent(query)}`);
      if (turn !== this.#turn) return;
      fill(this.results, found.results.map((one) => el("li", {}, resultLink(one))));
      const count = found.results.length;
      this.status.textContent = count === 0 ? say("search.none") : say(found.more ? "search.found_more" : "search.found", { count });
    } catch (error) {
      if (turn !== this.#turn) return;
      this.problem.textContent = error.message;
      this.input.setAttribute("aria-invalid", "true");
      fill(this.results);
      this.status.textContent = "";
    } finally {
      if (turn === this.#turn) this.element.removeAttribute("aria-busy");
    }
  }

  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const links = [...this.results.querySelectorAll("a")];
    (links[links.indexOf(document.activeElement) + step] ?? (step < 0 ? this.input : null))?.focus();
  }

  commands() {
    return [{ id: "save-view", label: say("search.save_view"), run: () => this.views.startSaving() }];
  }
}

function resultLink({ case: record, hits }) {
  const status = hasWord(`search.status_${record.status}`) ? say(`search.status_${record.status}`) : record.status;
  return el("a", { class: "result", href: `#/cases/${encodeURIComponent(record.id)}`, data: { testid: `result-${record.number}` } },
    el("span", { class: "result-head" },
      el("span", { class: "number" }, record.number), el("b", {}, record.customer_name || say("search.visitor")),
      el("span", { class: `badge ${record.status === "closed" ? "good" : "warn"}` }, status),
      el("span", { class: "muted" }, record.queue, record.agent && ` · ${record.agent.name}`),
      el("time", { class: "muted", datetime: record.opened_at }, moment(record.opened_at))),
    el("span", { class: "result-problem" }, record.problem),
    hits.filter((hit) => hit.kind !== "case").map((hit) => el("span", { class: "hit" },
      el("span", { class: "hit-kind" }, say(`search.hit_${hit.kind}`)),
      el("span", { class: "hit-text" }, hit.pieces.map((piece) => (piece.hit ? el("mark", {}, piece.text) : piece.text))))));
}
