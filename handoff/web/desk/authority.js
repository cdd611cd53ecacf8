/** What one's level may decide by itself: pay back, give credit, waive a fee; limits shown, asked again before it is done. */

import { newId } from "../shared/connection.js";
import { el } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { openForm } from "./dialogs.js";
import { pounds } from "./words.js";

const KIND = { refund: "refund", fee_waiver: "fee_waiver" };

/** "Refund: up to £150.00, £20.00 of it used", a line for each kind. */
export function limitLines(kinds) {
  return el("ul", { class: "limits" }, kinds.map((kind) => el("li", {}, el("b", {}, kind.label), " ",
    Number(kind.limit) > 0 ? say("actions.limit", { limit: pounds(kind.limit), used: pounds(kind.used), left: pounds(kind.left) })
      : say("actions.no_limit"))));
}

export async function openAuthority(record, { api, act, chosen }) {
  const authority = await api.beside(record.id, "authority");
  if (!chosen()) return;
  const { kinds, items, fees } = authority;
  const allowed = kinds.filter((kind) => Number(kind.left) > 0);
  // One key for one decision: sent again after a lost answer, it never does anything twice.
  const key = newId();
  const itemOf = (index) => items[Number(index)];
  const words = (kind) => kinds.find((one) => one.kind === kind).label;
  const form = openForm({
    testid: "authority", title: say("actions.title_authority", { number: record.number }), action: say("actions.do_authority"),
    before: el("div", { class: "limits-block" }, limitLines(kinds), authority.problem && el("p", { class: "muted" }, authority.problem)),
    fields: [
      { name: "kind", label: say("actions.what"), value: allowed[0]?.kind, options: kinds.map((kind) => [kind.kind, kind.label, "", !allowed.includes(kind)]) },
      { name: "item", label: say("actions.item"), when: ({ kind }) => kind === KIND.refund && items.length > 0,
        options: items.map((item, index) => [String(index), `${item.product}, ${pounds(item.amount)}`, item.order_number]) },
      { name: "order_number", label: say("actions.order_number"), type: "text", when: ({ kind }) => kind === KIND.refund && items.length === 0 },
      { name: "sku", label: say("actions.sku"), type: "text", when: ({ kind }) => kind === KIND.refund && items.length === 0 },
      { name: "email", label: say("actions.order_email"), type: "email", optional: record.verified,
        when: ({ kind }) => kind === KIND.refund && items.length === 0 },
      { name: "charge_id", label: say("actions.fee"), when: ({ kind }) => kind === KIND.fee_waiver,
        options: fees.map((fee) => [fee.charge_id, `${fee.reference}, ${pounds(fee.amount)}`]) },
      { name: "amount", label: say("actions.amount"), type: "number", min: "0.01", step: "0.01" },
      { name: "reason", label: say("desk.reason"), hint: say("actions.authority_reason_hint"), limit: 500 },
    ],
    confirm: ({ kind, amount }) => say("actions.sure_authority", { what: words(kind), amount: pounds(amount), name: record.customer_name || say("desk.visitor") }),
    submit: async ({ item, email, ...values }) => {
      const chosen = item === undefined ? {} : { order_number: itemOf(item).order_number, sku: itemOf(item).sku };
      const { use } = await act("authority", { key, ...values, amount: Number(values.amount).toFixed(2), ...chosen, ...(email ? { email } : {}) },
        say("actions.said_authority", { what: words(values.kind), amount: pounds(values.amount) }));
      if (use.status === "uncertain" || use.status === "begun") throw new Error(say("actions.uncertain"));
    },
  });
  // What is chosen has its sum: it need not be typed.
  const amount = form.control("amount");
  form.control("item").addEventListener("change", ({ target }) => { if (target.value) amount.value = itemOf(target.value).amount; });
  form.control("charge_id").addEventListener("change", ({ target }) => {
    const fee = fees.find((one) => one.charge_id === target.value);
    if (fee) amount.value = fee.amount;
  });
}
