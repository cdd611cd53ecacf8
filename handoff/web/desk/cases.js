/** The view of the cases: lists on the left, the conversation, and its context. */

import { el } from "../shared/dom.js";
import { attachCanned } from "./canned.js";
import { CaseView } from "./case-view.js";
import { Lists } from "./lists.js";

export function open(desk) {
  const { store, api, live } = desk;
  const lists = new Lists(store);
  const view = new CaseView(store, api, live);
  attachCanned(desk, view.conversation.reply.input, view.conversation.note.input);
  store.addEventListener("selected", ({ detail }) => {
    const place = `#/cases/${encodeURIComponent(detail)}`;
    // Replaced, not added: going back leads out of the cases, not through all that one looked at.
    if (detail && location.hash !== place) history.replaceState(null, "", place);
  });
  return {
    element: el("div", { class: "columns" }, lists.element, view.middle, view.context),
    show: ([id]) => id && store.select(id),
  };
}
