/**
 * What stays in the browser: the conversation's token and unacknowledged messages. Tokens lie by server and customer,
 * so that none is used for somebody else who signs in here. Where storage is refused, memory serves.
 */

const memory = new Map();

function read(store, key) {
  try {
    return JSON.parse(globalThis[store].getItem(key));
  } catch {
    return memory.get(key);
  }
}

function write(store, key, value) {
  memory.set(key, value);
  try {
    if (value) globalThis[store].setItem(key, JSON.stringify(value));
    else globalThis[store].removeItem(key);
  } catch {
    // Refused or full: memory has it.
  }
}

/** The `sub` of a signed identity: names a place, no more. The server verifies the signature. */
export function subjectOf(identity) {
  if (!identity) return "visitor";
  try {
    const part = identity.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
    return `customer:${JSON.parse(new TextDecoder().decode(bytes)).sub}`;
  } catch {
    return "customer:";
  }
}

/** `{token, conversation, expires}` or null. */
export function readToken(key) {
  const entry = read("localStorage", key);
  return typeof entry?.token === "string" && Date.parse(entry.expires) > Date.now() ? entry : null;
}

/** Keeps or, with null, forgets the token. */
export function writeToken(key, entry) {
  write("localStorage", key, entry);
}

/** This tab's unacknowledged messages, so that a reload loses none. */
export function readOutbox(conversation) {
  return read("sessionStorage", `warmline:outbox:${conversation}`) ?? [];
}

/** Keeps them. */
export function writeOutbox(conversation, entries) {
  write("sessionStorage", `warmline:outbox:${conversation}`, entries.length > 0 && entries);
}

/** An unguessable id; plain http pages have no `crypto.randomUUID`. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
