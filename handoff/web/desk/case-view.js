/** The chosen case: its head with the actions, the conversation, the context. */

import { el, fill } from "../shared/dom.js";
import { pieces, say } from "../shared/words.js";
import { ActionBar } from "./action-bar.js";
import { actionsFor } from "./actions.js";
import { nextWord, since, solution } from "./clocks.js";
import { Context } from "./context.js";
import { Conversation } from "./conversation.js";
import { ledLines } from "./led.js";
import { Knowledge } from "./knowledge.js";
import { VerdictBlock } from "./verdict.js";
import { Viewers } from "./viewers.js";
import { openResolve } from "./wrap-up.js";
import { contactWords, reasonWords } from "./words.js";

export class CaseView {
  #store;
  #api;
  #live;
  #detail = null;
  /** Whose head and buttons are on the screen: until the next case has come, the one before. */
  #headOf = null;
  /** The chosen case could not be fetched. */
  #missing = false;
  #loading = 0;
  #latest = Promise.resolve(false);

  /** `blank` stands in the middle while no case is open. */
  constructor({ store, api, live }, blank) {
    this.#store = store;
    this.#api = api;
    this.#live = live;
    this.viewers = new Viewers(live);
    this.conversation = new Conversation({
      reply: (caseId, text, id, files) => this.#send(caseId, text, id, files),
      note: (caseId, text) => this.#act(caseId, "notes", { text }),
      typing: (caseId, what) => this.#live.typing(caseId, what),
      files: { place: (id) => api.uploads(id), load: (caseId, file) => api.file(caseId, file.id) },
    }, store.options, store.agent.id, this.viewers.element);
    this.alert = el("p", { class: "alert", role: "alert", hidden: true, data: { testid: "case-problem" } });
    this.blank = blank;
    // Outside of what is drawn anew, or it would not be read out.
    this.said = el("p", { class: "visually-hidden", role: "status", data: { testid: "desk-said" } });
    this.verdict = new VerdictBlock((caseId, body, said) => this.#act(caseId, "verdict", body, said));
    this.knowledge = new Knowledge(api);
    this.context = new Context({ store, verdict: this.verdict.element, knowledge: this.knowledge, api,
      insert: (text) => this.#insert(text), useOutcome: (text) => this.#detail && openResolve(this.#detail, this.#tools(this.#detail.id), text),
      mayWrite: () => this.#detail !== null && this.#store.mayWrite(this.#detail) });
    this.bar = new ActionBar((action) => this.#run(this.#headOf, action));
    this.headline = el("div", { class: "headline" });
    this.head = el("header", { class: "case-head" }, this.headline, this.bar.element);
    this.middle = el("main", { class: "column middle" }, blank.element, this.head, this.alert, this.said, this.conversation.element);
    this.#showBlank(true);
    this.knowledge.addEventListener("known", () => this.#detail && this.context.show(this.#detail));
    store.addEventListener("selected", (event) => this.#open(event.detail));
    store.addEventListener("taken", ({ detail }) => this.#write(detail));
    store.addEventListener("case", (event) => this.#changed(event.detail));
    store.addEventListener("gone", (event) => event.detail === this.#detail?.id && this.#refresh());
    live.addEventListener("messages", (event) => this.#messages(event.detail));
    live.addEventListener("problem", (event) => this.#say(event.detail.message));
    live.addEventListener("receipts", ({ detail }) => detail.case_id === this.#detail?.id && this.conversation.receipts.show(detail));
    live.addEventListener("file", ({ detail }) => this.conversation.settle(detail));
    live.addEventListener("typing", ({ detail }) => {
      if (detail.case_id === this.#detail?.id && detail.sender === "customer") this.conversation.typing(detail.name, detail.for_ms);
    });
  }

  /** Whether the open case is on the screen: colleagues are told, and tell of themselves. */
  look(shown) {
    const id = shown && this.middle.isConnected ? this.#detail?.id ?? null : null;
    this.viewers.open(id);
    this.#live.view(id);
  }

  /** What can be done with the open case. */
  actions() {
    return this.#detail ? actionsFor(this.#detail, this.#tools(this.#detail.id)) : [];
  }

  /** The same for the palette. */
  commands() {
    const id = this.#detail?.id;
    return this.actions().map((action) => ({ id: action.testid, label: action.label, hint: this.#detail.number, keys: action.keys,
      run: () => this.#run(id, action) }));
  }

  /** What the actions of one case work with: whatever else is opened meanwhile, they stay that case's. */
  #tools(id) {
    return { store: this.#store, api: this.#api, act: (verb, body, said) => this.#act(id, verb, body, said), knowledge: () => this.knowledge,
      select: (other) => this.#store.select(other), refresh: () => this.#refreshIfShown(id), chosen: () => id === this.#store.selected };
  }

  #showBlank(blank) {
    this.blank.show(blank);
    this.head.hidden = blank;
    this.conversation.element.hidden = blank;
    this.context.element.hidden = blank;
  }

  #say(text) {
    this.alert.textContent = text;
    this.alert.hidden = text === "";
  }

  #insert(text) {
    const { input } = this.conversation.reply;
    this.conversation.toReply();
    input.setRangeText(text, input.selectionStart, input.selectionEnd, "end");
    // Kept as a draft, like what is typed.
    input.dispatchEvent(new Event("input"));
  }

  /** To the reply of a case that was accepted while it was open. */
  async #write(id) {
    if (id === this.#detail?.id && (await this.#refresh())) this.#toReply(id);
  }

  #toReply(id) {
    if (id === this.#store.taken) this.conversation.toReply();
    this.#store.taken = null;
  }

  async #open(id) {
    this.#detail = null;
    this.#missing = false;
    this.#say("");
    this.said.textContent = "";
    this.look(false);
    if (!(await this.#refresh(id)) || id !== this.#detail?.id) return;
    this.conversation.open(id, this.#detail.customer_name || say("desk.visitor"), this.#detail.messages, this.#detail.notes);
    this.context.element.scrollTop = 0;
    this.#live.watch(id, () => this.conversation.lastSeq);
    this.look(true);
    this.knowledge.open(id);
    this.#toReply(id);
  }

  async #refreshIfShown(id) {
    if (id === this.#detail?.id) await this.#refresh();
  }

  /** Fetches the detail anew; whoever waits for an answer that was overtaken waits for the later one. */
  #refresh(id = this.#detail?.id) {
    this.#latest = this.#fetch(id);
    return this.#latest;
  }

  async #fetch(id) {
    const turn = (this.#loading += 1);
    let detail;
    try {
      detail = await this.#api.detail(id);
    } catch (error) {
      if (turn !== this.#loading) return this.#latest;
      const text = error.status === 404 ? say("desk.case_left") : error.message;
      this.#say(this.alert.hidden ? text : this.alert.textContent);
      // What stood there is another case: it must not be taken for the one that did not come.
      if (!this.#detail) {
        this.#missing = true;
        this.#showBlank(true);
      }
      if (error.status === 404 && this.#detail) this.#draw({ ...this.#detail, status: "closed", left: true });
      return false;
    }
    if (turn !== this.#loading) return this.#latest;
    if (id !== this.#store.selected) return false;
    this.#draw(detail);
    return true;
  }

  #draw(detail) {
    this.#detail = detail;
    this.#showBlank(false);
    this.#drawHead(detail);
    this.verdict.update(detail, this.#store.mayJudge(detail));
    this.context.show(detail);
    this.#lock(detail);
    this.conversation.notes(detail.id, detail.notes);
  }

  #lock(record) {
    this.conversation.lock(this.#lockReason(record), !record.left);
  }

  #lockReason(record) {
    if (record.status === "closed") return say("desk.locked_closed");
    if (this.#store.mayWrite(record)) return "";
    if (record.owner_type === "queue") {
      return this.#store.hasLevel(record) ? say("desk.locked_queue") : say("desk.locked_level", { needs: this.#store.needs(record) });
    }
    return say(this.#store.leads(record) ? "desk.locked_join" : "desk.locked_other", { name: record.agent?.name ?? say("desk.another_agent") });
  }

  #drawHead(record) {
    this.#headOf = record.id;
    const needs = !this.#store.hasLevel(record) && record.owner_type === "queue";
    fill(this.headline,
      el("div", { class: "case-title" },
        el("h1", {}, el("span", { class: "number" }, record.number), " ", record.customer_name || say("desk.visitor")),
        el("span", { class: `badge ${record.verified ? "good" : "warn"}`, data: { testid: "verified" } },
          say(record.verified ? "desk.verified" : "desk.unverified")),
        record.customer_tier !== "standard" && el("span", { class: "tier" }, record.customer_tier),
        el("span", { class: "severity", data: { severity: record.severity } }, this.#store.severityName(record.severity)),
        record.contact_number > 1 && el("span", { class: "badge warn" }, contactWords(record.contact_number))),
      el("p", { class: "case-problem" }, record.problem, el("span", { class: "muted" }, " · ", pieces("desk.came_for", { reason: reasonWords(record.reason) }))),
      el("p", { class: "case-state", data: { testid: "case-state" } }, this.#state(record)),
      needs && el("p", { class: "needs-level", data: { testid: "needs-level" } }, this.#store.needs(record)));
    this.bar.draw(actionsFor(record, this.#tools(record.id)));
    fill(this.conversation.about, ledLines(record, this.#store.agent.id));
  }

  #state(record) {
    if (record.status === "closed") return [say("desk.state_closed")];
    const due = record.waiting_for
      ? [" · ", ...pieces(`desk.row_waits_${record.waiting_for}`, { time: since(el("b"), record.waiting_since) })]
      : [nextWord(record)].filter(Boolean).flatMap((word) => [" · ", ...word]);
    const solve = solution(record);
    if (solve) due.push(" · ", ...solve);
    if (record.owner_type === "queue") {
      return [...pieces(record.position ? "desk.state_waiting_at" : "desk.state_waiting",
        { queue: record.queue, position: record.position, time: since(el("b"), record.opened_at) }), ...due];
    }
    const owner = this.#store.isMine(record) ? say("desk.state_yours")
      : say("desk.state_with", { name: record.agent?.name ?? say("desk.the_bot") });
    return [owner, `, ${record.queue}`, ...due];
  }

  async #run(id, action) {
    // Pressed while the next case was on its way: whichever of the two was meant, it is pressed again once that is seen.
    if (id !== this.#store.selected) return;
    this.#say("");
    try {
      await action.run();
    } catch (error) {
      // Said of another case it would mislead; the one that refused says how it stands when it is opened again.
      if (id !== this.#detail?.id) return;
      const first = error.code === "already_accepted" && error.data.agent_name;
      this.#say(first ? say("desk.already_accepted", { name: first }) : error.message);
      await this.#refresh();
    }
  }

  /** `said` is read out once it is done; the answer of the call. */
  async #act(id, verb, body, said = "") {
    const answer = await this.#api.act(id, verb, body);
    this.#say("");
    // Closed, or moved to a queue that one does not serve: the stream says case_gone, and must not be undone here.
    if (answer.case && this.#store.cases.has(answer.case.id) && answer.case.status !== "closed") this.#store.setCase(answer.case);
    await this.#refreshIfShown(id);
    if (said) this.said.textContent = said;
    if (id === this.#detail?.id && this.#store.mayWrite(this.#detail) && ["accept", "join"].includes(verb)) {
      if (verb === "accept") this.#store.show({ tab: "mine" });
      this.conversation.toReply();
    }
    return answer;
  }

  async #send(caseId, text, id, files) {
    const body = { client_message_id: id, text: text || undefined, attachments: files.map((file) => file.id) };
    const message = await this.#api.write(caseId, body);
    // The stream brings it too; whichever is first shows it, unless something in between is still on its way.
    if (caseId === this.conversation.id && message.seq === this.conversation.lastSeq + 1) this.conversation.add([message]);
  }

  #changed(id) {
    if (this.#missing && id === this.#store.selected) {
      this.#open(id);
      return;
    }
    if (id !== this.#detail?.id) return;
    const record = this.#store.cases.get(id);
    this.#drawHead({ ...this.#detail, ...record });
    this.#lock({ ...this.#detail, ...record });
    if (record.version > this.#detail.version) this.#refresh();
  }

  #messages({ id, messages }) {
    if (id !== this.#detail?.id) return;
    const known = new Set(this.#detail.messages.map((message) => message.seq));
    this.#detail.messages.push(...messages.filter((message) => !known.has(message.seq)));
    this.conversation.add(messages);
  }
}
