/** The middle column: what was said, newest last, and where the agent writes. */

import { clock, day, el, fill, moment, withLinks } from "../shared/dom.js";
import { ownText, picture, save, settled, showFiles } from "../shared/files.js";
import { say } from "../shared/words.js";
import { Drafts } from "./drafts.js";
import { Receipts } from "./receipts.js";
import { mood, moodWords, plain } from "./words.js";
import { fileWords, Writer } from "./writer.js";

const NEAR_END_PX = 100;
const NEAR_START_PX = 600;
/** So many messages are drawn at a time: the latest at once, older ones as one scrolls up to them. */
const PAGE = 30;
const LARGEST_PICTURE_PX = 1600;

export class Conversation {
  #files;
  #older = [];
  #id = null;
  #notes = [];
  #placed = new Set();
  #customer = "";
  #lastDay = "";
  #firstDay = "";
  #typingTimer = 0;
  #unseen = 0;
  // A note is all that one may write, and was not chosen.
  #onlyNotes = false;
  lastSeq = 0;
  receipts = new Receipts();

  /** `reply(caseId, text, id, files)` and `note(caseId, text)` resolve when stored; `files` is where a case's files are, `viewers` says who else is here. */
  constructor(hooks, options, agentId, viewers) {
    this.#files = hooks.files;
    this.log = el("div", { class: "log", role: "log", "aria-label": say("conversation.log_label"), "aria-live": "off", tabindex: "0",
      data: { testid: "desk-log" }, onscroll: () => this.#scrolled() });
    this.newest = el("button", { type: "button", class: "button newest", hidden: true, data: { testid: "desk-newest" },
      onclick: () => this.#toEnd() });
    this.typingLine = el("p", { class: "typing", hidden: true, data: { testid: "desk-typing" } });
    this.locked = el("p", { class: "locked" });
    /** What whoever writes here should know first. */
    this.about = el("div", { class: "about", data: { testid: "about-case" } });
    const shared = { options, drafts: new Drafts(agentId), typing: hooks.typing };
    this.reply = new Writer("reply", { ...shared, send: hooks.reply, place: hooks.files.place });
    this.note = new Writer("note", { ...shared, send: hooks.note });
    this.modes = ["reply", "note"].map((mode) => el("button",
      { type: "button", class: "tab", data: { testid: `mode-${mode}` }, onclick: () => this.#mode(mode, true) }, say(`conversation.${mode}`)));
    this.writers = el("div", { class: "writers" },
      el("div", { class: "tabs", role: "group", "aria-label": say("conversation.what_to_write") }, this.modes),
      this.reply.form, this.note.form);
    this.element = el("div", { class: "conversation" }, this.log, this.newest,
      el("div", { class: "between" }, this.typingLine, viewers), this.about, this.locked, this.writers);
    this.#mode("reply");
  }

  #mode(mode, focus = false) {
    this.reply.form.hidden = mode !== "reply";
    this.note.form.hidden = mode !== "note";
    this.modes.forEach((button, index) => button.setAttribute("aria-pressed", String(index === (mode === "reply" ? 0 : 1))));
    if (focus) this[mode].input.focus();
  }

  /** The case that is shown, or null. */
  get id() {
    return this.#id;
  }

  /** Another case: its transcript, with the customer's name, and this agent's drafts for it. */
  open(id, customer, messages, notes = []) {
    this.#id = id;
    this.#notes = [];
    this.#placed.clear();
    this.#customer = customer;
    this.#lastDay = "";
    this.lastSeq = 0;
    this.endTyping();
    this.receipts.reset();
    this.log.setAttribute("aria-live", "off");
    fill(this.log);
    this.reply.open(id);
    this.note.open(id);
    this.#mode(this.locked.hidden ? "reply" : "note");
    this.#onlyNotes = !this.locked.hidden;
    this.#older = messages.slice(0, -PAGE);
    const shown = messages.slice(-PAGE);
    this.#firstDay = shown.length > 0 ? day(shown[0].created_at) : "";
    this.add(shown);
    this.notes(id, notes);
    this.#toEnd();
    // Only what comes from now on is read out.
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 100);
  }

  /** Why the customer cannot be written to, or "" when they can. Whoever sees the case may write a note, unless it is out of reach. */
  lock(reason, notes = true) {
    const atEnd = this.#atEnd();
    this.locked.textContent = reason;
    this.locked.hidden = reason === "";
    this.modes[0].disabled = reason !== "";
    this.writers.hidden = reason !== "" && !notes;
    if (reason !== "" && this.note.form.hidden) {
      this.#onlyNotes = true;
      this.#mode("note");
    } else if (reason === "" && this.#onlyNotes) {
      this.#onlyNotes = false;
      // A note that was begun is not taken out of the hands.
      if (this.note.input.value.trim() === "") this.#mode("reply");
    }
    // The field takes room from the transcript: whoever read the latest message goes on seeing it.
    if (atEnd) this.#toEnd();
  }

  /** To the reply, whatever was written before. */
  toReply() {
    this.#mode("reply", true);
  }

  #atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END_PX;
  }

  #toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.#seen();
  }

  #seen() {
    this.#unseen = 0;
    this.newest.hidden = true;
  }

  #scrolled() {
    if (this.#atEnd()) this.#seen();
    if (this.#older.length > 0 && this.log.scrollTop < NEAR_START_PX) this.#showOlder();
  }

  // What one reads stays where it is: above it grows only what is scrolled to.
  #showOlder() {
    const { scrollHeight, scrollTop } = this.log;
    const found = this.#older.splice(-PAGE);
    const elements = [];
    let last = this.#older.length > 0 ? day(this.#older.at(-1).created_at) : "";
    const first = day(found[0].created_at);
    for (const message of found) {
      const today = day(message.created_at);
      if (today !== last) elements.push(el("p", { class: "day" }, today));
      last = today;
      elements.push(this.#element(message));
    }
    // The day that stood at the top goes on from above.
    if (last === this.#firstDay) this.log.querySelector(".day")?.remove();
    this.#firstDay = first;
    const live = this.log.getAttribute("aria-live");
    this.log.setAttribute("aria-live", "off");
    this.log.prepend(...elements);
    this.#placeNotes();
    this.log.scrollTop = scrollTop + this.log.scrollHeight - scrollHeight;
    setTimeout(() => this.log.setAttribute("aria-live", live), 100);
  }

  add(messages) {
    const atEnd = this.#atEnd();
    let come = 0;
    let mine = false;
    for (const message of messages) {
      if (message.seq <= this.lastSeq) continue;
      this.lastSeq = message.seq;
      if (message.sender.type === "customer") this.endTyping();
      const today = day(message.created_at);
      if (today !== this.#lastDay) this.log.append(el("p", { class: "day" }, today));
      this.#lastDay = today;
      this.log.append(this.#element(message));
      come += 1;
      mine = message.sender.type === "agent";
    }
    if (atEnd || mine) {
      this.#toEnd();
    } else if (come > 0) {
      this.#unseen += come;
      this.newest.textContent = say("conversation.newer", { count: this.#unseen });
      this.newest.hidden = false;
    }
  }

  typing(name, duration) {
    clearTimeout(this.#typingTimer);
    this.typingLine.textContent = say("conversation.typing", { name });
    this.typingLine.hidden = false;
    this.#typingTimer = setTimeout(() => this.endTyping(), duration);
  }

  endTyping() {
    clearTimeout(this.#typingTimer);
    this.typingLine.hidden = true;
  }

  #element(message) {
    const { type } = message.sender;
    const name = type === "customer" ? this.#customer : message.sender.name;
    const text = ownText(message);
    const head = el("header", {}, name && el("b", {}, el("bdi", {}, name)), el("span", { class: "muted" }, say(`conversation.role_${type}`)),
      el("time", { datetime: message.created_at }, clock(message.created_at)));
    if (type === "agent") this.receipts.add(message.seq, head);
    return el("article", { class: `message ${type}`, data: { testid: "message", seq: message.seq, sender: type, at: message.created_at } }, head,
      text && el("p", { class: "text", dir: "auto" }, ...withLinks(text)),
      message.attachments?.length > 0 && this.#filesOf(message),
      message.rating && el("p", { class: "turn", data: { testid: "rating" } }, say(`conversation.rated_${message.rating}`)),
      message.turn && turnMark(message.turn));
  }

  /** The private notes stand where they were written; those of what is not shown yet come with it. */
  notes(id, notes) {
    if (id !== this.#id) return;
    const atEnd = this.#atEnd();
    this.#notes = notes;
    this.#placeNotes();
    if (atEnd) this.#toEnd();
  }

  #placeNotes() {
    const told = [...this.log.querySelectorAll(".message")];
    const first = Date.parse(told[0]?.dataset.at ?? 0);
    for (const note of this.#notes) {
      const key = `${note.at} ${note.agent_name}`;
      const at = Date.parse(note.at);
      if (this.#placed.has(key) || (this.#older.length > 0 && at < first)) continue;
      this.#placed.add(key);
      const next = told.find((message) => Date.parse(message.dataset.at) > at) ?? null;
      const label = next?.previousElementSibling;
      const ofNext = label?.className === "day" && label.textContent !== day(note.at);
      const element = noteElement(note);
      this.log.insertBefore(element, ofNext ? label : next);
      told.splice(next ? told.indexOf(next) : told.length, 0, element);
    }
  }

  /** A file that the scanner could not judge at first is judged, also in what is not drawn yet. */
  settle(frame) {
    settled(frame);
    for (const { attachments = [] } of this.#older) {
      const place = attachments.findIndex(({ id }) => id === frame.attachment.id);
      if (place >= 0) attachments[place] = frame.attachment;
    }
  }

  #filesOf(message) {
    const caseId = this.#id;
    const list = el("ul", { class: "files" });
    showFiles(list, message.attachments, { say: fileWords, load: (file) => this.#files.load(caseId, file), open: openFile });
    return list;
  }
}

function noteElement(note) {
  return el("article", { class: "message note", data: { testid: "log-note", at: note.at } },
    el("header", {}, el("b", {}, el("bdi", {}, note.agent_name)), el("span", { class: "muted" }, say("conversation.role_note")), el("time", { datetime: note.at }, moment(note.at))),
    el("p", { class: "text", dir: "auto" }, ...withLinks(note.text)));
}

/** A picture is shown large, anything else is saved. */
async function openFile(file, blob) {
  if (!file.media_type.startsWith("image/")) {
    save(file, blob);
    return;
  }
  const drawn = await picture(blob, LARGEST_PICTURE_PX);
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", file.name);
  const dialog = el("dialog", { class: "picture", "aria-label": file.name, data: { testid: "picture" }, onclose: () => dialog.remove() },
    drawn,
    el("form", { method: "dialog", class: "writer-row" },
      el("button", { type: "button", class: "button", data: { testid: "picture-save" }, onclick: () => save(file, blob) },
        say("conversation.file_save")),
      el("button", { class: "button primary" }, say("conversation.file_close"))));
  document.body.append(dialog);
  dialog.showModal();
}

function turnMark(turn) {
  const action = turn.decision?.action;
  return el("p", { class: "turn", data: { mood: mood(turn.frustration) } },
    el("span", { class: "dot", "aria-hidden": "true" }), `${moodWords(turn.frustration)} ${turn.frustration.toFixed(2)}`,
    el("span", { class: "muted" }, plain(turn.intent)),
    action === "offer" && el("b", {}, say("conversation.offered")), action === "now" && el("b", {}, say("conversation.handed_over")));
}
