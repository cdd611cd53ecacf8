/** What helps to write: canned responses and macros behind `/` in the reply, colleagues behind `@` in a note. */

import { newId } from "../shared/connection.js";
import { el, fill } from "../shared/dom.js";
import { currentLanguage, say } from "../shared/words.js";
import { openKept } from "./kept.js";
import { Picker, fits } from "./picker.js";
import { placeNames } from "./places.js";

const PLACE = /\{([a-z_]+)\}/gu;
const PREVIEW = 90;
const FRESH_MS = 20_000;

/** The places of a text that nothing was put into yet. */
export function unfilled(text) {
  return [...new Set([...text.matchAll(PLACE)].map((match) => match[1]))];
}

/** `reply` and `note` are the fields of the desk's composer; the case is the one that is chosen. */
export function attachCanned(desk, reply, note) {
  const tools = new Canned(desk, reply);
  tools.attachMentions(note);
  return tools;
}

class Canned {
  #desk;
  #reply;
  #macros = [];
  #replies;
  #colleagues = null;
  #offered = { id: null, at: 0, both: null };

  constructor(desk, reply) {
    this.#desk = desk;
    this.#reply = reply;
    this.told = el("p", { class: "picker-told", role: "alert", data: { testid: "canned-told" } });
    reply.after(this.told);
    // The field keeps the focus until the button is released.
    const own = el("button", { type: "button", class: "button small", data: { testid: "kept-open" }, onmousedown: (event) => event.preventDefault(),
      onclick: () => {
        this.#replies.withdraw();
        this.#openKept();
      } }, say("canned.own_open"));
    this.#replies = new Picker(reply, { sign: "/", label: say("canned.responses"), foot: own, load: (words) => this.#found(words),
      take: (item, replace) => (item.macro ? this.#offer(item.macro, replace) : this.#insert(item.response, replace)) });
    reply.addEventListener("input", () => this.#tell(false));
    // Before what sends: a letter to "{customer_name}" is not sent.
    reply.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#guard(event);
    }, { capture: true });
    reply.form.addEventListener("submit", (event) => this.#guard(event), { capture: true });
    desk.store.addEventListener("selected", () => {
      this.told.textContent = "";
      this.#loadMacros();
    });
    desk.store.addEventListener("case", ({ detail }) => detail === this.#case && this.#macros.length === 0 && this.#loadMacros());
    desk.commands.provide("macros", () => this.#macros.map((macro) => ({ id: `macro-${macro.name}`, label: macro.title,
      hint: say("canned.macro"), run: () => this.#offer(macro) })));
    desk.commands.provide("kept", () => [{ id: "kept", label: say("canned.kept_title"), run: () => this.#openKept() }]);
    reply.form.querySelector(".writer-row button").before(el("button", { type: "button", class: "button", title: say("canned.open_hint"), data: { testid: "canned-open" },
      onclick: () => this.#browse() }, say("canned.open")));
  }

  /** What `/` brings, for whoever does not know of it. */
  #browse() {
    const { value, selectionStart: at } = this.#reply;
    this.#reply.focus();
    this.#reply.setRangeText(/\S$/u.test(value.slice(0, at)) ? " /" : "/", at, this.#reply.selectionEnd, "end");
    this.#reply.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #openKept() {
    openKept({ desk: this.#desk, caseId: this.#case ?? null, draft: this.#reply.value.trim(), changed: () => {
      this.#offered.id = null;
    } });
  }

  get #case() {
    return this.#desk.store.selected;
  }

  #path(rest) {
    return `/cases/${encodeURIComponent(this.#case)}/${rest}`;
  }

  async #loadMacros() {
    const id = this.#case;
    const record = this.#desk.store.cases.get(id);
    this.#macros = [];
    if (!record || !this.#desk.store.isMine(record)) return;
    const { macros } = await this.#desk.api.get(this.#path("macros")).catch(() => ({ macros: [] }));
    if (id !== this.#case) return;
    this.#macros = macros;
    this.#desk.commands.changed();
  }

  /** Responses and macros of the case, asked for once while one types. */
  #both() {
    const now = performance.now();
    if (this.#offered.id !== this.#case || now - this.#offered.at > FRESH_MS) {
      const both = Promise.all([this.#desk.api.get(this.#path("canned")), this.#desk.api.get(this.#path("macros"))]);
      this.#offered = { id: this.#case, at: now, both };
      both.catch(() => {
        this.#offered.id = null;
      });
    }
    return this.#offered.both;
  }

  async #found(words) {
    const [{ responses, language }, { macros }] = await this.#both();
    // The customer's language, where it is known; own ones always.
    const wanted = (language ?? "en").slice(0, 2).toLowerCase();
    const known = new Set(responses.filter((one) => one.language === wanted).map((one) => one.id));
    const offered = responses.filter((one) => one.own || one.language === wanted || (one.language === "en" && !known.has(one.id)));
    const matching = offered.filter((one) => fits(words, `${one.title} ${one.keywords.join(" ")} ${one.text}`));
    const inTitle = (one) => Number(fits(words, one.title));
    return [
      ...matching.sort((a, b) => inTitle(b) - inTitle(a)).map((response) => ({ id: response.id, response, face: responseFace(response) })),
      ...macros.filter((macro) => fits(words, `${macro.title} ${macro.about}`)).map((macro) => ({ id: macro.name, macro,
        face: [el("b", {}, macro.title), el("span", { class: "badge" }, say("canned.macro")), el("span", { class: "muted" }, macro.about)] })),
    ];
  }

  #insert(response, replace) {
    const start = replace(response.text);
    const place = this.#reply.value.slice(start).search(PLACE);
    if (place >= 0) {
      const from = start + place;
      this.#reply.setSelectionRange(from, this.#reply.value.indexOf("}", from) + 1);
    }
    this.#tell(true);
  }

  #tell(now) {
    const places = unfilled(this.#reply.value);
    if (places.length === 0) this.told.textContent = "";
    else if (now || this.told.textContent) this.told.textContent = say("canned.unfilled", { places: placeNames(places) });
  }

  #guard(event) {
    if (unfilled(this.#reply.value).length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.told.textContent = "";
    this.#tell(true);
    this.#reply.focus();
  }

  /** Shows what a macro would do, and does it when that is wanted. */
  async #offer(macro, replace = null) {
    replace?.("");
    const id = this.#case;
    const clientId = newId();
    const problem = el("p", { class: "field-error", role: "alert" });
    const run = el("button", { type: "submit", class: "button primary", "aria-disabled": macro.missing.length > 0 && "true",
      data: { testid: "macro-run" } }, say("canned.run"));
    const dialog = el("dialog", { class: "dialog macro", "aria-labelledby": "macro-title", data: { testid: "macro" } });
    const send = async (event) => {
      event.preventDefault();
      if (macro.missing.length > 0) return;
      run.disabled = true;
      try {
        const answer = await this.#desk.api.act(id, `macros/${encodeURIComponent(macro.name)}`, { client_id: clientId });
        const { store } = this.#desk;
        if (store.cases.has(id) && answer.case.status !== "closed") store.setCase(answer.case);
        dialog.close();
      } catch (error) {
        problem.textContent = error.message;
        run.disabled = false;
      }
    };
    if (macro.missing.length > 0) problem.textContent = say("canned.macro_missing", { places: placeNames(macro.missing) });
    fill(dialog, el("form", { onsubmit: send },
      el("h2", { id: "macro-title" }, macro.title), el("p", { class: "muted" }, say("canned.will_do")),
      el("ol", { class: "macro-steps" }, macro.steps.map((step) => el("li", {}, stepLines(step, this.#desk.store.options)))), problem,
      el("div", { class: "dialog-actions" },
        el("button", { type: "button", class: "button", onclick: () => dialog.close() }, say("canned.cancel")), run)));
    dialog.addEventListener("close", () => {
      dialog.remove();
      this.#reply.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
    run.focus();
  }

  attachMentions(field) {
    new Picker(field, { sign: "@", label: say("canned.colleagues"), none: say("canned.nobody"), load: (words) => this.#people(words),
      take: (item, replace) => replace(`@${item.name} `) });
  }

  async #people(words) {
    this.#colleagues ??= this.#desk.api.get("/agents");
    const { agents } = await this.#colleagues.catch((error) => {
      this.#colleagues = null;
      throw error;
    });
    const category = this.#desk.store.cases.get(this.#case)?.category;
    const sees = (one) => one.queues.length === 0 || !category || one.queues.includes(category);
    return agents.filter((one) => one.id !== this.#desk.agent.id && sees(one) && fits(words, one.name)).map((one) => ({
      id: one.id, name: one.name, face: [el("b", {}, one.name), el("span", { class: "muted" }, say(`canned.state_${one.state}`))] }));
  }
}

function responseFace(response) {
  const short = response.text.length > PREVIEW ? `${response.text.slice(0, PREVIEW)}…` : response.text;
  return [el("b", {}, response.title), (response.own || response.team) && el("span", { class: "badge" }, say(response.own ? "canned.own" : "canned.team")),
    response.language !== currentLanguage() && el("span", { class: "badge" }, response.language.toUpperCase()),
    el("span", { class: "muted" }, short)];
}

function stepLines(step, options) {
  const { text, reason, tried, next_step: next, outcome } = step.texts;
  const label = (list, key, code) => list.find((one) => one[key] === code)?.label ?? code;
  const values = { minutes: step.minutes, severity: step.severity, queue: label(options.categories, "category", step.texts.category),
    disposition: label(options.dispositions, "code", step.texts.disposition), cause: label(options.root_causes, "code", step.texts.root_cause) };
  const hours = step.minutes >= 120;
  const key = step.kind === "next_update" && hours ? "canned.step_next_update_hours" : `canned.step_${step.kind}`;
  return [el("b", {}, say(key, { ...values, hours: Math.round(step.minutes / 60) })),
    [text, reason, outcome, tried, next].filter(Boolean).map((line) => el("span", { class: "macro-text" }, line))];
}
