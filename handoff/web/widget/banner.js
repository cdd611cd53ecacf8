/** Above the messages: who has the conversation, how the case stands, and whether the line holds. */

import { el, fill, moment, press } from "../shared/dom.js";

/** What the customer sees of owner and case. */
export class Banner {
  #session;

  constructor(session) {
    this.#session = session;
    this.owner = el("div", { class: "owner", role: "status", data: { testid: "chat-banner" } });
    this.line = el("div", { class: "line", role: "status", hidden: true, data: { testid: "chat-line" } });
    this.element = el("div", { class: "banner" }, this.owner, this.line);
  }

  showState(state) {
    const lines = ownerLines(state, this.#session.say);
    const text = lines.join("\n");
    // A live region would repeat itself.
    if (this.owner.dataset.text === text) return;
    Object.assign(this.owner.dataset, { text, owner: this.#session.owner });
    fill(this.owner, el("strong", {}, lines[0]), lines.slice(1).map((line) => el("span", {}, line)));
  }

  showLine(status) {
    const { say } = this.#session;
    this.line.hidden = status === "live";
    if (this.line.dataset.status === status) return;
    this.line.dataset.status = status;
    fill(this.line, this.line.hidden ? null : say(status), status === "failed" &&
      press("link", "begin-again", () => this.#session.begin(), say("try_again")));
  }
}

function ownerLines(state, say) {
  const record = state?.case;
  const { type, name } = state?.owner ?? { type: "bot" };
  if (type === "bot") return [record?.can_reopen ? say("banner_solved", record) : say("banner_bot")];
  const lines = [];
  if (type === "agent") {
    lines.push(say("banner_agent", { name: name ?? record?.agent_name }));
    if (record) lines.push(say("banner_case", record));
  } else {
    lines.push(say("banner_queue", { queue: record?.queue ?? name }));
    if (record?.position) lines.push(say("banner_position", record), ...(record.wait ? [say("banner_wait", record.wait)] : []));
  }
  if (record?.next_update_due) lines.push(say("next_update", { time: moment(record.next_update_due) }));
  return lines;
}
