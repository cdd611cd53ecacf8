/** Where the agent writes: to the customer, with files, or a private note. */

import { newId } from "../shared/connection.js";
import { characters, el } from "../shared/dom.js";
import { FileTray } from "../shared/files.js";
import { hasWord, say } from "../shared/words.js";

const TYPING_EVERY_MS = 3_000;
const KINDS = "image/png,image/jpeg,image/gif,image/webp,application/pdf";

/** What the file tray says, in the desk's words; "" for a code without any. */
export const fileWords = (key, values) => (hasWord(`conversation.${key}`) ? say(`conversation.${key}`, values) : "");

export class Writer {
  #mode;
  #options;
  #drafts;
  #send;
  #typing;
  #id = null;
  #lastTyping = -Infinity;
  // A failed send keeps its identifier, so that pressing again cannot store it twice.
  #attempt = null;
  tray = null;

  /** `send(caseId, text, id, files)` resolves when stored; `place(caseId)` says where files go, and only replies have it. */
  constructor(mode, { options, drafts, send, typing, place }) {
    [this.#mode, this.#options, this.#drafts, this.#send, this.#typing] = [mode, options, drafts, send, typing];
    const label = say(`conversation.${mode}_label`);
    this.input = el("textarea", { rows: "3", dir: "auto", "aria-label": label, placeholder: say(`conversation.${mode}_hint`),
      data: { testid: mode === "reply" ? "desk-input" : "note-input" } });
    this.problem = el("p", { class: "field-error", role: "alert" });
    this.button = el("button", { type: "submit", class: "button primary", data: { testid: mode === "reply" ? "desk-send" : "note-send" } },
      say(`conversation.${mode}_send`));
    this.row = el("div", { class: "writer-row" }, this.problem, this.button);
    this.form = el("form", { class: `writer ${mode}` }, this.input, this.row);
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !event.defaultPrevented && mode === "reply") this.#submit(event);
    });
    this.input.addEventListener("input", () => this.#changed());
    if (place) this.#takeFiles(place);
  }

  #takeFiles(place) {
    this.tray = new FileTray({ say: fileWords, place: () => place(this.#id), bytes: this.#options.attachment_bytes,
      most: this.#options.attachments, changed: (next) => next?.focus() });
    const chooser = el("input", { type: "file", multiple: true, hidden: true, accept: KINDS, data: { testid: "desk-files" } });
    const take = (event, transfer) => {
      const files = [...(transfer?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      if (transfer === chooser) chooser.value = "";
      this.tray.add(files);
    };
    chooser.addEventListener("change", (event) => take(event, chooser));
    this.form.addEventListener("paste", (event) => take(event, event.clipboardData));
    this.form.addEventListener("dragover", (event) => event.preventDefault());
    this.form.addEventListener("drop", (event) => take(event, event.dataTransfer));
    this.row.prepend(el("button", { type: "button", class: "button", data: { testid: "desk-attach" }, onclick: () => chooser.click() },
      say("conversation.attach")), chooser);
    this.form.insertBefore(this.tray.element, this.row);
  }

  /** Another case, with what was begun for it. */
  open(id) {
    this.#id = id;
    this.#attempt = null;
    this.input.value = this.#drafts.read(this.#mode, id);
    this.problem.textContent = "";
    this.tray?.take();
  }

  #tooLong(text) {
    const over = characters(text) - this.#options.message_characters;
    return over > 0 ? say("conversation.too_long", { count: over, limit: this.#options.message_characters }) : "";
  }

  #changed() {
    this.#drafts.write(this.#mode, this.#id, this.input.value);
    this.problem.textContent = this.#tooLong(this.input.value.trim());
    if (performance.now() - this.#lastTyping > TYPING_EVERY_MS) {
      this.#lastTyping = performance.now();
      this.#typing(this.#id, this.#mode);
    }
  }

  /** What is said of a failure: where only the answer was lost it may have arrived, and a reply, which has its identifier, can just be sent again. */
  #unsent(error) {
    if (error.code !== "unreachable") return say("conversation.not_sent", { why: error.message });
    return this.#mode === "reply" ? say("conversation.send_again") : error.message;
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    const withFiles = this.tray?.empty === false;
    this.problem.textContent = this.#tooLong(text);
    if ((text === "" && !withFiles) || this.problem.textContent || this.button.disabled) return;
    if (withFiles && !this.tray.ready) {
      this.tray.wait();
      return;
    }
    const files = withFiles ? this.tray.kept : [];
    const names = files.map((file) => file.id).join();
    if (this.#attempt?.text !== text || this.#attempt.names !== names) this.#attempt = { text, names, id: newId() };
    const id = this.#id;
    this.button.disabled = true;
    try {
      await this.#send(id, text, this.#attempt.id, files);
      this.#drafts.write(this.#mode, id, "");
      if (id === this.#id) {
        this.#attempt = null;
        this.tray?.take();
        if (this.input.value.trim() === text) this.input.value = "";
        else this.#drafts.write(this.#mode, id, this.input.value);
      }
    } catch (error) {
      if (id === this.#id) this.problem.textContent = this.#unsent(error);
    } finally {
      this.button.disabled = false;
    }
  }
}
