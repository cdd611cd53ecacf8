/** How far what agents wrote has come: sent, delivered to the customer's chat, read. Each state stands at the latest message that has it. */

import { el, icon } from "../shared/dom.js";
import { say } from "../shared/words.js";

const TICK = "M5 12.5l5 5L20 7";
const TICKS = "M2 12.5l5 5L17 7M12 17.5L22 7";
const SIGNS = { sent: TICK, delivered: TICKS, read: TICKS };

export class Receipts {
  // The heads of agents' messages by number, in no order: older ones are drawn later.
  #heads = new Map();
  #delivered = 0;
  #read = 0;
  // Made once and moved about. What changes here is not read out: the message was.
  #marks = Object.entries(SIGNS).map(([state, sign]) => [state, el("span", { class: "receipt", "aria-live": "off", data: { testid: `receipt-${state}`, state } },
    icon(sign, 16), say(`conversation.receipt_${state}`))]);

  /** Another conversation. */
  reset() {
    this.#heads.clear();
    this.#delivered = 0;
    this.#read = 0;
  }

  /** A message of an agent, by the element that shows whose it is. */
  add(seq, head) {
    this.#heads.set(seq, head);
    this.#place();
  }

  /** The customer's chat has messages up to `delivered`, and they have seen those up to `read`. */
  show({ delivered, read }) {
    this.#delivered = delivered;
    this.#read = read;
    this.#place();
  }

  #state(seq) {
    if (seq <= this.#read) return "read";
    return seq <= this.#delivered ? "delivered" : "sent";
  }

  #place() {
    const latest = {};
    for (const seq of this.#heads.keys()) {
      const state = this.#state(seq);
      latest[state] = Math.max(seq, latest[state] ?? 0);
    }
    for (const [state, mark] of this.#marks) {
      const head = this.#heads.get(latest[state]);
      if (!head) mark.remove();
      else if (mark.parentNode !== head) head.append(mark);
    }
  }
}
