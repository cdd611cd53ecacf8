/**
 * A live conversation to read along: nothing is sent, and nobody is told, until one joins or takes it over.
 *
 * `one` is a live conversation of the board; with `past`, one that is over and only read. Joining a colleague's case lets one
 * write in it while it stays theirs; a conversation of the assistant is taken over, so that one alone speaks.
 *
 * Answers `{id, follow(live)}`: what can be done follows the owner while one reads; `follow` is given the board's row of it as it is
 * by now, or undefined once it is over.
 */

import { openForm } from "../desk/dialogs.js";
import { Viewers } from "../desk/viewers.js";
import { newId } from "../shared/connection.js";
import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { at } from "./figures.js";
import { reassignButton } from "./reassign.js";

const EVERY_MS = 2000;
const TYPING_EVERY_MS = 3000;

export function openMonitor(desk, given, changed) {
  let one = { ...given };
  const opener = document.activeElement;
  const name = one.customer_name ?? say("board.visitor");
  const log = el("ol", { class: "monitor-log", role: "log", tabindex: "0", "aria-label": say("board.transcript", { name }), data: { testid: "monitor-log" } });
  const problem = el("p", { class: "alert", role: "alert", hidden: true });
  const viewers = new Viewers(desk.live, "monitor-viewers");
  const actions = el("div", { class: "dialog-actions" });
  const owner = el("p", { class: "muted", role: "status", data: { testid: "monitor-owner" } });
  const dialog = el("dialog", { class: "dialog monitor", "aria-labelledby": "monitor-title", data: { testid: "monitor" } },
    el("h2", { id: "monitor-title" }, say("board.monitor_title", { name })), el("p", { class: "muted" }, say("board.monitor_text")), owner, log, viewers.element, problem);
  let last = 0;
  let timer = 0;
  let typed = -Infinity;
  let open = true;
  let drawn = "";

  async function read() {
    try {
      const { messages } = await desk.api.get(`/board/conversations/${encodeURIComponent(one.conversation_id)}/messages?after=${last}`);
      problem.hidden = true;
      const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
      for (const message of messages) log.append(line(message));
      if (messages.length > 0) last = messages.at(-1).seq;
      if (messages.length > 0 && atEnd) log.scrollTop = log.scrollHeight;
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
    if (open) timer = setTimeout(read, EVERY_MS);
  }

  async function act(work) {
    problem.hidden = true;
    try {
      await work();
      changed();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  }

  const place = `/board/conversations/${encodeURIComponent(one.conversation_id)}`;
  const toCase = (id) => {
    dialog.close();
    desk.views.go("cases", id);
  };

  const words = el("textarea", { id: "monitor-words", rows: "2", maxlength: "4000", data: { testid: "monitor-words" }, oninput: () => {
    if (performance.now() - typed < TYPING_EVERY_MS) return;
    typed = performance.now();
    desk.live.typing(one.case_id, "reply");
  } });
  const composer = el("form", { class: "monitor-composer", hidden: true, onsubmit: (event) => {
    event.preventDefault();
    const text = words.value.trim();
    if (!text) return;
    act(async () => {
      await desk.api.act(one.case_id, "messages", { client_message_id: newId().replaceAll(/[^\w-]/gu, "").slice(0, 40), text });
      words.value = "";
    });
  } }, el("div", { class: "field" }, el("label", { for: words.id }, say("board.write_to", { name })), words),
  el("button", { type: "submit", class: "button primary", data: { testid: "monitor-send" } }, say("board.send")));

  /** Joins or leaves; the answer tells at once how the case stands. */
  const takePart = (what) => act(async () => {
    const { case: record } = await desk.api.act(one.case_id, what);
    if (desk.store.cases.has(record.id)) desk.store.setCase(record);
    if (what === "join") words.focus();
  });

  /** Who has it, and what one may do: drawn anew where that has changed, and the focus stays. */
  function draw() {
    const record = one.case_id ? desk.store.cases.get(one.case_id) : undefined;
    // The stream is ahead of the board.
    if (record && !one.past) Object.assign(one, { owner_type: record.owner_type, agent_name: record.agent?.name ?? null });
    const mine = record?.agent?.id === desk.agent.id;
    const joined = Boolean(record && desk.store.hasJoined(record));
    const now = JSON.stringify([one.owner_type, one.agent_name, one.case_id, one.flag, mine, joined]);
    if (now === drawn) return;
    drawn = now;
    owner.textContent = one.past ? "" : whose(one, record);
    const focused = actions.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
    drawActions(mine, joined);
    if (focused) (actions.querySelector(`[data-testid="${CSS.escape(focused)}"]`) ?? actions.lastElementChild).focus();
  }

  function drawActions(mine, joined) {
    const verb = (key, testid, onclick, kind = "button") => el("button", { type: "button", class: kind, data: { testid }, onclick }, say(`board.${key}`));
    const flagged = Boolean(one.flag);
    composer.hidden = !joined;
    fill(actions,
      !one.past && verb(flagged ? "clear_flag" : "flag", "monitor-flag", () => (flagged
        ? act(async () => { one.flag = (await desk.api.post(`${place}/clear-flag`)).flag; draw(); })
        : openForm({ testid: "flag", title: say("board.flag_title", { name }), action: say("board.flag"), fields: [{ name: "reason", label: say("board.flag_why"), limit: 500 }],
          submit: async (values) => { one.flag = (await desk.api.post(`${place}/flag`, values)).flag; draw(); changed(); } }))),
      one.owner_type === "agent" && one.case_id && !mine && (joined
        ? verb("leave", "monitor-leave", () => takePart("leave"))
        : verb("join", "monitor-join", () => takePart("join"))),
      one.owner_type === "agent" && one.case_id && !mine && verb("take_over", "monitor-take-over", () => takeOver(`/cases/${encodeURIComponent(one.case_id)}/take-over`)),
      one.owner_type === "bot" && verb("take_over", "monitor-take-over", () => takeOver(`${place}/take-over`)),
      one.case_id && !one.past && reassignButton(desk, one.case_id, "monitor", () => { changed(); dialog.close(); }),
      one.case_id && el("a", { class: "button", href: `#/cases/${encodeURIComponent(one.case_id)}`, onclick: () => dialog.close() }, say("board.open_case")),
      verb("close", "monitor-close", () => dialog.close(), "button primary"));
  }

  function takeOver(path) {
    openForm({ testid: "take-over", title: say("board.take_over_title", { name }), text: say("board.take_over_text"), action: say("board.take_over"),
      fields: [{ name: "reason", label: say("board.take_over_why"), limit: 500 }],
      submit: async (values) => {
        const { case: record } = await desk.api.post(path, values);
        changed();
        toCase(record.id);
      } });
  }

  function look(caseId) {
    viewers.open(caseId);
    desk.live.view(caseId, true);
  }

  const caseChanged = ({ detail }) => detail === one.case_id && draw();
  desk.store.addEventListener("case", caseChanged);
  draw();
  look(one.case_id);
  dialog.addEventListener("close", () => {
    open = false;
    desk.store.removeEventListener("case", caseChanged);
    viewers.open(null);
    desk.live.view(null);
    clearTimeout(timer);
    dialog.remove();
    if (opener?.isConnected) opener.focus();
    else document.querySelector(`[data-key="monitor-${CSS.escape(one.conversation_id)}"]`)?.focus();
  });
  dialog.append(composer, actions);
  document.body.append(dialog);
  dialog.showModal();
  read();
  return { id: one.conversation_id, follow(live) {
    if (!open) return;
    const before = one.case_id;
    one = live ? { ...live } : { ...one, owner_type: null };
    if (one.case_id !== before) look(one.case_id);
    draw();
  } };
}

function whose(one, record) {
  if (one.owner_type === null) return say("board.conversation_over");
  if (one.owner_type === "agent") return say("board.with_agent", { name: one.agent_name });
  return record && one.owner_type === "queue" ? say("board.in_queue", { queue: record.queue }) : say(`board.owner_${one.owner_type}`);
}

function line(message) {
  const feeling = message.turn?.frustration;
  return el("li", { class: `monitor-line ${message.sender.type}`, data: { seq: message.seq } },
    el("span", { class: "muted" }, el("b", {}, message.sender.name ?? say(`board.sender_${message.sender.type}`)), " ", at(message.created_at),
      feeling !== undefined && feeling !== null && [" ", say("board.mood", { value: feeling.toFixed(2) })]),
    el("p", {}, message.text));
}
