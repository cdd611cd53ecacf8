/** The agent API over HTTP: one call, one error shape. */

import { say } from "../shared/words.js";

const BASE = "/api/agent/v1";

/** What the server refused, or that no answer came (`unreachable`): then what was asked for with `acting` may have happened all the same. */
export class ApiError extends Error {
  constructor(status, error, acting = false) {
    super(error?.message ?? say(acting ? "shell.no_answer_acting" : "shell.no_answer"));
    this.status = status;
    this.code = error?.code ?? "unreachable";
    this.data = error?.data ?? {};
  }
}

export class Api {
  #csrf = "";

  async #call(method, path, body, headers = {}) {
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (method !== "GET") headers["X-CSRF-Token"] = this.#csrf;
    const acting = method !== "GET" && path !== "/session";
    let response;
    try {
      response = await fetch(BASE + path, {
        method, headers, cache: "no-store", body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch {
      throw new ApiError(0, undefined, acting);
    }
    if (response.status === 204) return null;
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new ApiError(response.status, answer.error, acting);
    return answer;
  }

  /** The agent who is signed in, or null. */
  async session() {
    try {
      return this.#opened(await this.#call("GET", "/session"));
    } catch (error) {
      if (error.status === 401) return null;
      throw error;
    }
  }

  async signIn(email, password) {
    return this.#opened(await this.#call("POST", "/session", { email, password }));
  }

  #opened({ agent, csrf_token: token }) {
    this.#csrf = token;
    return agent;
  }

  signOut() {
    return this.#call("DELETE", "/session");
  }

  /** What a view of its own reads: any path below the API's base. */
  get(path) {
    return this.#call("GET", path);
  }

  /** What a view of its own does. */
  post(path, body = {}) {
    return this.#call("POST", path, body);
  }

  options() {
    return this.#call("GET", "/options");
  }

  /** The waiting cases in the order in which they should be taken. */
  async waiting() {
    return (await this.#call("GET", "/cases?status=waiting_in_queue&limit=200")).cases;
  }

  /** What stands beside a case: `similar`, `answers`, `candidates`, `authority`. */
  beside(id, what) {
    return this.#call("GET", `/cases/${encodeURIComponent(id)}/${what}`);
  }

  /** The escalation policy in force. */
  matrix() {
    return this.#call("GET", "/matrix");
  }

  /** What was said in another conversation of the case's customer. */
  async otherConversation(id, conversationId) {
    const path = `/cases/${encodeURIComponent(id)}/conversations/${encodeURIComponent(conversationId)}/messages`;
    return (await this.#call("GET", path)).messages;
  }

  /** The incidents that are not over. */
  async incidents() {
    return (await this.#call("GET", "/incidents?status=open")).incidents;
  }

  linkIncident(incidentId, caseId) {
    return this.#call("POST", `/incidents/${encodeURIComponent(incidentId)}/cases`, { case_id: caseId });
  }

  async detail(id) {
    return (await this.#call("GET", `/cases/${encodeURIComponent(id)}`)).case;
  }

  /** `{notifications, unread}`: what one was told, newest first. */
  notifications() {
    return this.#call("GET", "/notifications");
  }

  readNotification(id) {
    return this.#call("POST", `/notifications/${encodeURIComponent(id)}/read`, {});
  }

  readAllNotifications() {
    return this.#call("POST", "/notifications/read", {});
  }

  /** Writes to the customer; the message as it was stored. The stream tells of the case. */
  async write(id, body) {
    return (await this.#call("POST", `/cases/${encodeURIComponent(id)}/messages`, body, { Prefer: "return=minimal" })).message;
  }

  /** One of the acting calls: `accept`, `release`, `notes`, `transfer`, `escalate`, `resolve`, `next-update`, `verdict`, `severity`. */
  act(id, verb, body = {}) {
    return this.#call("POST", `/cases/${encodeURIComponent(id)}/${verb}`, body);
  }

  /** Takes something away that a view of its own keeps. */
  remove(path) {
    return this.#call("DELETE", path);
  }

  /** Where a case's files go, and with which headers. */
  uploads(id) {
    return { url: `${BASE}/cases/${encodeURIComponent(id)}/attachments`, headers: { "X-CSRF-Token": this.#csrf } };
  }

  /** The bytes of a file of the case's customer. */
  async file(id, fileId) {
    const response = await fetch(`${this.uploads(id).url}/${encodeURIComponent(fileId)}`);
    if (!response.ok) throw new ApiError(response.status);
    return response.blob();
  }

  /** Answers an offer: `accept`, or `decline` with a reason; the case as it is then. */
  async answerOffer(id, verb, body = {}) {
    return (await this.#call("POST", `/offers/${encodeURIComponent(id)}/${verb}`, body)).case;
  }
}
