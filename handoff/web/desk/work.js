/** Under the bar: the cases that are offered to oneself; in it: whether one takes cases at all. */

import { el, fill } from "../shared/dom.js";
import { until } from "./clocks.js";
import { openForm } from "./dialogs.js";

const STATES = [["online", "Online"], ["away", "Away"], ["do_not_disturb", "Do not disturb"]];

export class Work {
  #api;
  #store;
  #offers = new Map();

  constructor(store, api, live) {
    this.#store = store;
    this.#api = api;
    this.presence = el("select", { class: "presence", "aria-label": "Whether you take cases", hidden: true,
      data: { testid: "presence" }, onchange: () => live.choosePresence(this.presence.value) },
    STATES.map(([state, label]) => el("option", { value: state }, label)));
    this.list = el("ul", {});
    this.problem = el("p", { class: "alert", role: "alert", hidden: true });
    this.element = el("section", { class: "offers", "aria-label": "Offered to you", hidden: true, data: { testid: "offers" } },
      this.problem, el("div", { role: "status" }, this.list));
    live.addEventListener("offers", ({ detail }) => {
      this.#offers = new Map(detail.map((offer) => [offer.id, offer]));
      this.#draw();
    });
    live.addEventListener("offer", ({ detail }) => {
      this.#offers.set(detail.id, detail);
      this.#draw();
    });
    live.addEventListener("offer-gone", ({ detail }) => this.#remove(detail.offer_id));
    live.addEventListener("presence", ({ detail }) => {
      if (detail.agent_id !== store.agent.id || !STATES.some(([state]) => state === detail.state)) return;
      this.presence.value = detail.state;
      this.presence.hidden = false;
    });
  }

  #remove(id) {
    this.#offers.delete(id);
    this.#draw();
  }

  #draw() {
    const focused = document.activeElement?.dataset?.testid;
    fill(this.list, [...this.#offers.values()].map((offer) => el("li", {},
      el("span", {}, offer.reserved ? "A colleague asks you to take " : "Offered to you: ", el("b", {}, offer.number),
        ` (severity ${offer.severity}), ${offer.problem}, expires `, until(el("b"), offer.expires_at)),
      el("button", { type: "button", class: "button primary", data: { testid: `offer-accept-${offer.number}` },
        onclick: () => this.#accept(offer) }, "Accept"),
      el("button", { type: "button", class: "button", data: { testid: `offer-decline-${offer.number}` },
        onclick: () => this.#decline(offer) }, "Decline"))));
    this.element.hidden = this.#offers.size === 0 && this.problem.hidden;
    if (focused?.startsWith("offer-")) this.list.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
  }

  async #accept(offer) {
    try {
      const record = await this.#api.answerOffer(offer.id, "accept");
      this.problem.hidden = true;
      this.#store.setCase(record);
      this.#store.select(record.id);
    } catch (error) {
      this.problem.textContent = error.message;
      this.problem.hidden = false;
      // Without an answer the offer may still stand.
      if (error.code === "unreachable") return;
    }
    this.#remove(offer.id);
  }

  #decline(offer) {
    openForm({
      testid: `offer-decline-${offer.number}`, title: `Decline ${offer.number}`, action: "Decline",
      text: "It keeps its place in the queue and goes to somebody else.",
      fields: [{ name: "reason", label: "Reason", hint: "For colleagues; the customer does not see it.", limit: 500 }],
      submit: async ({ reason }) => {
        await this.#api.answerOffer(offer.id, "decline", { reason });
        this.problem.hidden = true;
        this.#remove(offer.id);
      },
    });
  }
}
