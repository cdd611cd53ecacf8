/** The HTTP calls of the widget. */

/** An error answer: its code, words and data. `unreachable` when none came. */
export class ProtocolError extends Error {
  constructor(status, error = {}) {
    super(error.message);
    this.status = status;
    this.code = error.code ?? "unreachable";
    this.data = error.data ?? {};
  }
}

async function call(address, options) {
  let response;
  try {
    response = await fetch(address, { cache: "no-store", ...options });
  } catch {
    throw new ProtocolError(0);
  }
  return [response, await response.json().catch(() => ({}))];
}

/** `POST /conversations`: begins, or with a token or identity resumes. Raises ProtocolError. */
export async function beginConversation(base, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const [response, answer] = await call(new URL("api/customer/v1/conversations", base),
    { method: "POST", headers, body: JSON.stringify(body), credentials: "omit" });
  if (!response.ok) throw new ProtocolError(response.status, answer.error);
  return answer;
}

/**
 * The signed identity from the website's own address; null (a visitor) without an address and for 204, 401, 403, 404.
 * Raises ProtocolError when the website fails: a signed-in customer must not be taken for a visitor.
 */
export async function fetchIdentity(address) {
  if (!address) return null;
  const [response, answer] = await call(new URL(address, location.href), { credentials: "same-origin" });
  if (!response.ok && ![401, 403, 404].includes(response.status)) throw new ProtocolError(response.status);
  return answer.identity ?? null;
}
