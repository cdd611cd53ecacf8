/** Another conversation of the same customer, to read only. */

import { el, moment, withLinks } from "../shared/dom.js";
import { say } from "../shared/words.js";

/** Opens it over the page; the focus comes back when it is closed. */
export async function openEarlier(api, caseId, conversation, customer) {
  const messages = await api.otherConversation(caseId, conversation.id);
  const nameOf = ({ type, name }) => (type === "customer" ? customer : name ?? say(`context.sender_${type}`));
  const dialog = el("dialog", { class: "dialog earlier", "aria-labelledby": "earlier-title", data: { testid: "earlier-dialog" } },
    el("h2", { id: "earlier-title" }, say("context.earlier_title", { when: moment(conversation.started_at) })),
    el("div", { class: "log", role: "group", "aria-label": say("context.earlier_log"), tabindex: "0" }, messages.map((message) =>
      el("article", { class: `message ${message.sender.type}` },
        el("header", {}, el("b", {}, nameOf(message.sender)), el("time", { datetime: message.created_at }, moment(message.created_at))),
        el("p", { class: "text" }, ...withLinks(message.text))))),
    el("div", { class: "dialog-actions" }, el("button", { type: "button", class: "button", onclick: () => dialog.close() }, say("desk.close"))));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
