/** Whether an answer helped. */

import { el, fill, icon } from "../shared/dom.js";

const THUMB = "M7 11v9H3v-9zl4-8c2 0 3 1 2.5 3L13 10h7l-2 10H7";

/** Under the bot's latest answer: did it help? If not, how to go on. */
export class Rating {
  #session;
  #ways;
  #answer = null;

  /** `ways()` gives the buttons by which the customer goes on. */
  constructor(session, ways) {
    this.#session = session;
    this.#ways = ways;
    this.text = el("span", { role: "status" });
    this.buttons = ["helpful", "unhelpful"].map((value) => el("button",
      { type: "button", class: "round", value, data: { testid: `rate-${value}` }, onclick: () => this.#rate(value) },
      icon(THUMB)));
    this.more = el("div", { class: "quick-replies" });
    this.element = el("div", { class: "rating", role: "group", "aria-live": "off", data: { testid: "rating" } },
      el("p", {}, this.buttons, this.text), this.more);
  }

  offer(message, element) {
    this.#answer = message;
    element.after(this.element);
    this.show(message.rating);
  }

  rated({ message_id: id, rating }) {
    if (id === this.#answer?.id) this.show(rating);
  }

  show(rating) {
    const { say } = this.#session;
    this.element.ariaLabel = say("rate_question");
    this.text.textContent = say(rating ? `rate_${rating}_thanks` : "rate_question");
    for (const button of this.buttons) {
      button.title = button.ariaLabel = say(`rate_${button.value}`);
      button.ariaPressed = button.value === rating;
    }
    fill(this.more, rating === "unhelpful" && this.#ways());
  }

  #rate(rating) {
    if (!this.#session.send({ type: "rate", message_id: this.#answer.id, rating })) this.text.textContent = this.#session.say("rate_unsent");
  }
}
