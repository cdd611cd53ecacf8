/** The chosen case: its head with the actions, the conversation, the context. */

import { el, fill } from "../shared/dom.js";
import { actionsFor } from "./actions.js";
import { since, until } from "./clocks.js";
import { showContext } from "./context.js";
import { Conversation } from "./conversation.js";
import { VerdictBlock } from "./verdict.js";
import { ordinal, reasonWords } from "./words.js";

export class CaseView {
  #store;
  #api;
  #live;
  #detail = null;
  #loading = 0;

  constructor(store, api, live) {
    this.#store = store;
    this.#api = api;
    this.#live = live;
    this.conversation = new Conversation({
      reply: (text, id, files) => this.#send(text, id, files),
      note: (text) => this.#act("notes", { text }),
      typing: () => this.#live.typing(this.#store.selected),
      files: { place: (id) => api.uploads(id), load: (file) => api.file(this.#detail.id, file.id) },
    }, store.options, store.agent.id);
    this.head = el("header", { class: "case-head" });
    this.alert = el("p", { class: "alert", role: "alert", hidden: true, data: { testid: "case-problem" } });
    this.blank = el("p", { class: "blank" }, "Choose a case on the left. Arrow keys move through the list, Enter opens.");
    // Outside of what is drawn anew, or it would not be read out.
    this.said = el("p", { class: "visually-hidden", role: "status", data: { testid: "desk-said" } });
    this.verdict = new VerdictBlock((body, said) => this.#act("verdict", body, said));
    this.middle = el("main", { class: "column middle" }, this.blank, this.head, this.alert, this.said, this.conversation.element);
    this.context = el("aside", { class: "column context", "aria-label": "Context of the case", tabindex: "0" });
    this.#showBlank(true);
    store.addEventListener("selected", (event) => this.#open(event.detail));
    store.addEventListener("case", (event) => this.#changed(event.detail));
    store.addEventListener("gone", (event) => event.detail === this.#detail?.id && this.#refresh());
    live.addEventListener("messages", (event) => this.#messages(event.detail));
    live.addEventListener("problem", (event) => this.#say(event.detail.message));
    live.addEventListener("typing", ({ detail }) => {
      if (detail.case_id === this.#detail?.id) this.conversation.typing(detail.name, detail.for_ms);
    });
  }

  #showBlank(blank) {
    this.blank.hidden = !blank;
    this.head.hidden = blank;
    this.conversation.element.hidden = blank;
    this.context.hidden = blank;
  }

  #say(text) {
    this.alert.textContent = text;
    this.alert.hidden = text === "";
  }

  async #open(id) {
    this.#detail = null;
    this.#say("");
    this.said.textContent = "";
    if (!(await this.#refresh(id))) return;
    this.conversation.open(id, this.#detail.customer_name || "Visitor", this.#detail.messages);
    this.context.scrollTop = 0;
    this.#live.watch(id, () => this.conversation.lastSeq);
  }

  /** Fetches the detail anew; an answer that a later request has overtaken is dropped. */
  async #refresh(id = this.#detail?.id) {
    const turn = (this.#loading += 1);
    let detail;
    try {
      detail = await this.#api.detail(id);
    } catch (error) {
      if (turn !== this.#loading) return false;
      const text = error.status === 404 ? "This case has left your queues." : error.message;
      this.#say(this.alert.hidden ? text : this.alert.textContent);
      if (error.status === 404 && this.#detail) this.#draw({ ...this.#detail, status: "closed" });
      return false;
    }
    if (turn !== this.#loading || id !== this.#store.selected) return false;
    this.#draw(detail);
    return true;
  }

  #draw(detail) {
    this.#detail = detail;
    this.#showBlank(false);
    this.#drawHead(detail);
    this.verdict.update(detail, this.#store.mayJudge(detail));
    showContext(this.context, detail, this.verdict.element, this.#store.options);
    this.conversation.lock(this.#lockReason(detail));
  }

  #lockReason(record) {
    if (record.status === "closed") return "This case is closed. The bot has the conversation again.";
    if (this.#store.mayAct(record)) return "";
    if (record.owner_type === "queue") {
      return this.#store.hasLevel(record) ? "Accept the case to write to the customer."
        : `This case ${this.#store.needs(record)}: somebody of that level has to accept it.`;
    }
    return `${record.agent?.name ?? "Another agent"} has this case.`;
  }

  #drawHead(record) {
    const focused = this.head.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
    const actions = actionsFor(record, this.#store, (verb, body, said) => this.#act(verb, body, said));
    fill(this.head,
      el("div", { class: "case-title" },
        el("h1", {}, el("span", { class: "number" }, record.number), " ", record.customer_name || "Visitor"),
        el("span", { class: `badge ${record.verified ? "good" : "warn"}`, data: { testid: "verified" } },
          record.verified ? "verified" : "unverified"),
        record.customer_tier !== "standard" && el("span", { class: "tier" }, record.customer_tier),
        el("span", { class: "severity", data: { severity: record.severity } }, `Severity ${record.severity}`),
        record.contact_number > 1 && el("span", { class: "badge warn" }, `${ordinal(record.contact_number)} contact`)),
      el("p", { class: "case-problem" }, record.problem, ". ", el("span", { class: "muted" }, reasonWords(record.reason))),
      el("p", { class: "case-state", data: { testid: "case-state" } }, this.#state(record)),
      el("div", { class: "actions", role: "group", "aria-label": "Actions" },
        !this.#store.hasLevel(record) && record.owner_type === "queue" &&
          el("p", { class: "needs-level", data: { testid: "needs-level" } }, this.#store.needs(record)),
        actions.map((action) => el("button", { type: "button", class: `button ${action.primary ? "primary" : ""}`,
          data: { testid: action.testid }, onclick: () => this.#run(action) }, action.label))));
    if (focused) {
      const again = this.head.querySelector(`[data-testid="${CSS.escape(focused)}"]`);
      (again ?? this.head.querySelector("button"))?.focus();
    }
  }

  #state(record) {
    const due = record.next_update_due && record.status !== "closed"
      ? [" · next update ", until(el("b"), record.next_update_due)] : [];
    if (record.status === "closed") return ["Closed"];
    if (record.owner_type === "queue") {
      return [`Waiting in ${record.queue}`, record.position && `, number ${record.position}`, ", for ",
        since(el("b"), record.opened_at), ...due];
    }
    return [this.#store.isMine(record) ? "Yours" : `With ${record.agent?.name ?? "the bot"}`, `, ${record.queue}`, ...due];
  }

  async #run(action) {
    this.#say("");
    try {
      await action.run();
    } catch (error) {
      const first = error.code === "already_accepted" && error.data.agent_name;
      this.#say(first ? `${first} has already accepted this case.` : error.message);
      await this.#refresh();
    }
  }

  /** `said` is read out once it is done. */
  async #act(verb, body, said = "") {
    const id = this.#detail.id;
    const answer = await this.#api.act(id, verb, body);
    this.#say("");
    // Closed, or moved to a queue that one does not serve: the stream says case_gone, and must not be undone here.
    if (this.#store.cases.has(id) && answer.case.status !== "closed") this.#store.setCase(answer.case);
    await this.#refresh();
    if (said) this.said.textContent = said;
    if (verb !== "accept") return;
    this.#store.show({ tab: "mine" });
    this.conversation.reply.input.focus();
  }

  async #send(text, id, files) {
    const body = { client_message_id: id, text: text || undefined, attachments: files.map((file) => file.id) };
    const { message } = await this.#api.act(this.#detail.id, "messages", body);
    // The stream brings it too; whichever is first shows it, unless something in between is still on its way.
    if (message.seq === this.conversation.lastSeq + 1) this.conversation.add([message]);
  }

  #changed(id) {
    if (id !== this.#detail?.id) return;
    const record = this.#store.cases.get(id);
    this.#drawHead({ ...this.#detail, ...record });
    if (record.version > this.#detail.version) this.#refresh();
  }

  #messages({ id, messages }) {
    if (id !== this.#detail?.id) return;
    const known = new Set(this.#detail.messages.map((message) => message.seq));
    this.#detail.messages.push(...messages.filter((message) => !known.has(message.seq)));
    this.conversation.add(messages);
  }
}
