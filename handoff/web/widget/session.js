/** One customer's conversation: begun or resumed, connected, every message once and in order. */

import { Connection } from "../shared/connection.js";
import { Outbox, readToken, subjectOf, write } from "./outbox.js";
import { wordsFrom } from "./words.js";

const RETRY_FIRST_MS = 1_000;
const RETRY_LONGEST_MS = 20_000;
/** So many messages are fetched and drawn at a time: more would take longer than a frame may. */
export const AT_ONCE = 20;
// Asking again changes nothing until somebody mends the set-up.
const NO_RETRY = new Set(["origin_not_allowed", "unknown_field", "wrong_type", "bad_value"]);

/** `status` is 0 without an answer; else `code` and `data` are those of the server. */
class ProtocolError extends Error {
  constructor(status, said) {
    super();
    Object.assign(this, { status }, said);
  }
}

let told = false;

async function call(address, options) {
  let response;
  try {
    response = await fetch(address, { cache: "no-store", ...options });
  } catch {
    // Of a refused origin the page sees no answer.
    if (options.body && !told && address.origin !== origin) {
      console.error(`Warmline: can't be reached, or ${origin} is not in WARMLINE_ALLOWED_ORIGINS`);
    }
    throw new ProtocolError(0);
  } finally {
    told ||= !!options.body;
  }
  return [response, await response.json().catch(() => ({}))];
}

// A website that fails raises: its customer must not pass for a visitor.
async function fetchIdentity(address) {
  if (!address) return null;
  const [response, answer] = await call(new URL(address, location.href), { credentials: "same-origin" });
  if (!response.ok && ![401, 403, 404].includes(response.status)) throw new ProtocolError(response.status);
  return answer.identity ?? null;
}

export class Session {
  #base;
  #options;
  #on;
  #connection = null;
  #outbox;
  #key = "";
  #token = null;
  #subject = null;
  #begin = null;
  #retry = 0;
  #retryTimer = 0;
  #carried = [];

  conversation = null;
  lastSeq = 0;
  limits = { message_characters: 4000 };
  state = null;

  get owner() {
    return this.state?.owner.type ?? "bot";
  }

