/** What an agent has begun to write, by case and agent: kept in this browser until it is sent or they sign out. */

const PLACE = "warmline:draft:";
// Where storage is refused, the page's memory serves.
const memory = new Map();

export class Drafts {
  #mine;

  constructor(agentId) {
    this.#mine = `${PLACE}${agentId}:`;
  }

  read(mode, id) {
    const key = `${this.#mine}${mode}:${id}`;
    try {
      return localStorage.getItem(key) ?? "";
    } catch {
      return memory.get(key) ?? "";
    }
  }

  write(mode, id, text) {
    const key = `${this.#mine}${mode}:${id}`;
    memory.set(key, text);
    try {
      if (text === "") localStorage.removeItem(key);
      else localStorage.setItem(key, text);
    } catch {
      // Kept in memory above.
    }
  }
}

/** Nobody who comes to this browser later reads what was begun here. */
export function forgetDrafts() {
  memory.clear();
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PLACE)) localStorage.removeItem(key);
  } catch {
    // Nothing was kept there.
  }
}
