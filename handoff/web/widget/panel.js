/** The panel: the parts together, showing what the session tells. */

import { el, fill, icon, press, timesIn } from "../shared/dom.js";
import { Banner } from "./banner.js";
import { Card } from "./card.js";
import { Composer } from "./composer.js";
import { settled } from "../shared/files.js";
import { attachFiles } from "./files.js";
import { holdFocus } from "./focus.js";
import { FollowUp } from "./follow-up.js";
import { glances } from "./glance.js";
import { MessageList } from "./messages.js";
import { Rating } from "./rating.js";
import { Session } from "./session.js";
import { keepTranscript } from "./transcript.js";
import { languageOf } from "./words.js";

const CLOSE = "M6 6l12 12M18 6L6 18";
const PERSON = "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.8-4 3.8-6 7.5-6s6.7 2 7.5 6";
const KEEP = "M12 4v11M7 10.5l5 5 5-5M5 20h14";
const ANEW = "M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5";
// Further up than this the customer is reading, and is not moved.
const NEAR_END_PX = 80;
// Nearer to the beginning than this, earlier messages are shown.
const NEAR_START_PX = 240;
const FILLS_SCREEN = "(max-width: 520px), (max-height: 480px)";
// The notices that open a case: below them stands what is passed on.
const OPENING = /^(bot_)?handoff|^opened/;
const THINKING_AT_MOST_MS = 60_000;

export async function createPanel(host, base) {
  const response = await fetch(new URL("widget/panel.css", base), { credentials: "omit" });
  if (!response.ok) throw new Error(`Warmline: ${response.url} answered ${response.status}`);
  // Constructed, so that the host page's CSP need not allow styles.
  const sheet = await new CSSStyleSheet().replace(await response.text());
  host.shadowRoot.adoptedStyleSheets = [sheet, ...host.shadowRoot.adoptedStyleSheets];
  return new Panel(host, base);
}

class Panel {
  #host;
  #session;
  #unread = 0;
  #typingTimer = 0;
  #quickReplies = null;
  file = settled;

  constructor(host, base) {
    this.#host = host;
    this.#session = new Session(base, { ...host.dataset, language: languageOf(host) }, this);
    this.#build(this.#session);
    this.begun();
    this.#session.begin();
  }

