/** The HTTP calls of the customer protocol that the widget makes. */

/** An error answer of the server: its code, its words, its data. `code` is `unreachable` when none came. */
export class ProtocolError extends Error {
  constructor(status, error = {}) {
    super(error.message ?? "The server did not answer.");
    this.status = status;
    this.code = error.code ?? "unreachable";
    this.data = error.data ?? {};
  }
}

/** `POST /conversations`: begins, or with a token or identity resumes. Raises ProtocolError. */
export async function beginConversation(base, body, token) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(new URL("api/customer/v1/conversations", base), {
      method: "POST", headers, body: JSON.stringify(body), credentials: "omit", cache: "no-store",
    });
  } catch {
    throw new ProtocolError(0);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ProtocolError(response.status, answer.error);
  return answer;
}

/**
 * The signed identity from the website's own address, or null for a visitor: no address, 204, 401, 403 or 404.
 * Raises ProtocolError when the website did not answer, because a signed-in customer must not be taken for a visitor.
 */
export async function fetchIdentity(address) {
  if (!address) return null;
  let response;
  try {
    response = await fetch(new URL(address, location.href), { credentials: "same-origin", cache: "no-store" });
  } catch {
    throw new ProtocolError(0);
  }
  if ([204, 401, 403, 404].includes(response.status)) return null;
  if (!response.ok) throw new ProtocolError(response.status);
  const answer = await response.json().catch(() => ({}));
  return typeof answer.identity === "string" ? answer.identity : null;
}
