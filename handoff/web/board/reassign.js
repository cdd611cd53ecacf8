/** Giving a case to somebody else from the board: to a colleague who can take it or to another queue, with what comes next (P20). */

import { openForm } from "../desk/dialogs.js";
import { colleagueOptions, nextStep, tried } from "../desk/moves.js";
import { el, fill } from "../shared/dom.js";
import { addWords, say } from "../shared/words.js";
import { button, caseLink, empty, moving, tick } from "./parts.js";

const MOST = 100;
/** What a supervisor may overlook: who is asked by name can still decline. */
const MAY_DECLINE = new Set(["lead", "room", "answering"]);

/** Whether one may move the case: who sees all queues always, who leads one while nobody has it or one has it oneself. */
function mayMove(desk, record) {
  return ["supervisor", "admin"].includes(desk.agent.role) || !record.agent || record.agent.id === desk.agent.id;
}

/** The button of a case that is still open and that one may move; nothing for any other. */
export function reassignButton(desk, id, where, changed) {
  const record = desk.store.cases.get(id);
  return record && mayMove(desk, record) && button(say("board.reassign"), `reassign-${where}-${id}`, (event) => openReassign(desk, record, changed, event.currentTarget),
    { "aria-label": say("board.reassign_of", { number: record.number }), data: { testid: "reassign-open" } });
}

export async function openReassign(desk, record, changed, opener) {
  opener.disabled = true;
  try {
    await addWords(["actions"]); // of the desk's own moves, which has not been opened yet
    const { options, best } = await colleagueOptions(record, desk, MAY_DECLINE);
    const queues = desk.store.options.categories.filter((one) => one.category !== record.category).map((one) => [`queue:${one.category}`, one.label, say("board.to_queue")]);
    const now = record.agent?.name ?? say("board.in_queue", { queue: record.queue });
    openForm({ testid: "reassign", title: say("board.reassign_of", { number: record.number }), action: say("board.reassign"), text: say("board.reassign_text", { problem: record.problem, now }),
      fields: [
        { name: "to", label: say("board.reassign_to"), value: best && `agent:${best}`, options: [...options.map(([id, ...rest]) => [`agent:${id}`, ...rest]), ...queues] },
        tried(), nextStep(),
      ],
      submit: async ({ to, ...values }) => {
        const kind = to.slice(0, to.indexOf(":"));
        const id = to.slice(kind.length + 1);
        await desk.api.act(record.id, kind === "agent" ? "transfer-to-agent" : "transfer", { ...values, ...(kind === "agent" ? { agent_id: id } : { category: id }) });
        changed();
      } });
  } finally {
    opener.disabled = false;
  }
}

/** The open cases of a queue or of a person, each to open or to give to somebody else; kept as it is now while one looks. */
export function openCaseList(desk, title, belongs, changed) {
  const opener = document.activeElement;
  const list = el("div", { class: "case-list" });
  const dialog = el("dialog", { class: "dialog monitor", "aria-labelledby": "case-list-title", data: { testid: "case-list" } },
    el("h2", { id: "case-list-title" }, title), list,
    el("div", { class: "dialog-actions" }, el("button", { type: "button", class: "button primary", onclick: () => dialog.close() }, say("board.close"))));

  function draw() {
    const found = [...desk.store.cases.values()].filter((record) => record.status !== "closed" && belongs(record))
      .sort((a, b) => a.severity - b.severity || a.opened_at.localeCompare(b.opened_at));
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    fill(list, found.length === 0 ? empty(say("board.no_cases")) : el("ul", { class: "board-list" }, found.slice(0, MOST).map((record) => el("li", {},
      el("span", { class: "severity", data: { severity: record.severity } }, say("board.severity", { severity: record.severity })),
      el("span", { onclick: () => dialog.close() }, caseLink(record.id, record.number)), el("span", { class: "grow" }, record.problem),
      el("span", { class: "muted" }, record.agent?.name ?? say("board.in_queue", { queue: record.queue })),
      el("span", { class: "muted" }, moving(record.opened_at, "since")), reassignButton(desk, record.id, "list", changed)))));
    if (found.length > MOST) list.append(el("p", { class: "muted" }, say("board.more_cases", { count: found.length - MOST })));
    if (focused) (list.querySelector(`[data-key="${CSS.escape(focused)}"]`) ?? dialog.querySelector(".primary")).focus();
    tick(list);
  }

  desk.store.addEventListener("lists", draw);
  dialog.addEventListener("close", () => {
    desk.store.removeEventListener("lists", draw);
    dialog.remove();
    const again = opener?.isConnected ? opener : document.querySelector(`[data-key="${CSS.escape(opener?.dataset.key ?? "")}"]`);
    again?.focus();
  });
  draw();
  document.body.append(dialog);
  dialog.showModal();
}
