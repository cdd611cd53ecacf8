/** The panel: the parts together, showing what the session tells. */

import { el, fill, icon } from "../shared/dom.js";
import { Banner, FollowUp } from "./case.js";
import { Composer, MessageList } from "./messages.js";
import { Session } from "./session.js";

const CLOSE = "M6 6l12 12M18 6L6 18";
const PERSON = "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.8-4 3.8-6 7.5-6s6.7 2 7.5 6";
const ANEW = "M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5";
// Further up than this the customer is reading, and is not moved.
const NEAR_END_PX = 80;
// For a lost frame.
const THINKING_AT_MOST_MS = 60_000;

export async function createPanel(host, base) {
  const sheets = await Promise.all(["shared/tokens.css", "widget/panel.css"].map(async (path) => {
    const response = await fetch(new URL(path, base), { credentials: "omit" });
    if (!response.ok) throw new Error(`Warmline: ${path} answered ${response.status}`);
    // Constructed, so that the host page's CSP need not allow styles.
    return new CSSStyleSheet().replace(await response.text());
  }));
  host.shadowRoot.adoptedStyleSheets = [...sheets, ...host.shadowRoot.adoptedStyleSheets];
  return new Panel(host, base);
}

class Panel {
  #host;
  #session;
  #open = false;
  #unread = 0;
  #typingTimer = 0;
  #quickReplies = null;

