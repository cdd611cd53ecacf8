/** In the corner: the cases that are offered to oneself; in the bar: whether one takes cases at all. */

import { el, fill } from "../shared/dom.js";
import { pieces, say } from "../shared/words.js";
import { countdown } from "./clocks.js";
import { openForm } from "./dialogs.js";
import { OFFER } from "./keys.js";
import { ring } from "./sound.js";
import { moodMeter, presenceWords } from "./words.js";

const place = (caseId) => `#/cases/${encodeURIComponent(caseId)}`;
const STATES = ["online", "away", "do_not_disturb"];

export class Work {
  #api;
  #store;
  #offers = new Map();

  constructor(store, api, live) {
    this.#store = store;
    this.#api = api;
    // Its place is kept until the state is known: what stands beside it must not move.
    this.presence = el("select", { class: "presence unknown", "aria-label": say("desk.presence"),
      data: { testid: "presence" }, onchange: () => live.choosePresence(this.presence.value) },
    STATES.map((state) => el("option", { value: state }, presenceWords(state))));
    this.list = el("ul", {});
    this.problem = el("p", { class: "alert", role: "alert", hidden: true });
    // Whoever forgot that nothing is offered to them would wait for ever.
    this.pausedText = el("span", {});
    this.paused = el("div", { class: "paused", role: "status", hidden: true, data: { testid: "paused" } }, this.pausedText,
      el("button", { type: "button", class: "button", data: { testid: "resume-work" }, onclick: () => {
        live.choosePresence("online");
        this.presence.focus();
      } }, say("desk.resume_work")));
    // The countdown changes every second: what is read out stands apart, and is said once.
    this.said = el("p", { class: "visually-hidden", role: "status", data: { testid: "offer-said" } });
    this.bar = el("section", { class: "offers", "aria-label": say("desk.offers"), hidden: true, data: { testid: "offers" } },
      this.problem, this.list);
    this.element = el("div", {}, this.paused, this.bar, this.said);
    live.addEventListener("offers", ({ detail }) => {
      const before = this.#offers;
      this.#offers = new Map(detail.map((offer) => [offer.id, offer]));
      const fresh = detail.find((offer) => !before.has(offer.id));
      this.#draw();
      if (fresh) this.#announce(fresh);
    });
    live.addEventListener("offer", ({ detail }) => {
      this.#offers.set(detail.id, detail);
      this.#draw();
      this.#announce(detail);
    });
    live.addEventListener("offer-gone", ({ detail }) => this.#gone(detail));
    live.addEventListener("presence", ({ detail }) => {
      if (detail.agent_id !== store.agent.id || !STATES.includes(detail.state)) return;
      this.presence.value = detail.state;
      this.presence.classList.remove("unknown");
      this.paused.hidden = detail.state === "online";
      this.pausedText.textContent = this.paused.hidden ? "" : say("desk.paused", { state: presenceWords(detail.state) });
    });
  }

  /** What the palette offers while a case is offered. */
  commands() {
    const [offer] = this.#offers.values();
    if (!offer) return [];
    return [
      { id: "offer-accept", label: say("desk.offer_accept", { number: offer.number }), hint: offer.problem, keys: OFFER.accept, run: () => this.#accept(offer) },
      { id: "offer-decline", label: say("desk.offer_decline", { number: offer.number }), keys: OFFER.decline, run: () => this.#decline(offer) },
    ];
  }

  #announce(offer) {
    ring();
    this.said.textContent = say("desk.offer_said", { number: offer.number, severity: offer.severity, problem: offer.problem, keys: OFFER.accept });
  }

  #gone({ offer_id: id, status }) {
    const offer = this.#offers.get(id);
    if (offer && status === "expired") this.said.textContent = say("desk.offer_expired", { number: offer.number });
    this.#remove(id);
  }

  #remove(id) {
    this.#offers.delete(id);
    this.#draw();
  }

  #draw() {
    const focused = document.activeElement?.dataset?.testid;
    fill(this.list, [...this.#offers.values()].map((offer, index) => el("li", {},
      el("div", { class: "offer-head" }, el("b", {}, pieces(offer.reserved ? "desk.offer_asked" : "desk.offer_text", { number: offer.number })),
        el("span", {}, pieces("desk.offer_left", { left: countdown(el("b", { class: "countdown" }), offer.expires_at, offer.offered_at) }))),
      this.#about(offer),
      el("button", { type: "button", class: "button primary", "aria-keyshortcuts": index === 0 && OFFER.accept,
        title: index === 0 ? OFFER.accept : false, data: { testid: `offer-accept-${offer.number}` }, onclick: () => this.#accept(offer) }, say("desk.accept")),
      el("button", { type: "button", class: "button", data: { testid: `offer-decline-${offer.number}` },
        onclick: () => this.#decline(offer) }, say("desk.decline")),
      el("a", { class: "button", href: place(offer.case_id), data: { testid: `offer-look-${offer.number}` } }, say("desk.offer_look")))));
    this.bar.hidden = this.#offers.size === 0 && this.problem.hidden;
    if (focused?.startsWith("offer-")) this.list.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
  }

  /** Who it is, and how they feel, where the case is known already. */
  #about(offer) {
    const record = this.#store.cases.get(offer.case_id);
    return el("p", { class: "offer-about" }, record && el("b", {}, record.customer_name || say("desk.visitor")),
      el("span", { class: "severity", data: { severity: offer.severity } }, this.#store.severityName(offer.severity)),
      record && moodMeter(record.frustration), el("span", { class: "offer-problem" }, offer.problem));
  }

  async #accept(offer) {
    try {
      const record = await this.#api.answerOffer(offer.id, "accept");
      this.problem.hidden = true;
      this.#store.setCase(record);
      this.#store.show({ tab: "mine" });
      this.#store.take(record.id);
      // From whichever view it was accepted: the address opens it.
      location.hash = place(record.id);
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
      testid: `offer-decline-${offer.number}`, title: say("desk.offer_decline", { number: offer.number }), action: say("desk.decline"),
      text: say("desk.decline_text"),
      fields: [{ name: "reason", label: say("desk.reason"), hint: say("desk.for_colleagues"), limit: 500 }],
      submit: async ({ reason }) => {
        await this.#api.answerOffer(offer.id, "decline", { reason });
        this.problem.hidden = true;
        this.#remove(offer.id);
      },
    });
  }
}
