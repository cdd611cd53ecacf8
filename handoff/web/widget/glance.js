/** What a message is about at a glance: orders, returns, money, an answer to a general question. Its text says everything, too. */

import { day, el, withLinks } from "../shared/dom.js";

// How far on its way each state is; one without is on none.
const WAY = { processing: 0.25, packed: 0.5, shipped: 0.75, delivered: 1, registered: 0.33, received: 0.67, refunded: 1 };

/** `(message) => element` or nothing, for `MessageList.parts`. */
export function glances(session) {
  return ({ card }) => card?.orders
    ? el("ul", { class: "orders", data: { testid: "orders-card" } }, card.orders.map((order) => el("li", {}, glance(session, order, true))))
    : card && glance(session, card);
}

/** A card; `folded` shows its head alone, until somebody opens it. */
function glance({ say }, card, folded) {
  const { kind, state, items = [card] } = card;
  const head = say(`${kind}_title`, card);
  // Whatever is no https address stays text.
  const [link] = withLinks(card.link ?? "");
  if (!head && !link) return null;
  if (link?.href) link.textContent = say(`${kind}_link`);
  const late = card.days_late || state === "overdue";
  const title = head && el(folded ? "summary" : "p", { class: late ? "bad" : "" }, el("strong", {}, head), " · ",
    say(card.days_late ? "order_late" : `${kind}_${state}`));
  const shown = el("div", { class: `card glance ${kind}`, data: { testid: `${kind}-card` } },
    title && [
      !folded && title,
      WAY[state] && el("progress", { value: WAY[state], "aria-hidden": "true" }),
      el("ul", {}, items.map(({ product, quantity }) => product && el("li", {}, quantity > 1 ? `${quantity} × ${product}` : product))),
      card.day && el("p", {}, say(`${kind}_${state}_day`) || say("order_expected"), " ", el("strong", {}, day(`${card.day}T12:00`))),
      card.tracking_number && el("p", { class: "hint" }, card.carrier, " ", card.tracking_number),
      card.order_number && el("p", { class: "hint" }, say("order_title", { number: card.order_number }), kind === "return" && card.amount && ` · ${card.amount}`),
    ],
    link);
  return folded ? el("details", {}, title, shown) : shown;
}

/** The text without the lines of a list that stands as cards below it. */
export function besideCards({ text, card }) {
  return card?.orders ? text.replace(/^• .*\n?/gm, "").trim() : text;
}
