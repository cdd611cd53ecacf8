/** The canned responses that one keeps, and the team's: a list, and a form that shows how a text reads in the open case. */

import { characters, el, fill } from "../shared/dom.js";
import { currentLanguage, LANGUAGES, say } from "../shared/words.js";
import { placeNames } from "./places.js";

const PREVIEW_AFTER_MS = 250;

/** `{desk, caseId, draft, changed()}`: `draft` is what stands in the reply, for a new one to begin with. */
export function openKept(tools) {
  if (!document.querySelector("dialog[open]")) new Kept(tools).open();
}

class Kept {
  #desk;
  #caseId;
  #draft;
  #changed;
  #known = { responses: [], places: [], may_share: false };
  #timer = 0;
  #turn = 0;

  constructor({ desk, caseId, draft, changed }) {
    [this.#desk, this.#caseId, this.#draft, this.#changed] = [desk, caseId, draft, changed];
    this.problem = el("p", { class: "alert", role: "alert", hidden: true });
    this.said = el("p", { class: "visually-hidden", role: "status", data: { testid: "kept-said" } });
    this.body = el("div", { class: "kept-body" });
    this.dialog = el("dialog", { class: "dialog kept", "aria-labelledby": "kept-title", data: { testid: "kept" } },
      el("h2", { id: "kept-title" }, say("canned.kept_title")), this.problem, this.said, this.body);
  }

  async open() {
    const opener = document.activeElement;
    this.dialog.addEventListener("close", () => {
      clearTimeout(this.#timer);
      this.dialog.remove();
      if (opener?.isConnected) opener.focus();
    });
    document.body.append(this.dialog);
    this.dialog.showModal();
    await this.#list();
  }

  #told(error) {
    this.problem.textContent = error?.message ?? "";
    this.problem.hidden = !error;
  }

  async #list(focus = "kept-new") {
    try {
      this.#known = await this.#desk.api.get("/canned");
      this.#told(null);
    } catch (error) {
      this.#told(error);
    }
    const { responses } = this.#known;
    fill(this.body, el("p", { class: "muted" }, say("canned.kept_text")),
      responses.length === 0 ? el("p", { class: "muted" }, say("canned.kept_none")) : el("ul", { class: "cards kept-list" }, responses.map((one) => this.#row(one))),
      el("div", { class: "dialog-actions" },
        el("button", { type: "button", class: "button", onclick: () => this.dialog.close() }, say("canned.close")),
        el("button", { type: "button", class: "button primary", data: { testid: "kept-new" }, onclick: () => this.#form(null) }, say("canned.kept_new"))));
    (this.body.querySelector(`[data-testid="${CSS.escape(focus)}"]`) ?? this.body.querySelector('[data-testid="kept-new"]')).focus();
  }

  #row(one) {
    const queue = this.#desk.store.options.categories.find((option) => option.category === one.category)?.label;
    const remove = el("button", { type: "button", class: "button small", "aria-label": say("canned.delete_of", { title: one.title }),
      data: { testid: `kept-delete-${one.id}` }, onclick: () => this.#remove(one, remove) }, say("canned.delete"));
    return el("li", { data: { testid: "kept-row" } },
      el("p", { class: "kept-head" }, el("b", { dir: "auto" }, one.title),
        el("span", { class: "badge" }, one.shared ? say("canned.team_of", { name: one.owner_name }) : say("canned.own")),
        el("span", { class: "badge" }, one.language.toUpperCase()), queue && el("span", { class: "muted" }, queue)),
      el("p", { class: "text", dir: "auto" }, one.text),
      one.editable && el("div", { class: "kept-acts" },
        el("button", { type: "button", class: "button small", "aria-label": say("canned.edit_of", { title: one.title }), data: { testid: `kept-edit-${one.id}` },
          onclick: () => this.#form(one) }, say("canned.edit")), remove));
  }

  /** Pressed once it asks, pressed again it is done. */
  async #remove(one, button) {
    if (button.dataset.sure !== "yes") {
      button.dataset.sure = "yes";
      button.textContent = say("canned.delete_sure");
      button.setAttribute("aria-label", say("canned.delete_sure_of", { title: one.title }));
      this.said.textContent = say("canned.delete_sure_of", { title: one.title });
      return;
    }
    try {
      await this.#desk.api.remove(`/canned/${encodeURIComponent(one.id)}`);
      this.#changed();
      this.said.textContent = say("canned.deleted", { title: one.title });
      await this.#list();
    } catch (error) {
      this.#told(error);
    }
  }

  #form(one) {
    this.#told(null);
    const field = (name, control, hint) => el("div", { class: "field" }, el("label", { for: control.id }, say(`canned.field_${name}`)),
      hint && el("small", {}, hint), control);
    const select = (name, options, value) => {
      const made = el("select", { id: `kept-${name}`, data: { testid: `kept-${name}` } }, options.map(([code, label]) => el("option", { value: code }, label)));
      made.value = value;
      return made;
    };
    const language = one?.language ?? currentLanguage();
    const languages = Object.entries(LANGUAGES);
    if (!(language in LANGUAGES)) languages.push([language, language.toUpperCase()]);
    const title = el("input", { id: "kept-title-field", type: "text", maxlength: 80, value: one?.title ?? "", data: { testid: "kept-name" } });
    const text = el("textarea", { id: "kept-text", rows: 5, dir: "auto", "aria-describedby": "kept-check", value: one?.text ?? this.#draft, data: { testid: "kept-text" } });
    const controls = {
      language: select("language", languages, language),
      category: select("category", [["", say("canned.any_case")], ...this.#desk.store.options.categories.map((option) => [option.category, option.label])], one?.category ?? ""),
      shared: select("shared", [["", say("canned.for_me")], ["yes", say("canned.for_team")]], one?.shared ? "yes" : ""),
    };
    const check = el("p", { id: "kept-check", class: "field-error", role: "status", data: { testid: "kept-check" } });
    const preview = el("p", { class: "text kept-preview", dir: "auto", data: { testid: "kept-preview" } });
    const shown = el("div", { class: "field", hidden: this.#caseId === null }, el("span", {}, say("canned.preview")), preview);
    const look = () => this.#look(text.value, check, preview);
    const put = (place) => {
      text.setRangeText(`{${place}}`, text.selectionStart, text.selectionEnd, "end");
      text.focus();
      look();
    };
    text.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(look, PREVIEW_AFTER_MS);
    });
    const keep = el("button", { type: "submit", class: "button primary", data: { testid: "kept-keep" } }, say("canned.keep"));
    fill(this.body, el("form", { novalidate: true, onsubmit: async (event) => {
      event.preventDefault();
      if (keep.disabled) return;
      const body = { title: title.value.trim(), text: text.value.trim(), language: controls.language.value, category: controls.category.value || null,
        shared: controls.shared.value === "yes" };
      const empty = [[title, body.title], [text, body.text]].find(([, value]) => value === "");
      if (empty) {
        check.textContent = say("canned.fill_in");
        empty[0].focus();
        return;
      }
      keep.disabled = true;
      try {
        const { response } = await this.#desk.api.post(one ? `/canned/${encodeURIComponent(one.id)}` : "/canned", body);
        this.#changed();
        this.#draft = "";
        this.said.textContent = say("canned.kept", { title: response.title });
        await this.#list(`kept-edit-${response.id}`);
      } catch (error) {
        this.#told(error);
        keep.disabled = false;
      }
    } },
    field("title", title),
    el("div", { class: "kept-choices" }, field("language", controls.language), field("category", controls.category), this.#known.may_share && field("shared", controls.shared)),
    field("text", text, say("canned.text_hint")),
    el("div", { class: "kept-places", role: "group", "aria-label": say("canned.places") }, this.#known.places.map((place) =>
      el("button", { type: "button", class: "button small", data: { testid: `kept-place-${place}` }, onclick: () => put(place) }, placeNames([place])))),
    check, shown,
    el("div", { class: "dialog-actions" },
      el("button", { type: "button", class: "button", data: { testid: "kept-back" }, onclick: () => this.#list(one ? `kept-edit-${one.id}` : "kept-new") }, say("canned.cancel")), keep)));
    title.focus();
    look();
  }

  /** What of the text cannot be kept, what the case has nothing for, and how it reads. */
  async #look(text, check, preview) {
    const turn = (this.#turn += 1);
    const limit = this.#desk.store.options.message_characters;
    if (characters(text) > limit) {
      check.textContent = say("canned.too_long", { limit });
      return;
    }
    if (this.#caseId === null) {
      const strange = [...text.matchAll(/\{([^{}]*)\}/gu)].map((match) => match[1]).filter((place) => !this.#known.places.includes(place));
      check.textContent = strange.length > 0 ? say("canned.strange", { places: strange.map((place) => `{${place}}`).join(", ") }) : "";
      return;
    }
    try {
      const tried = await this.#desk.api.act(this.#caseId, "canned/preview", { text });
      if (turn !== this.#turn) return;
      const strange = tried.strange.map((place) => ("{}".includes(place) && place ? place : `{${place}}`));
      const missing = tried.missing.filter((place) => !tried.strange.includes(place));
      check.textContent = strange.length > 0 ? say("canned.strange", { places: strange.join(", ") })
        : missing.length > 0 ? say("canned.preview_missing", { places: placeNames(missing) }) : "";
      preview.textContent = tried.text;
    } catch (error) {
      if (turn === this.#turn) check.textContent = error.message;
    }
  }
}
