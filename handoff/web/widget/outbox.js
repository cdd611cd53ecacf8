/**
 * Messages on their way: kept until the server says `accepted`, sent again under the same `client_message_id` after
 * every lost connection, so that nothing is lost and nothing is stored twice.
 */

import { newId, readOutbox, writeOutbox } from "./storage.js";

const ACCEPTED_WITHIN_MS = 8_000;
const TRIES = 3;
const TRY_AGAIN_MS = 2_000;

export class Outbox {
  #entries = new Map();
  #conversation = null;
  #hooks;
  #timer = 0;

  /** True while there is no live connection: nothing is sent, all is kept. */
  paused = true;

  /** `send(frame)` says whether it went out, `changed(entry)` shows it, `silent()` is told of a missing `accepted`. */
  constructor(hooks) {
    this.#hooks = hooks;
  }

  /** Starts with what an earlier page of this tab left unsent in this conversation. */
  open(conversation) {
    clearTimeout(this.#timer);
    this.#conversation = conversation;
    this.#entries = new Map(readOutbox(conversation).map((entry) => [entry.id, { ...entry, tries: 0 }]));
    for (const entry of this.#entries.values()) this.#hooks.changed(entry);
  }

  add(fields, text) {
    const id = newId();
    const frame = { type: "message", client_message_id: id, ...fields };
    const entry = { id, frame, text, status: "sending", error: "", tries: 0 };
    this.#entries.set(id, entry);
    this.#keep();
    this.#hooks.changed(entry);
    this.#send(entry);
  }

  #send(entry) {
    if (this.paused) return;
    entry.tries += 1;
    this.#hooks.send(entry.frame);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if ([...this.#entries.values()].some((waiting) => waiting.status === "sending")) this.#hooks.silent();
    }, ACCEPTED_WITHIN_MS);
  }

  /** What was written and is not yet stored. */
  texts() {
    return [...this.#entries.values()].filter((entry) => entry.frame.text).map((entry) => entry.text);
  }

  /** After a welcome: everything that is still waiting, in the order in which it was written. */
  resend() {
    for (const entry of this.#entries.values()) if (entry.status === "sending") this.#send(entry);
  }

  /** Stored by the server: it can no longer be lost, and its `message` frame shows it. */
  accepted(id, seq) {
    const entry = this.#entries.get(id);
    if (!entry) return;
    Object.assign(entry, { status: "stored", seq });
    this.#entries.delete(id);
    this.#keep();
    this.#hooks.changed(entry);
  }

  /** The message itself came back: no longer on its way, and its own element takes over on the screen. */
  arrived(id) {
    if (id && this.#entries.delete(id)) this.#keep();
  }

  retry(id) {
    const entry = this.#entries.get(id);
    if (!entry) return;
    Object.assign(entry, { status: "sending", error: "", tries: 0 });
    this.#hooks.changed(entry);
    this.#send(entry);
  }

  /** Takes an error frame; says whether it was about one of these. */
  refused({ error, client_message_id: id }) {
    const entry = this.#entries.get(id);
    if (!entry) return false;
    const wait = error.code === "too_many_requests" ? (error.data?.retry_after_seconds ?? 2) * 1000 : TRY_AGAIN_MS;
    if (error.code === "too_many_requests" || (error.code === "internal_error" && entry.tries < TRIES)) {
      setTimeout(() => this.#entries.has(id) && this.#send(entry), wait);
      return true;
    }
    Object.assign(entry, { status: "failed", error: error.message });
    this.#hooks.changed(entry);
    return true;
  }

  #keep() {
    if (!this.#conversation) return;
    writeOutbox(
      this.#conversation,
      [...this.#entries.values()].map(({ id, frame, text }) => ({ id, frame, text, status: "sending", error: "" })),
    );
  }
}