  #build(session) {
    this.banner = new Banner(session);
    this.list = new MessageList(session);
    this.list.parts.push(glances(session));
    this.composer = new Composer(session);
    this.followUp = new FollowUp(session);
    this.card = new Card(session);
    this.rating = new Rating(session, () => this.#waysOn());
    this.title = el("h2", { id: "title" });
    this.greeting = el("div", { class: "greeting" });
    this.typingLine = el("p", { class: "typing", hidden: true, data: { testid: "typing" } });
    this.quick = el("div", { class: "quick-replies", role: "group" });
    this.alert = el("p", { class: "problem", role: "alert" });
    this.newest = press("newest", "newest", () => this.#toEnd());
    this.scroll = el("div", { class: "scroll", tabindex: "0", role: "group", onscroll: () => this.#scrolled() },
      this.greeting, this.list.more, this.list.log, this.typingLine, this.quick, this.followUp.element);
    this.person = press("foot-button", "talk-to-person", () => this.#askForPerson());
    this.anew = press("round", "new-conversation", () => this.#startAnew(), icon(ANEW));
    this.keep = press("round", "keep-transcript", () => session.messages().then((all) => keepTranscript(all, session.say), () => session.failed()), icon(KEEP));
    this.closeButton = press("round", "close-chat", () => this.#host.close(), icon(CLOSE));
    this.section = el("section",
      { class: "panel", role: "dialog", "aria-labelledby": "title", tabindex: "-1", hidden: true,
        data: { testid: "chat-panel" }, onkeydown: (event) => this.#key(event) },
      el("header", {}, this.title, this.keep, this.anew, this.closeButton),
      this.banner.element, this.scroll, this.newest, this.alert,
      el("div", { class: "foot" }, this.person), this.composer.element);
    attachFiles(this.section, this.list, this.composer, session);
    this.#host.shadowRoot.append(this.section);
    holdFocus(this.section, () => this.#rest());
    for (const event of ["resize", "scroll"]) visualViewport.addEventListener(event, () => this.#fitToKeyboard());
  }

  show() {
    this.#unread = 0;
    this.section.hidden = false;
    this.#fitToKeyboard();
    this.#toEnd();
    this.#rest();
    if (this.#session.conversation) this.#session.checkIdentity();
  }

  hide() {
    this.section.hidden = true;
  }

  /** Where the focus goes by itself: in the field it would raise a touch screen's keyboard. */
  #rest() {
    (matchMedia("(pointer: coarse)").matches ? this.section : this.composer).focus();
  }


  identityChanged() {
    this.#session.checkIdentity();
  }

  #key(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    this.#host.close();
  }

  /** A conversation begins; `another`: of another customer, who must see nothing of the one before. */
  begun(another) {
    const say = this.#session.say;
    const language = say("language");
    Object.assign(this.section, { lang: language, dir: say("direction") || "ltr" });
    // As this customer's part of the world writes them, where that speaks the language.
    timesIn(navigator.languages.find((tag) => tag.startsWith(language)) ?? language);
    this.title.textContent = say("title");
    fill(this.greeting, el("p", {}, say("greeting")), el("p", {}, say("person_promise")));
    this.newest.textContent = say("new_messages");
    for (const [element, key] of [[this.closeButton, "close"], [this.anew, "new_conversation"], [this.keep, "transcript_keep"],
      [this.scroll, "log_label"], [this.quick, "answers_label"]]) {
      element.ariaLabel = say(key);
      if (element.tagName === "BUTTON") element.title = say(key);
    }
    this.list.reset();
    this.composer.reset(another);
    if (another) this.#host.showUnread(this.#unread = 0);
    this.#offer(null);
    this.state(this.#session.state);
  }

  caughtUp() {
    this.list.announce();
    this.problem();
    this.#toEnd();
    this.received();
    this.followUp.resend();
  }

  read({ seq }) {
    this.list.read(seq);
  }

  message(message, more) {
    // Where it stands is measured once all of them are there.
    const stay = more || this.#nearEnd();
    const element = this.list.add(message);
    if (this.card.element.isConnected && OPENING.test(message.notice)) element.after(this.card.element);
    if (message.can_rate) this.rating.offer(message, element);
    const mine = message.sender.type === "customer";
    if (!mine) this.#endTyping();
    // The bot asks whether it is solved: while that stands, no second question beside it.
    if (mine || message.notice) this.quick.classList.toggle("outcome", message.notice === "case_resolved");
    if (message.sender.type === "bot") this.#offer(message);
    else if (mine) this.#offer(null);
    if (this.section.hidden && !mine) this.#host.showUnread(this.#unread += 1, this.#session.say("unread", { count: this.#unread }));
    if (more) return;
    if (stay || mine) this.#toEnd();
    else this.newest.hidden = false;
    this.received();
  }

  /** Tells up to where the messages have come, and whether they are on the screen. */
  received() {
    this.#session.send({ type: "received", seq: this.#session.lastSeq, read: !this.section.hidden && !document.hidden });
  }

  pending(entry) {
    this.list.pending(entry);
    if (entry.status === "sending") {
      this.problem();
      this.#offer(null);
      this.#toEnd();
    }
  }

  #offer(message) {
    this.#quickReplies = message?.buttons?.length > 0 ? message : null;
    fill(this.quick, this.#quickReplies && this.#session.owner === "bot" && this.#quickReplies.buttons.map((button) =>
      press("quick", "quick-reply", () => this.#session.chooseButton(message.seq, button), button.title)));
  }

  state(state) {
    const say = this.#session.say;
    const stay = this.#nearEnd();
    this.banner.showState(state);
    this.followUp.show(state);
    this.#showCard(state);
    this.#offer(this.#quickReplies);
    const human = this.#session.owner !== "bot";
    this.rating.element.hidden = human;
    this.person.ariaDisabled = human;
    fill(this.person, icon(PERSON, 18), say(human ? "person_has_it" : "talk_to_person"));
    // Before anything came there is nothing to keep, and no word for it.
    this.keep.hidden = !state;
    this.anew.hidden = human || !state || (state.case !== null && state.case.status !== "closed");
    if (state?.bot_busy && !human) this.#showTyping(say("thinking"), THINKING_AT_MOST_MS);
    else if (this.typingLine.dataset.sender === "busy") this.#endTyping();
    if (stay) this.#toEnd();
  }

  #showCard(state) {
    // The conversation goes on below it.
    if (state?.card && !this.card.element.isConnected) this.list.place(this.card.element, OPENING);
    this.card.show(state);
  }

  rated(frame) {
    const stay = this.#nearEnd();
    this.rating.rated(frame);
    if (stay) this.#toEnd();
  }

  typing({ sender, name, for_ms: duration }) {
    this.#showTyping(this.#session.say("typing", { name }), duration, sender);
  }

  #showTyping(text, duration, sender = "busy") {
    clearTimeout(this.#typingTimer);
    const stay = this.#nearEnd();
    this.typingLine.dataset.sender = sender;
    fill(this.typingLine, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), text);
    this.typingLine.hidden = false;
    this.#typingTimer = setTimeout(() => this.#endTyping(), duration);
    if (stay) this.#toEnd();
  }

  #endTyping() {
    clearTimeout(this.#typingTimer);
    this.typingLine.hidden = true;
  }

  status(status) {
    this.banner.showLine(status);
  }

  problem(text = "") {
    this.alert.textContent = text;
  }

  refused(text) {
    this.problem(text);
    this.followUp.refused();
  }

  #waysOn() {
    const { say } = this.#session;
    return [press("quick", "ask-differently", () => this.composer.focus(), say("ask_differently")),
      press("quick", "rate-person", () => this.#askForPerson(), say("talk_to_person"))];
  }

  #askForPerson() {
    if (this.person.ariaDisabled !== "true") this.#session.askForPerson();
  }

  async #startAnew() {
    const before = this.#session.conversation;
    await this.#session.begin(true);
    if (this.#session.conversation === before) this.problem(this.#session.say("still_open"));
    this.composer.focus();
  }

  #nearEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.newest.hidden = true;
  }

  #scrolled() {
    if (this.#nearEnd()) this.newest.hidden = true;
    if (this.scroll.scrollTop < NEAR_START_PX) this.list.showEarlier();
  }

  #fitToKeyboard() {
    this.section.ariaModal = matchMedia(FILLS_SCREEN).matches;
    const full = this.section.ariaModal === "true" && visualViewport.scale === 1;
    const end = this.#nearEnd();
    // What the keyboard leaves of the screen, wherever the browser has moved it.
    this.section.style.height = full ? `${visualViewport.height}px` : "";
    this.section.style.top = full ? `${visualViewport.offsetTop}px` : "";
    if (full && end) this.#toEnd();
  }
}
