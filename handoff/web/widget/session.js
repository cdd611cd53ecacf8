/**
 * One customer's conversation as the widget knows it: begun or resumed, connected, every message once and in order.
 *
 * The screen listens through `on`: `begun` (show everything anew), `message`, `pending`, `state`, `typing`, `status`,
 * `problem`.
 */

import { Connection } from "../shared/connection.js";
import { beginConversation, fetchIdentity, ProtocolError } from "./api.js";
import { Outbox } from "./outbox.js";
import { readToken, subjectOf, writeToken } from "./storage.js";
import { wordingFrom } from "./wording.js";

const RETRY_FIRST_MS = 1_000;
const RETRY_LONGEST_MS = 20_000;
// Fatal for this page: asking again changes nothing until somebody mends the set-up.
const NO_RETRY = new Set(["origin_not_allowed", "unknown_field", "wrong_type", "bad_value"]);

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
  limit = 4000;
  state = null;
  say = wordingFrom();

  constructor(base, options, on) {
    this.#base = base;
    this.#options = options;
    this.#on = on;
    this.#outbox = new Outbox({
      send: (frame) => this.#connection?.send(frame) ?? false,
      changed: (entry) => on.pending(entry),
      silent: () => this.#connection?.restart(),
    });
    addEventListener("storage", (event) => this.#anotherTab(event));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && this.conversation) this.checkIdentity();
    });
  }

  /** Begins or resumes; a second call while one is under way waits for the first. */
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
      const seconds = Number(error.data?.retry_after_seconds);
      const delay = seconds > 0 ? seconds * 1000 : Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** this.#retry);
      this.#retry += 1;
      this.#retryTimer = setTimeout(() => this.begin(fresh), delay);
    }
  }

  async #ask(fresh, mayRepeat) {
    const identity = await fetchIdentity(this.#options.identityUrl);
    this.#subject = subjectOf(identity);
    this.#key = `warmline:${this.#base.href}:${this.#subject}`;
    const kept = readToken(this.#key);
    const body = { page: location.href.split("#")[0].slice(0, 500) };
    if (identity) body.identity = identity;
    else if (this.#options.name) body.name = this.#options.name.slice(0, 120);
    if (fresh) body.fresh = true;
    try {
      return await beginConversation(this.#base, body, kept?.token);
    } catch (error) {
      // A token that is refused is of no use again; an identity may have run out on its way: both once more.
      if (error.status !== 401 || !mayRepeat) throw error;
      if (error.code !== "identity_invalid") writeToken(this.#key, null);
      return this.#ask(fresh, false);
    }
  }

  #adopt(answer) {
    const another = answer.conversation_id !== this.conversation;
    this.#token = answer.token;
    writeToken(this.#key, {
      token: answer.token, conversation: answer.conversation_id, expires: answer.token_expires_at,
    });
    this.conversation = answer.conversation_id;
    this.limit = answer.limits?.message_characters ?? 4000;
    this.say = wordingFrom(answer.wording);
    if (another) {
      this.lastSeq = 0;
      this.state = null;
      this.#on.begun(answer);
      this.#outbox.open(this.conversation);
      for (const text of this.#carried.splice(0)) this.sendText(text);
    }
    this.#connect();
  }

  #connect() {
    this.#connection?.stop();
    this.#connection = new Connection({
      url: () => new URL("api/customer/v1/stream", this.#base).href.replace(/^http/, "ws"),
      hello: () => ({ type: "hello", version: 1, token: this.#token, last_seq: this.lastSeq }),
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
    // Another tab may have resumed and got a newer token; otherwise this one is spent: begin again.
    if (kept && kept.token !== this.#token && kept.conversation === this.conversation) {
      this.#token = kept.token;
      return true;
    }
    writeToken(this.#key, null);
    queueMicrotask(() => this.begin());
    return false;
  }

  #receive(frame) {
    if (frame.type === "welcome") {
      this.#setState(frame.state);
      for (const message of frame.messages) this.#take(message);
      this.#on.caughtUp();
      this.#outbox.resend();
    } else if (frame.type === "message") {
      // A number is missing: ask for what lies between rather than show a hole.
      if (this.lastSeq > 0 && frame.message.seq > this.lastSeq + 1) this.#connection.restart();
      else this.#take(frame.message);
    } else if (frame.type === "accepted") this.#outbox.accepted(frame.client_message_id, frame.seq);
    else if (frame.type === "state") this.#setState(frame.state);
    else if (frame.type === "typing") this.#on.typing(frame);
    else if (frame.type === "error") this.#refused(frame);
  }

  #refused(frame) {
    if (frame.error.code === "conversation_closed") {
      // A fresh one took its place, in another tab: what was just written goes there.
      this.#carried = this.#outbox.texts();
      this.begin();
    } else if (!this.#outbox.refused(frame)) this.#on.problem(frame.error);
  }

  #take(message) {
    if (message.seq <= this.lastSeq) return;
    this.lastSeq = message.seq;
    this.#outbox.arrived(message.client_message_id);
    this.#on.message(message);
  }

  #setState(state) {
    this.state = state;
    this.#on.state(state);
  }

  #anotherTab(event) {
    if (event.key !== this.#key || !event.newValue || !this.conversation) return;
    const kept = readToken(this.#key);
    // The customer began anew in another tab: the conversation shown here has ended, follow it.
    if (kept && kept.conversation !== this.conversation) this.begin();
  }

  /** Asks the website who is signed in; another customer means another conversation. */
  async checkIdentity() {
    if (!this.#options.identityUrl || this.#begin) return;
    let identity;
    try {
      identity = await fetchIdentity(this.#options.identityUrl);
    } catch {
      return;
    }
    if (subjectOf(identity) === this.#subject) return;
    this.#connection?.stop();
    this.conversation = null;
    this.#on.forgotten();
    await this.begin();
  }

  sendText(text) {
    this.#outbox.add({ text }, text);
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

  rate(caseId, csat, comment) {
    const frame = { type: "survey", case_id: caseId, csat };
    if (comment) frame.comment = comment;
    return this.#connection?.send(frame) ?? false;
  }

  typing() {
    this.#connection?.send({ type: "typing" });
  }
}
