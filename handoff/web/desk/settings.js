/** The view in which one chooses how one is told of what: by kind at the desk, with a sound, by e-mail; and sees who one is here. */

import { el, fill } from "../shared/dom.js";
import { hasWord, say } from "../shared/words.js";
import { plain, roleWords } from "./words.js";

const WAYS = ["desk", "sound", "mail"];
/** In which order the kinds stand; one that the server knows and the page does not stands with the last group. */
const GROUPS = [
  ["yours", ["customer_replied", "mentioned", "case_reopened", "case_flagged", "case_taken_over", "follow_up_due", "follow_up_failed", "low_rating"]],
  ["time", ["deadline_near", "deadline_missed", "promise_broken", "case_stalled"]],
  ["offers", ["offer_lost", "set_away", "owner_offline", "nobody_eligible", "case_escalated"]],
  ["all", ["incident_noticed", "incident_resolved", "delivery_failed"]],
];

const kindWords = (kind) => (hasWord(`settings.kind_${kind}`) ? say(`settings.kind_${kind}`) : plain(kind));

export function open(desk) {
  return new Settings(desk);
}

class Settings {
  #desk;
  #known = null;

  constructor(desk) {
    this.#desk = desk;
    this.problem = el("p", { class: "alert", role: "alert", hidden: true, data: { testid: "settings-problem" } });
    this.said = el("p", { class: "settings-said", role: "status", data: { testid: "settings-said" } });
    this.notices = el("div", { class: "settings-body" });
    this.element = el("main", { class: "settings", "aria-labelledby": "settings-title" }, el("div", { class: "settings-page" },
      el("h1", { id: "settings-title", tabindex: "-1" }, say("settings.title")),
      this.#you(),
      el("section", { class: "settings-card", "aria-labelledby": "settings-notices" },
        el("div", { class: "settings-head" }, el("h2", { id: "settings-notices" }, say("settings.notices")), this.said),
        el("p", { class: "muted" }, say("settings.notices_text")), this.problem, this.notices)));
  }

  async show() {
    this.said.textContent = "";
    this.element.querySelector("h1").focus({ preventScroll: true });
    await this.#call(() => this.#desk.api.get("/preferences"));
  }

