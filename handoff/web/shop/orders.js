/** One order as a card. */

import { el } from "../shared/dom.js";

const DATE = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "long" });
const MONEY = new Intl.NumberFormat(undefined, { style: "currency", currency: "GBP" });

function date(iso) {
  const parsed = new Date(iso);
  return Number.isNaN(parsed.getTime()) ? String(iso) : DATE.format(parsed);
}

function money(amount) {
  // An amount with its sign is shown as it stands; a bare number is pounds.
  return Number.isNaN(Number(amount)) ? String(amount) : MONEY.format(Number(amount));
}

function itemLine(item) {
  if (typeof item === "string") return item;
  return item.quantity > 1 ? `${item.quantity} × ${item.name}` : item.name;
}

function deliveryLine(delivery) {
  if (!delivery) return null;
  const parts = [delivery.carrier];
  if (delivery.delivered_on) parts.push(`delivered ${date(delivery.delivered_on)}`);
  else if (delivery.expected_on) parts.push(`expected ${date(delivery.expected_on)}`);
  else if (delivery.status) parts.push(delivery.status);
  return parts.filter(Boolean).join(", ");
}

/** The card of one order of `GET /demo/orders`. */
export function orderCard(order) {
  const delivery = deliveryLine(order.delivery);
  return el("article", { class: "order", data: { testid: `order-${order.number}` } },
    el("header", {}, el("h3", {}, order.number), el("span", { class: "badge", data: { status: order.status } }, order.status)),
    el("ul", {}, order.items.map((item) => el("li", {}, itemLine(item)))),
    delivery && el("p", { class: "meta" }, delivery),
    el("p", { class: "meta" }, `Ordered ${date(order.placed_at)}, `, el("span", { class: "total" }, money(order.total))));
}
