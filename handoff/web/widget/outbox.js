/** What the browser keeps: the token, by server and customer, and messages on their way. */

import { newId } from "../shared/connection.js";

const ACCEPTED_WITHIN_MS = 8_000;
const PLACE = "warmline:outbox:";
const TRIES = 3;
const TRY_AGAIN_S = 2;
const UNSENT = { status: "sending", error: "", tries: 0 };

// Where storage is refused, memory serves.
const memory = new Map();

function read(store, key) {
  try {
    return JSON.parse(globalThis[store].getItem(key));
  } catch {
    return memory.get(key);
  }
}

export function write(store, key, value) {
  memory.set(key, value);
  try {
    if (value) globalThis[store].setItem(key, JSON.stringify(value));
    else globalThis[store].removeItem(key);
  } catch {
  }
}

/** The `sub` of an identity: names a place, no more; the server verifies. */
export function subjectOf(identity) {
  if (!identity) return "visitor";
  try {
    const part = identity.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    return `customer:${JSON.parse(atob(part)).sub}`;
  } catch {
    return "customer:";
  }
}

/** `{token, conversation, expires}` or null. */
export function readToken(key) {
  const entry = read("localStorage", key);
  return Date.parse(entry?.expires) > Date.now() ? entry : null;
}

/** Kept until `accepted`, sent again under the same id: none is lost, none doubled. */
export class Outbox {
  #entries = new Map();
  #conversation = null;
  #session;
  #timer = 0;

  /** No live connection: nothing is sent, all is kept. */
  paused = true;

  constructor(session) {
    this.#session = session;
  }

  /** Starts with what an earlier page of this tab left unsent. */
  open(conversation, carried = []) {
    clearTimeout(this.#timer);
    this.#conversation = conversation;
    const kept = read("sessionStorage", PLACE + conversation) ?? [];
    this.#entries = new Map([...kept, ...carried].map((entry) => [entry.id, { ...UNSENT, ...entry, tries: 0 }]));
    this.#keep();
    for (const entry of this.#entries.values()) this.#session.show(entry);
  }

  add(fields, text) {
    const id = newId();
    const frame = { type: "message", client_message_id: id, ...fields };
    const entry = { id, frame, text, ...UNSENT };
    this.#entries.set(id, entry);
    this.#keep();
    this.#session.show(entry);
    this.#send(entry);
  }

  #send(entry) {
    if (this.paused) return;
    entry.tries += 1;
    this.#session.send(entry.frame);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if ([...this.#entries.values()].some((waiting) => waiting.status === "sending")) this.#session.reconnect();
    }, ACCEPTED_WITHIN_MS);
  }

  /** What is not yet stored and means something in another conversation too. */
  movable() {
    return [...this.#entries.values()].filter(({ frame }) => frame.text || frame.type === "person");
  }

  /** After a welcome: all that waits, in order. */
  resend() {
    for (const entry of this.#entries.values()) if (entry.status === "sending") this.#send(entry);
  }

  accepted(id, seq) {
    const entry = this.#entries.get(id);
    if (!entry) return;
    Object.assign(entry, { status: "stored", seq });
    this.#entries.delete(id);
    this.#keep();
    this.#session.show(entry);
  }

  arrived(id) {
    if (id && this.#entries.delete(id)) this.#keep();
  }

  retry(id) {
    const entry = this.#entries.get(id);
    if (!entry) return;
    Object.assign(entry, UNSENT);
    this.#session.show(entry);
    this.#send(entry);
  }

  /** Says whether the error was about one of these. */
  refused({ error, client_message_id: id }) {
    const entry = this.#entries.get(id);
    if (!entry) return false;
    if (error.code === "too_many_requests" || (error.code === "internal_error" && entry.tries < TRIES)) {
      const wait = (error.data?.retry_after_seconds ?? TRY_AGAIN_S) * 1000;
      setTimeout(() => this.#entries.has(id) && this.#send(entry), wait);
      return true;
    }
    Object.assign(entry, { status: "failed", error: this.#session.why(error) });
    this.#session.show(entry);
    return true;
  }

  #keep() {
    if (!this.#conversation) return;
    const left = [...this.#entries.values()].map(({ id, frame, text }) => ({ id, frame, text }));
    write("sessionStorage", PLACE + this.#conversation, left.length > 0 && left);
  }
}