  #you() {
    const { agent, store } = this.#desk;
    const queues = agent.queues.map((code) => store.options.categories.find((one) => one.category === code)?.label ?? plain(code));
    const level = store.levelName(agent.level);
    const lines = [["email", agent.email], ["role", roleWords(agent.role)],
      ["level", level ? say("settings.level_name", { level: agent.level, name: level }) : agent.level],
      ["queues", queues.join(", ") || say("settings.queues_all")]];
    return el("section", { class: "settings-card", "aria-labelledby": "settings-you" }, el("h2", { id: "settings-you" }, agent.name),
      el("dl", { class: "settings-you", data: { testid: "settings-you" } }, lines.map(([key, value]) => el("div", {}, el("dt", {}, say(`settings.${key}`)), el("dd", {}, value)))),
      el("p", { class: "muted" }, say("settings.you_text")));
  }

  /** `ask()` answers how it is now; what was kept is said, and what was not leaves the page as it was. */
  async #call(ask, kept = "") {
    try {
      this.#known = await ask();
      this.problem.hidden = true;
      this.said.textContent = kept;
    } catch (error) {
      this.problem.textContent = this.#known ? say("settings.not_kept", { why: error.message }) : error.message;
      this.problem.hidden = false;
      this.said.textContent = "";
    }
    if (this.#known) this.#draw();
  }

  #choose(body, kept) {
    return this.#call(() => this.#desk.api.post("/preferences", body), kept);
  }

  #draw() {
    const { preferences, mail_possible: byMail } = this.#known;
    const focused = this.notices.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
    const known = new Map(preferences.notices.map((one) => [one.kind, one]));
    const placed = new Set(GROUPS.flatMap(([, kinds]) => kinds));
    const others = preferences.notices.map((one) => one.kind).filter((kind) => !placed.has(kind));
    const ways = WAYS.filter((way) => way !== "mail" || byMail);
    const chosen = preferences.notices.filter((one) => one.chosen.length > 0);
    const quiet = el("input", { type: "checkbox", id: "settings-quiet", checked: preferences.quiet_when_away, "aria-describedby": "settings-quiet-hint",
      data: { testid: "settings-quiet" }, onchange: () => this.#choose({ quiet_when_away: quiet.checked }, say("settings.kept", { what: say("settings.quiet") })) });
    fill(this.notices,
      el("div", {}, el("label", { class: "check", for: "settings-quiet" }, quiet, el("b", {}, say("settings.quiet"))),
        el("p", { class: "muted settings-hint", id: "settings-quiet-hint" }, say("settings.quiet_hint"))),
      !byMail && el("p", { class: "muted", data: { testid: "settings-no-mail" } }, say("settings.no_mail")),
      el("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-labelledby": "settings-notices" },
        el("table", { class: "settings-table" },
          el("thead", {}, el("tr", {}, el("th", { scope: "col" }, say("settings.head_what")), ways.map((way) => el("th", { scope: "col" }, say(`settings.way_${way}`))),
            el("th", { scope: "col" }, el("span", { class: "visually-hidden" }, say("settings.head_usual"))))),
          GROUPS.map(([group, kinds], index) => el("tbody", {},
            el("tr", { class: "settings-group" }, el("th", { scope: "rowgroup", colspan: ways.length + 2 }, say(`settings.group_${group}`))),
            [...kinds, ...(index === GROUPS.length - 1 ? others : [])].filter((kind) => known.has(kind)).map((kind) => this.#row(known.get(kind), ways)))))),
      el("div", { class: "settings-acts" }, el("button", { type: "button", class: "button", disabled: chosen.length === 0, data: { testid: "settings-usual" },
        onclick: () => this.#choose({ notices: Object.fromEntries(chosen.map((one) => [one.kind, null])) }, say("settings.kept_all")) }, say("settings.usual_all"))));
    if (focused) (this.notices.querySelector(`[data-testid="${CSS.escape(focused)}"]:not([disabled])`) ?? this.#beside(focused))?.focus({ preventScroll: true });
  }

  // The button that made a row usual again is gone with it: the focus stays in the row.
  #beside(testid) {
    const kind = testid.replace(/^settings-usual-?/u, "");
    return this.notices.querySelector(kind ? `[data-testid="settings-${CSS.escape(kind)}-desk"]` : '[data-testid="settings-quiet"]');
  }

  #row(notice, ways) {
    const { kind } = notice;
    const what = kindWords(kind);
    return el("tr", { data: { testid: `settings-${kind}`, chosen: notice.chosen.length > 0 } },
      el("th", { scope: "row" }, what, hasWord(`settings.when_${kind}`) && el("small", {}, say(`settings.when_${kind}`))),
      ways.map((way) => el("td", {}, this.#box(notice, way, what))),
      el("td", {}, notice.chosen.length > 0 && el("button", { type: "button", class: "button", "aria-label": say("settings.usual_of", { what }),
        data: { testid: `settings-usual-${kind}` },
        onclick: () => this.#choose({ notices: { [kind]: null } }, say("settings.kept_usual", { what })) }, say("settings.usual"))));
  }

  #box(notice, way, what) {
    // What the desk does not say it does not ring for either.
    const off = way === "sound" && !notice.desk;
    const box = el("input", { type: "checkbox", checked: notice[way] && !off, disabled: off, data: { testid: `settings-${notice.kind}-${way}` },
      onchange: () => {
        // What was chosen before is sent along: what is left out of a kind is as usual again.
        const before = Object.fromEntries(notice.chosen.map((name) => [name, notice[name]]));
        this.#choose({ notices: { [notice.kind]: { ...before, [way]: box.checked } } }, say("settings.kept", { what }));
      } });
    return el("label", { class: "settings-box" }, box, el("span", { class: "visually-hidden" }, say("settings.way_of", { what, way: say(`settings.way_${way}`) })));
  }
}
