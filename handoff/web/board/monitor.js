/** A live conversation to read along: nothing is sent, and nobody is told. */

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { at } from "./figures.js";

const EVERY_MS = 2000;

export function openMonitor(desk, one, changed) {
  const opener = document.activeElement;
  const name = one.customer_name ?? say("board.visitor");
  const log = el("ol", { class: "monitor-log", role: "log", tabindex: "0", "aria-label": say("board.transcript", { name }), data: { testid: "monitor-log" } });
  const problem = el("p", { class: "alert", role: "alert", hidden: true });
  const actions = el("div", { class: "dialog-actions" });
  const dialog = el("dialog", { class: "dialog monitor", "aria-labelledby": "monitor-title", data: { testid: "monitor" } },
    el("h2", { id: "monitor-title" }, say("board.monitor_title", { name })), el("p", { class: "muted" }, say("board.monitor_text")), log, problem, actions);
  let last = 0;
  let timer = 0;
  let open = true;

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
    try {
      await work();
      changed();
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  }

  fill(actions,
    one.case_id && el("a", { class: "button", href: `#/cases/${encodeURIComponent(one.case_id)}`, onclick: () => dialog.close() }, say("board.open_case")),
    el("button", { type: "button", class: "button primary", data: { testid: "monitor-close" }, onclick: () => dialog.close() }, say("board.close")));
  dialog.addEventListener("close", () => {
    open = false;
    clearTimeout(timer);
    dialog.remove();
    if (opener?.isConnected) opener.focus();
    else document.querySelector(`[data-key="monitor-${CSS.escape(one.conversation_id)}"]`)?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  read();
  return act;
}

function line(message) {
  const feeling = message.turn?.frustration;
  return el("li", { class: `monitor-line ${message.sender.type}`, data: { seq: message.seq } },
    el("span", { class: "muted" }, el("b", {}, message.sender.name ?? say(`board.sender_${message.sender.type}`)), " ", at(message.created_at),
      feeling !== undefined && feeling !== null && [" ", say("board.mood", { value: feeling.toFixed(2) })]),
    el("p", {}, message.text));
}
