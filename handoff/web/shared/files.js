/** Files with a message: those being sent with their progress, and those that came. Widget and desk share it. */

import { amount, el, fill } from "./dom.js";

const THUMB_PX = 88;
// By identifier, how each file that is not judged yet is drawn anew.
const waiting = new Map();

/** "1.2 MB". */
export function sizeOf(bytes) {
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  return amount(value, { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 });
}

function send({ url, headers }, file, progress) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.open("POST", url);
    request.responseType = "json";
    const all = { ...headers, "X-File-Name": encodeURIComponent(file.name.toWellFormed?.() ?? file.name) || "file" };
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => progress(loaded / total);
    request.onload = () => (request.status === 201 ? resolve(request.response.attachment) : reject(request.response?.error?.code));
    request.onerror = request.onabort = () => reject();
    request.send(file);
  });
  return { done, stop: () => request.abort() };
}

/** What is to go with the next message. `place()` gives `{url, headers}`, `changed()` is told of every change. */
export class FileTray {
  #entries = new Set();
  #limits;
  #place;
  #say;
  #changed;

  constructor({ say, place, bytes, most, changed }) {
    [this.#say, this.#place, this.#limits, this.#changed] = [say, place, { bytes, most }, changed];
    this.list = el("ul", { class: "file-tray", data: { testid: "file-tray" } });
    this.told = el("p", { class: "file-told", role: "status", data: { testid: "file-told" } });
    this.element = el("div", {}, this.list, this.told);
  }

  /** Whether all that was chosen has arrived; a refused one has to be removed first. */
  get ready() {
    return [...this.#entries].every((entry) => entry.kept);
  }

  get empty() {
    return this.#entries.size === 0;
  }

  add(files) {
    this.told.textContent = "";
    for (const file of files) {
      const { bytes, most } = this.#limits;
      if (this.#entries.size >= most) this.told.textContent = this.#say("file_many", { count: most });
      else if (file.size > bytes) this.#tell(file, "attachment_too_large");
      else this.#start(file);
    }
    this.#changed();
  }

  #tell(file, code) {
    const words = this.#say(`file_${code}`, { limit: sizeOf(this.#limits.bytes) });
    this.told.textContent = `${file.name}: ${words}`;
  }

  async #start(file) {
    const bar = el("progress", { max: 1, value: "0", "aria-label": this.#say("file_uploading", { name: file.name }) });
    const remove = el("button", { type: "button", class: "file-remove", "aria-label": this.#say("file_remove", { name: file.name }),
      onclick: () => this.#remove(entry) }, "×");
    const entry = { upload: send(this.#place(), file, (share) => (bar.value = share)) };
    entry.element = el("li", { data: { testid: "file-chosen" } }, el("bdi", {}, file.name), el("small", {}, sizeOf(file.size)), bar, remove);
    this.#entries.add(entry);
    this.list.append(entry.element);
    try {
      entry.kept = await entry.upload.done;
      bar.remove();
      if (this.#entries.has(entry)) this.told.textContent = this.#say("file_ready", { name: file.name });
    } catch (code) {
      if (!this.#entries.has(entry)) return;
      this.#tell(file, this.#say(`file_${code}`) ? code : "failed");
      this.#entries.delete(entry);
      entry.element.remove();
    }
    this.#changed();
  }

  #remove(entry) {
    const next = entry.element.nextElementSibling ?? entry.element.previousElementSibling;
    this.#entries.delete(entry);
    entry.upload.stop();
    entry.element.remove();
    this.told.textContent = "";
    this.#changed(next?.querySelector("button"));
  }

  /** Says that something is still on its way. */
  wait() {
    this.told.textContent = this.#say("file_wait");
  }

  get kept() {
    return [...this.#entries].map((entry) => entry.kept);
  }

  /** The files that have arrived; the tray is empty then. */
  take() {
    const { kept } = this;
    for (const entry of this.#entries) if (!entry.kept) entry.upload.stop();
    this.#entries.clear();
    fill(this.list);
    this.told.textContent = "";
    return kept;
  }
}

/** A message's text, or nothing where it only names its files. */
export function ownText({ text, attachments = [] }) {
  return attachments.length > 0 && text === attachments.map((file) => file.name).join(", ") ? "" : text;
}

/**
 * Fills `list` with a message's files. `load(file)` resolves to a Blob, `open(file, blob)` is what a press does.
 * A picture is drawn on a canvas: the CSP of a website around the widget may forbid images from elsewhere.
 */
export function showFiles(list, files, { say, load, open }) {
  const entry = (file) => {
    const state = file.status === "clean" ? sizeOf(file.size) : say(`file_${file.status}`);
    const button = el("button", { type: "button", class: "file", disabled: file.status !== "clean", data: { testid: "file" },
      onclick: async () => {
        try {
          open(file, await load(file));
        } catch {
          note.textContent = say("file_unread");
        }
      } }, el("span", { class: "file-thumb", "aria-hidden": "true" }, file.name.split(".").pop().toUpperCase()), el("bdi", {}, file.name), el("small", {}, state));
    const note = el("small", { role: "status" });
    const shown = el("li", {}, button, note);
    if (file.status === "clean" && file.media_type.startsWith("image/")) {
      load(file).then((blob) => picture(blob, THUMB_PX)).then((drawn) => fill(button.firstChild, drawn), () => {});
    }
    if (file.status === "held") waiting.set(file.id, (judged) => shown.replaceWith(entry(judged)));
    return shown;
  };
  fill(list, files.map(entry));
}

/** A file that the scanner could not judge at first is judged: it is shown as what it is. */
export function settled({ attachment }) {
  waiting.get(attachment.id)?.(attachment);
  waiting.delete(attachment.id);
}

/** The picture in `blob`, at most `pixels` wide and high. Rejects for what cannot be drawn. */
export async function picture(blob, pixels) {
  const bitmap = await createImageBitmap(blob);
  const scale = Math.min(1, pixels / Math.max(bitmap.width, bitmap.height));
  const canvas = el("canvas", { width: Math.max(1, bitmap.width * scale), height: Math.max(1, bitmap.height * scale) });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

/** Saves it under its name. */
export function save({ name }, blob) {
  const url = URL.createObjectURL(blob);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
