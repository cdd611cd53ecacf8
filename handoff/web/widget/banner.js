/** Who has the conversation, how long it takes, and whether the line is up: always in sight, in words. */

import { el, fill } from "../shared/dom.js";
import { moment } from "../shared/time.js";

export class Banner {
  #lineText = "";

  /** `retry()` is called when the customer asks to try the connection again. */
  constructor(retry) {
    this.retry = retry;
    this.owner = el("div", { class: "owner", role: "status", data: { testid: "chat-banner" } });
    this.line = el("div", { class: "line", role: "status", hidden: true, data: { testid: "chat-line" } });
    this.element = el("div", { class: "banner" }, this.owner, this.line);
  }

  /** The owner of the conversation, and of a case its queue, position and promised time. */
  showState(state, say) {
    const parts = state ? ownerLines(state, say) : [say("banner_bot")];
    const [first, ...rest] = parts;
    const text = parts.join("\n");
    // Written only when it changed: a live region repeats itself otherwise.
    if (this.owner.dataset.text === text) return;
    this.owner.dataset.text = text;
    this.owner.dataset.owner = state?.owner.type ?? "bot";
    fill(this.owner, el("strong", {}, first), rest.map((line) => el("span", {}, line)));
  }

  /** The connection: nothing while it is live. */
  showLine(status, say) {
    const text = status === "live" ? "" : say(status);
    if (text === this.#lineText) return;
    this.#lineText = text;
    this.line.hidden = text === "";
    this.line.dataset.status = status;
    fill(this.line, text, status === "failed" &&
      el("button", { type: "button", class: "link", onclick: () => this.retry() }, say("try_again")));
  }
}

function ownerLines({ owner, case: record }, say) {
  const lines = [];
  const open = record !== null && record.status !== "closed";
  if (owner.type === "queue") {
    lines.push(say("banner_queue", { queue: record?.queue ?? "" }));
    if (record?.position) lines.push(say("banner_position", { position: record.position }));
  } else if (owner.type === "agent") {
    lines.push(say("banner_agent", { name: owner.name ?? record?.agent_name ?? "" }));
    if (record) lines.push(say("banner_case", { number: record.number }));
  } else if (record?.can_reopen) {
    lines.push(say("banner_solved", { number: record.number }));
  } else {
    lines.push(say("banner_bot"));
  }
  if (open && owner.type !== "bot" && record.next_update_due) {
    lines.push(say("next_update", { time: moment(record.next_update_due) }));
  }
  return lines;
}
