/** What a message is about at a glance: an order, or an answer to a general question. Its text says everything, too. */

import { day, el, withLinks } from "../shared/dom.js";

const STEPS = ["processing", "packed", "shipped", "delivered"];

/** `(message) => element` or nothing, for `MessageList.parts`. */
export function glances(session) {
  return ({ card }) => {
    const { say } = session;
    // Whatever is no https address stays text.
    const [link] = withLinks(card?.link ?? "");
    if (!card?.number && !link) return null;
    if (link?.href) link.textContent = say(`${card.kind}_link`);
    const step = STEPS.indexOf(card.state) + 1;
    return el("div", { class: `card ${card.kind}`, data: { testid: `${card.kind}-card` } },
      card.number && [
        el("p", { class: card.days_late ? "bad" : "" }, el("strong", {}, say("order_title", card)), " · ",
          say(card.days_late ? "order_late" : `order_${card.state}`)),
        step > 0 && el("progress", { max: STEPS.length, value: step, "aria-hidden": "true" }),
        el("ul", {}, card.items.map(({ product, quantity }) => el("li", {}, quantity > 1 ? `${quantity} × ${product}` : product))),
        card.day && el("p", {}, say(card.state === "delivered" ? "order_came" : "order_expected"), " ", el("strong", {}, day(`${card.day}T12:00`))),
        card.tracking_number && el("p", { class: "hint" }, card.carrier, " ", card.tracking_number),
      ],
      link);
  };
}
