/** The list of shortcuts: everywhere, in the lists, with the open case, while writing. */

import { el } from "../shared/dom.js";
import { addWords, say } from "../shared/words.js";
import { ACTIONS, LIST, OFFER, PALETTE, SHORTCUTS, viewKeys } from "./keys.js";

/** What the fields and lists do by themselves. */
const ROWS = [["↑ ↓", "rows"], ["Enter", "open"]];
const WRITING = [["Enter", "send"], ["Shift+Enter", "line"], ["/", "canned"], ["@", "mention"], ["Ctrl+Enter", "form"], ["Escape", "escape"]];

const line = ([combination, text]) => el("div", {}, el("dt", {}, el("kbd", {}, combination)), el("dd", {}, text));
const group = (name, lines) => el("section", { "aria-labelledby": `shortcuts-${name}` }, el("h3", { id: `shortcuts-${name}` }, say(`shortcuts.${name}`)),
  el("dl", { class: "shortcuts-list" }, lines.map(line)));
const own = ([combination, name]) => [combination, say(`shortcuts.do_${name}`)];

export async function openShortcuts({ views }) {
  const opener = document.activeElement;
  await addWords(["shortcuts", "actions"]);
  if (document.querySelector("dialog[open]")) return;
  const title = el("h2", { id: "shortcuts-title", tabindex: "-1", autofocus: true }, say("shell.shortcuts"));
  const dialog = el("dialog", { class: "dialog shortcuts", "aria-labelledby": "shortcuts-title", data: { testid: "shortcuts" } },
    title, el("p", { class: "muted" }, say("shortcuts.text")),
    el("div", { class: "shortcuts-groups" },
      group("everywhere", [[PALETTE, say("shell.palette")], [SHORTCUTS, say("shell.shortcuts")],
        ...views.inBar.map((view, index) => [viewKeys(index), say("shell.go_to", { view: say(`shell.view_${view.name}`) })]),
        [OFFER.accept, say("shortcuts.accept")], [OFFER.decline, say("shortcuts.decline")]]),
      group("lists", [...Object.entries(LIST).map(([name, combination]) => [combination, say(`desk.${name}`)]), ...ROWS.map(own)]),
      group("case", Object.entries(ACTIONS).filter(([name]) => name !== "accept").map(([name, combination]) => [combination, say(`actions.do_${name.replaceAll("-", "_")}`)])),
      group("writing", WRITING.map(own))),
    el("form", { method: "dialog", class: "dialog-actions" }, el("button", { class: "button primary", data: { testid: "shortcuts-close" } }, say("desk.close"))));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (opener?.isConnected) opener.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}
