/** The demo shop: who is signed in, their orders, a shelf of products, and the way into the chat. */

import { el, fill } from "../shared/dom.js";
import { orderCard } from "./orders.js";

const PRODUCTS = [
  ["kettle", "Kettle Morrow", "1.7 litres, keeps warm for an hour", "£39.00"],
  ["television", "Television Vista 50", "50 inch, matt screen", "£649.00"],
  ["vacuum", "Robot vacuum Halla 2", "Maps three rooms, empties itself", "£129.00"],
  ["lamp", "Desk lamp Arc", "Warm to cool, dims to one per cent", "£32.00"],
  ["dishwasher", "Dishwasher Tarn", "14 place settings, 42 dB", "£459.00"],
  ["speaker", "Speaker Wren", "Small room, big sound", "£84.00"],
];

const select = document.querySelector("#customer");
const orders = document.querySelector("#order-list");
const problem = document.querySelector("#shop-problem");

async function call(path, options) {
  const response = await fetch(path, { cache: "no-store", ...options });
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    throw new Error(answer.error?.message ?? `The shop answered ${response.status}.`);
  }
  return response.status === 204 ? null : response.json();
}

function say(error) {
  problem.textContent = error ? `That did not work: ${error.message}` : "";
  problem.hidden = !error;
}

async function showOrders() {
  if (select.value === "") {
    fill(orders, el("p", { class: "empty" }, "Choose a customer at the top of the page to see their orders."));
    return;
  }
  fill(orders);
  const list = (await call("/demo/orders")).orders;
  fill(orders, list.length === 0
    ? el("p", { class: "empty" }, "There are no orders yet.")
    : el("div", { class: "order-grid" }, list.map(orderCard)));
}

async function signIn() {
  say(null);
  try {
    if (select.value === "") {
      await call("/demo/sign-in", { method: "DELETE" });
    } else {
      await call("/demo/sign-in", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ customer_id: select.value }),
      });
    }
    await showOrders();
  } catch (error) {
    say(error);
  }
  // The page stays: the widget must ask again who is signed in.
  document.querySelector("warmline-widget")?.identityChanged();
}

/** Whom the cookie names, read from the identity that the widget gets too. */
async function signedIn() {
  const answer = await call("/demo/identity");
  if (!answer) return "";
  const part = answer.identity.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
  return JSON.parse(atob(part)).sub;
}

async function start() {
  fill(document.querySelector("#product-list"), PRODUCTS.map(([image, name, text, price]) =>
    el("li", { class: "product" },
      el("img", { src: `/shop/img/${image}.svg`, alt: "", width: 320, height: 220, loading: "lazy" }),
      el("div", {}, el("h3", {}, name), el("p", { class: "price" }, price), el("p", {}, text)))));
  for (const button of document.querySelectorAll("[data-ask]")) {
    button.addEventListener("click", () => document.querySelector("warmline-widget")?.open());
  }
  select.addEventListener("change", signIn);
  try {
    // Both first: a choice made as soon as there is one to make is not set back by a late answer.
    const [{ customers }, current] = await Promise.all([call("/demo/customers"), signedIn()]);
    for (const customer of customers) {
      select.append(el("option", { value: customer.id }, `${customer.name} (${customer.tier})`));
    }
    select.value = current;
    await showOrders();
  } catch (error) {
    say(error);
  }
}

start();