  constructor(base, options, on) {
    this.#base = base;
    this.#options = options;
    this.#on = on;
    this.say = wordsFrom(options.language);
    this.#outbox = new Outbox(this);
    addEventListener("storage", (event) => this.#anotherTab(event));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.conversation) this.checkIdentity();
    });
  }

  /** Begins or resumes, once at a time. */
  begin(fresh = false) {
    clearTimeout(this.#retryTimer);
    this.#begin ??= this.#tryToBegin(fresh).finally(() => {
      this.#begin = null;
    });
    return this.#begin;
  }

  async #tryToBegin(fresh) {
    this.#on.status(this.conversation ? "reconnecting" : "connecting");
    try {
      const answer = await this.#ask(fresh, true);
      this.#retry = 0;
      this.#adopt(answer);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const final = NO_RETRY.has(error.code);
      this.#on.status(final ? "refused" : "failed");
      if (final) return;
      const delay = Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** this.#retry++);
      this.#retryTimer = setTimeout(() => this.begin(fresh), error.data?.retry_after_seconds * 1000 || delay);
    }
  }

  async #ask(fresh, mayRepeat) {
    const { link } = this.#options;
    const identity = link ? null : await fetchIdentity(this.#options.identityUrl);
    // A link has a place of its own.
    this.#subject = link ? `link:${link.slice(-22)}` : subjectOf(identity);
    this.#key = `warmline:${this.#base.href}:${this.#subject}`;
    const kept = readToken(this.#key);
    const who = identity ? { identity } : { name: this.#options.name?.slice(0, 120) };
    const page = location.href.split("#")[0].slice(0, 500);
    const { language } = this.#options;
    const body = JSON.stringify(link ? { link } : { page, language, fresh, ...who });
    const headers = { "Content-Type": "application/json" };
    if (kept && !link) headers.Authorization = `Bearer ${kept.token}`;
    const [response, answer] = await call(new URL(`api/customer/v1/${link ? "links" : "conversations"}`, this.#base),
      { method: "POST", headers, body, credentials: "omit" });
    if (response.ok) return answer;
    if (response.status !== 401 || !mayRepeat) throw new ProtocolError(response.status, answer.error);
    // Token spent, or identity run out on its way.
    if (answer.error?.code !== "identity_invalid") write("localStorage", this.#key, null);
    return this.#ask(fresh, false);
  }

  #adopt(answer) {
    const another = answer.conversation_id !== this.conversation;
    // Written before there was a conversation to store it in.
    if (this.conversation === null) this.#carried = this.#outbox.movable();
    this.#token = answer.token;
    write("localStorage", this.#key, {
      token: answer.token, conversation: answer.conversation_id, expires: answer.token_expires_at,
    });
    this.conversation = answer.conversation_id;
    this.limits = answer.limits;
    this.say = wordsFrom(this.#options.language, answer.wording);
    if (another) {
      this.lastSeq = 0;
      this.state = null;
      this.#on.begun();
      this.#outbox.open(this.conversation, this.#carried.splice(0));
    }
    this.#connect();
  }

  #connect() {
    this.#connection?.stop();
    this.#connection = new Connection({
      url: () => new URL("api/customer/v1/stream", this.#base).href.replace(/^http/, "ws"),
      hello: () => ({ type: "hello", version: 1, token: this.#token, last_seq: this.lastSeq, last: AT_ONCE }),
      onFrame: (frame) => this.#receive(frame),
      onStatus: (status) => {
        this.#outbox.paused = status !== "live";
        this.#on.status(status);
      },
      onClose: (code) => this.#closed(code),
    });
    this.#connection.start();
  }

  #closed(code) {
    if (code === 4400) this.#on.status("refused");
    if (code !== 4401) return code !== 4400;
    const kept = readToken(this.#key);
    // Another tab's may be newer.
    if (kept && kept.token !== this.#token && kept.conversation === this.conversation) {
      this.#token = kept.token;
      return true;
    }
    write("localStorage", this.#key, null);
    queueMicrotask(() => this.begin());
    return false;
  }

  #receive(frame) {
    if (frame.type === "welcome") {
      this.#setState(frame.state);
      for (const message of frame.messages) this.#take(message, true);
      this.#on.caughtUp();
      this.#outbox.resend();
    } else if (frame.type === "message") {
      // A number is missing: ask for what lies between.
      if (this.lastSeq > 0 && frame.message.seq > this.lastSeq + 1) this.reconnect();
      else this.#take(frame.message);
    } else if (frame.type === "accepted") this.#outbox.accepted(frame.client_message_id, frame.seq);
    else if (frame.type === "state") this.#setState(frame.state);
    else if (frame.type === "error") this.#refused(frame);
    else if (["typing", "rated", "read", "file"].includes(frame.type)) this.#on[frame.type](frame);
  }

  #refused(frame) {
    if (frame.error.code === "conversation_closed") {
      // A fresh one took its place: what was just written goes there.
      this.#carried = this.#outbox.movable();
      this.begin();
    } else if (!this.#outbox.refused(frame)) this.#on.refused(this.why(frame.error));
  }

  #take(message, more) {
    if (message.seq <= this.lastSeq) return;
    this.lastSeq = message.seq;
    this.#outbox.arrived(message.client_message_id);
    this.#on.message(message, more);
  }

  #setState(state) {
    this.state = state;
    this.#on.state(state);
  }

  #anotherTab(event) {
    if (event.key !== this.#key || !this.conversation) return;
    const kept = readToken(this.#key);
    if (kept && kept.conversation !== this.conversation) this.begin();
  }

  /** The customer is back: what came meanwhile is read, and another customer means another conversation. */
  async checkIdentity() {
    this.#on.received();
    if (!this.#options.identityUrl || this.#begin) return;
    // Who cannot be asked for is taken to be the same.
    const subject = await fetchIdentity(this.#options.identityUrl).then(subjectOf, () => this.#subject);
    if (subject === this.#subject) return;
    this.#connection?.stop();
    this.conversation = this.state = null;
    // What the other customer had not sent stays theirs.
    this.#outbox.open(null);
    this.#on.begun(true);
    await this.begin();
  }

  sendText(text) {
    this.#outbox.add({ text }, text);
  }

  /** With words or alone. */
  sendFiles(text, files) {
    this.#outbox.add({ text: text || undefined, attachments: files.map(({ id }) => id) }, text || files.map(({ name }) => name).join(", "));
  }

  /** What was said, all of it or between two numbers. */
  async messages(after = 0, before = "") {
    const address = new URL(`api/customer/v1/conversation?after=${after}${before && `&before=${before}`}`, this.#base);
    const [response, { messages }] = await call(address, { headers: this.files.headers, credentials: "omit" });
    if (!response.ok) throw new ProtocolError(response.status);
    return messages;
  }

  /** A refusal in the customer's language. */
  why({ code }) {
    return this.say(`error_${code}`) || this.say("error");
  }

  failed() {
    this.#on.problem(this.say("failed"));
  }

  get files() {
    return { url: new URL("api/customer/v1/attachments", this.#base).href, headers: { Authorization: `Bearer ${this.#token}` } };
  }

  chooseButton(seq, button) {
    this.#outbox.add({ button: { seq, index: button.index } }, button.title);
  }

  askForPerson() {
    this.#outbox.add({ type: "person" }, this.say("talk_to_person"));
  }

  reopen(caseId) {
    this.#outbox.add({ type: "reopen", case_id: caseId }, this.say("reopen"));
  }

  retry(id) {
    this.#outbox.retry(id);
  }

  send(frame) {
    return this.#connection?.send(frame) ?? false;
  }

  reconnect() {
    this.#connection?.restart();
  }

  show(entry) {
    this.#on.pending(entry);
  }
}
