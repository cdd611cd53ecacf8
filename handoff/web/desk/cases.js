/** The view of the cases: lists on the left, the conversation, and its context; on a narrow screen the sides are drawers. */

import { el, icon } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { Blank } from "./blank.js";
import { attachCanned } from "./canned.js";
import { CaseView } from "./case-view.js";
import { LIST } from "./keys.js";
import { Lists } from "./lists.js";

const LISTS = "M4 6h16M4 12h16M4 18h16";
const CONTEXT = "M12 8h.01M11 12h1v5h1M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18";

/** A button that brings a side column up as a drawer, where the screen is too narrow to show it beside the others. */
function drawer(columns, name, column, path) {
  const button = el("button", { type: "button", class: "button", "aria-expanded": "false", "aria-controls": column.id,
    data: { testid: `show-${name}` }, onclick: () => set(button.getAttribute("aria-expanded") !== "true") },
  icon(path), say(`desk.show_${name}`));
  function set(open) {
    button.setAttribute("aria-expanded", String(open));
    columns.classList.toggle(`${name}-open`, open);
    if (open) (column.querySelector('[aria-current="true"], summary, button') ?? column).focus();
  }
  columns.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || button.getAttribute("aria-expanded") !== "true" || event.defaultPrevented) return;
    set(false);
    button.focus();
  });
  /** To the column, wherever it is: beside the others, or in its drawer. */
  const reveal = () => (button.offsetParent ? set(true) : column.focus());
  return { button, reveal, close: () => set(false) };
}

export function open(desk) {
  const { store } = desk;
  const lists = new Lists(store);
  const view = new CaseView(desk, new Blank(desk));
  attachCanned(desk, view.conversation.reply.input, view.conversation.note.input);
  const columns = el("div", { class: "columns" }, lists.element, view.middle, view.context.element);
  const left = drawer(columns, "lists", lists.element, LISTS);
  const right = drawer(columns, "context", view.context.element, CONTEXT);
  // Whoever goes on in the middle is done with the sides.
  view.middle.addEventListener("pointerdown", () => {
    left.close();
    right.close();
  });
  store.addEventListener("selected", ({ detail }) => {
    left.close();
    const place = `#/cases/${encodeURIComponent(detail)}`;
    // Replaced, not added: going back leads out of the cases, not through all that one looked at.
    if (detail && location.hash !== place) history.replaceState(null, "", place);
  });
  const go = (step) => {
    const id = lists.neighbour(step);
    if (id) store.select(id);
  };
  return {
    element: el("div", { class: "cases-view" },
      el("div", { class: "narrow-bar", role: "group", "aria-label": say("desk.sides") }, left.button, right.button), columns),
    show: ([id]) => {
      if (id && id !== store.selected) store.select(id);
      else view.look(true);
    },
    hide: () => view.look(false),
    commands: () => [
      ...view.commands(),
      { id: "next-case", label: say("desk.next_case"), keys: LIST.next_case, run: () => go(1) },
      { id: "previous-case", label: say("desk.previous_case"), keys: LIST.previous_case, run: () => go(-1) },
      { id: "go-list", label: say("desk.go_list"), keys: LIST.go_list, run: () => {
        left.reveal();
        lists.focus();
      } },
      { id: "go-context", label: say("desk.go_context"), keys: LIST.go_context, run: () => right.reveal() },
      ...["waiting", "mine", "all"].map((tab) => ({ id: `tab-${tab}`, label: say(`desk.tab_${tab}`), hint: say("desk.which"), run: () => store.show({ tab }) })),
      ...store.queues.map((queue) => ({ id: `queue-${queue.category}`, label: queue.label, hint: say("desk.queues"),
        run: () => store.show({ category: queue.category === store.category ? null : queue.category }) })),
    ],
  };
}
