/**
 * What stays in the browser: the conversation's token, and messages that the server has not yet acknowledged.
 *
 * Tokens are kept by server and customer, so that a token is never used for anybody else who signs in on this
 * browser. Where storage is refused (private windows, blocked cookies) memory serves for as long as the page lives.
 */

const memory = new Map();

function read(store, key) {
  try {
    return JSON.parse(globalThis[store].getItem(key)) ?? null;
  } catch {
    return memory.get(key) ?? null;
  }
}

function write(store, key, value) {
  memory.set(key, value);
  try {
    if (value === null) globalThis[store].removeItem(key);
    else globalThis[store].setItem(key, JSON.stringify(value));
  } catch {
    // Refused or full: memory has it.
  }
}

/** The `sub` of a signed identity. Only names the place of the token: the server verifies the signature. */
export function subjectOf(identity) {
  try {
    const part = identity.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
    return `customer:${JSON.parse(new TextDecoder().decode(bytes)).sub}`;
  } catch {
    return "customer:unknown";
  }
}

/** The key of a customer's token: one for each server and customer, `visitor` without an identity. */
export function tokenKey(base, identity) {
  return `warmline:${base.host}${base.pathname}:${identity ? subjectOf(identity) : "visitor"}`;
}

/** `{token, conversation}` or null. */
export function readToken(key) {
  const entry = read("localStorage", key);
  if (typeof entry?.token !== "string" || Date.parse(entry.expires) <= Date.now()) return null;
  return entry;
}

/** Keeps or, with null, forgets the token. */
export function writeToken(key, entry) {
  write("localStorage", key, entry);
}

/** Unacknowledged messages of this tab's conversation, so that a reload loses none. */
export function readOutbox(conversation) {
  const entries = read("sessionStorage", `warmline:outbox:${conversation}`);
  return Array.isArray(entries) ? entries : [];
}

/** Keeps the unacknowledged messages of this tab. */
export function writeOutbox(conversation, entries) {
  write("sessionStorage", `warmline:outbox:${conversation}`, entries.length > 0 ? entries : null);
}

/** An unguessable id. `crypto.randomUUID` is missing on plain http pages, `getRandomValues` is everywhere. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