  constructor(host, base) {
    this.#host = host;
    this.#session = new Session(base, { identityUrl: host.dataset.identityUrl, name: host.dataset.name }, {
      begun: () => this.#begun(),
      caughtUp: () => this.#caughtUp(),
      message: (message) => this.#message(message),
      pending: (entry) => this.#pending(entry),
      state: (state) => this.#state(state),
      typing: (frame) => this.#typing(frame),
      status: (status) => this.banner.showLine(status, this.#session.say),
      problem: (error) => this.#problem(error.message),
    });
    this.#build();
    this.#begun();
    this.#session.begin();
  }

  #build() {
    this.banner = new Banner(() => this.#session.begin());
    this.list = new MessageList((id) => this.#session.retry(id));
    this.composer = new Composer({ send: (text) => this.#session.sendText(text), typing: () => this.#session.typing() });
    this.followUp = new FollowUp({
      rate: (caseId, csat, comment) => this.#session.rate(caseId, csat, comment),
      reopen: (caseId) => this.#session.reopen(caseId),
    });
    this.title = el("h2", { id: "title" });
    this.greeting = el("div", { class: "greeting" });
    this.typingLine = el("p", { class: "typing", hidden: true, data: { testid: "typing" } });
    this.quick = el("div", { class: "quick-replies", role: "group" });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.newest = el("button", { type: "button", class: "newest", hidden: true, onclick: () => this.#toEnd() });
    // Can be scrolled by keyboard.
    this.scroll = el("div", { class: "scroll", tabindex: "0", role: "group", onscroll: () => this.#scrolled() },
      this.greeting, this.list.log, this.typingLine, this.quick, this.followUp.element);
    this.person = el("button", { type: "button", class: "foot-button", data: { testid: "talk-to-person" },
      onclick: () => this.#askForPerson() });
    this.anew = el("button", { type: "button", class: "round", data: { testid: "new-conversation" },
      onclick: () => this.#startAnew() }, icon(ANEW));
    this.closeButton = el("button", { type: "button", class: "round", data: { testid: "close-chat" },
      onclick: () => this.#host.close() }, icon(CLOSE));
    this.section = el("section",
      { class: "panel", role: "dialog", "aria-labelledby": "title", tabindex: "-1", hidden: true,
        data: { testid: "chat-panel" }, onkeydown: (event) => this.#key(event) },
      el("header", {}, this.title, this.anew, this.closeButton),
      this.banner.element, this.scroll, this.newest, this.problem,
      el("div", { class: "foot" }, this.person), this.composer.element);
    this.#host.shadowRoot.append(this.section);
    globalThis.visualViewport?.addEventListener("resize", () => this.#fitToKeyboard());
  }

  show() {
    this.#open = true;
    this.#unread = 0;
    this.section.hidden = false;
    this.#toEnd();
    // Focus in the field would raise a touch screen's keyboard.
    if (matchMedia("(pointer: coarse)").matches) this.section.focus();
    else this.composer.focus();
    if (this.#session.conversation) this.#session.checkIdentity();
  }

  hide() {
    this.#open = false;
    this.section.hidden = true;
  }

  identityChanged() {
    this.#session.checkIdentity();
  }

  #key(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    this.#host.close();
  }

  #begun() {
    const say = this.#session.say;
    this.title.textContent = say("title");
    fill(this.greeting, el("p", {}, say("greeting")), el("p", {}, say("person_promise")));
    this.newest.textContent = say("new_messages");
    for (const [element, key] of [[this.closeButton, "close"], [this.anew, "new_conversation"], [this.scroll, "log_label"], [this.quick, "answers_label"]]) {
      element.setAttribute("aria-label", say(key));
      if (element.tagName === "BUTTON") element.title = say(key);
    }
    this.list.reset(say);
    this.composer.reset(say, this.#session.limit);
    this.#offer(null);
    this.#state(this.#session.state);
  }

  #caughtUp() {
    this.list.announce();
    this.#problem("");
    this.#toEnd();
  }

  #message(message) {
    const stay = this.#nearEnd();
    this.list.add(message);
    const mine = message.sender.type === "customer";
    if (!mine) this.#endTyping();
    // The bot asks whether it is solved: while that stands, no second question beside it.
    if (mine || message.notice) this.quick.classList.toggle("outcome", message.notice === "case_resolved");
    if (message.sender.type === "bot") this.#offer(message);
    else if (mine) this.#offer(null);
    if (!this.#open && !mine) this.#host.unread = this.#unread += 1;
    this.#follow(stay || mine);
  }

  #pending(entry) {
    this.list.pending(entry);
    if (entry.status === "sending") {
      this.#problem("");
      this.#offer(null);
      this.#toEnd();
    }
  }

  #offer(message) {
    const hadFocus = this.quick.contains(this.#host.shadowRoot.activeElement);
    this.#quickReplies = message?.buttons?.length > 0 ? message : null;
    const owned = (this.#session.state?.owner.type ?? "bot") === "bot";
    fill(this.quick, this.#quickReplies && owned && this.#quickReplies.buttons.map((button) =>
      el("button", { type: "button", class: "quick", data: { testid: "quick-reply", index: button.index },
        onclick: () => this.#session.chooseButton(message.seq, button) }, button.title)));
    if (hadFocus) this.composer.focus();
  }

  #state(state) {
    const say = this.#session.say;
    const stay = this.#nearEnd();
    this.banner.showState(state, say);
    this.followUp.show(state, say);
    this.#offer(this.#quickReplies);
    const owner = state?.owner.type ?? "bot";
    const human = owner !== "bot";
    this.person.setAttribute("aria-disabled", String(human));
    fill(this.person, icon(PERSON, 18), say(human ? "person_has_it" : "talk_to_person"));
    this.anew.hidden = human || !state || (state.case !== null && state.case.status !== "closed");
    if (state?.bot_busy && !human) this.#showTyping(say("thinking"), THINKING_AT_MOST_MS);
    else if (this.typingLine.dataset.sender === "busy") this.#endTyping();
    if (stay) this.#follow(true);
  }

  #typing({ sender, name, for_ms: duration }) {
    this.#showTyping(this.#session.say("typing", { name }), duration);
    this.typingLine.dataset.sender = sender;
  }

  #showTyping(text, duration) {
    clearTimeout(this.#typingTimer);
    const stay = this.#nearEnd();
    this.typingLine.dataset.sender = "busy";
    fill(this.typingLine, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), text);
    this.typingLine.hidden = false;
    this.#typingTimer = setTimeout(() => this.#endTyping(), duration);
    if (stay) this.#follow(true);
  }

  #endTyping() {
    clearTimeout(this.#typingTimer);
    this.typingLine.hidden = true;
  }

  #problem(text) {
    this.problem.textContent = text;
    if (text) this.followUp.refused(this.#session.state, this.#session.say);
  }

  #askForPerson() {
    if (this.person.getAttribute("aria-disabled") !== "true") this.#session.askForPerson();
  }

  async #startAnew() {
    const before = this.#session.conversation;
    await this.#session.begin(true);
    if (this.#session.conversation === before) this.#problem(this.#session.say("still_open"));
    this.composer.focus();
  }

  #nearEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #follow(toEnd) {
    if (toEnd) this.#toEnd();
    else this.newest.hidden = false;
  }

  #toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.newest.hidden = true;
  }

  #scrolled() {
    if (this.#nearEnd()) this.newest.hidden = true;
  }

  // On a phone, what the keyboard leaves.
  #fitToKeyboard() {
    const full = matchMedia("(max-width: 520px)").matches;
    this.section.style.height = full ? `${visualViewport.height}px` : "";
    if (full) this.#toEnd();
  }
}
