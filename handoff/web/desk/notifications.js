/** The bell in the bar: how much one was told and has not read, and the lines themselves. */

import { el, fill, icon } from "../shared/dom.js";
import { pieces, say } from "../shared/words.js";
import { since } from "./clocks.js";
import { ring } from "./sound.js";

const BELL = "M6 9a6 6 0 0 1 12 0c0 6 2 7 2 7H4s2-1 2-7M10 20a2 2 0 0 0 4 0";

export class Bell {
  #api;
  #unread = 0;
  #count = el("span", { class: "count", data: { testid: "bell-count" } });
  #button = el("button", {
    type: "button", class: "button", "aria-expanded": "false", "aria-controls": "bell-panel",
    onclick: () => this.#toggle(), data: { testid: "bell" },
  }, icon(BELL), this.#count);
  #list = el("ul", {});
  #note = el("p", { class: "muted", role: "status" });
  #all = el("button", { type: "button", class: "button", onclick: () => this.#readAll() }, say("desk.read_all"));
  #panel = el("section", { id: "bell-panel", class: "bell-panel", "aria-label": say("desk.notifications"), hidden: true, tabindex: -1 },
    this.#note, this.#list, el("div", { class: "bell-acts" }, this.#all,
      el("a", { class: "button", href: "#/settings", onclick: () => this.#close(), data: { testid: "bell-settings" } }, say("desk.notifications_choose"))));
  #said = el("p", { class: "visually-hidden", role: "status" });
  element = el("div", { class: "bell" }, this.#button, this.#panel, this.#said);

  constructor(api, live) {
    this.#api = api;
    live.addEventListener("unread", ({ detail }) => this.#show(detail));
    live.addEventListener("notification", ({ detail: { notification, announced, sound } }) => {
      this.#show(this.#unread + 1);
      if (announced) this.#said.textContent = notification.text;
      if (sound) ring();
      if (!this.#panel.hidden) this.#list.prepend(this.#line(notification));
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.#panel.hidden) this.#close();
    });
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.element.contains(relatedTarget)) this.#panel.hidden = true;
      this.#expanded();
    });
    this.#show(0);
  }

  #show(unread) {
    this.#unread = unread;
    this.#count.textContent = unread > 99 ? "99+" : unread || "";
    this.#button.ariaLabel = unread ? say("desk.notifications_unread", { count: unread }) : say("desk.notifications");
    this.#all.hidden = unread === 0;
  }

  #expanded() {
    this.#button.ariaExpanded = String(!this.#panel.hidden);
  }

  async #toggle() {
    if (!this.#panel.hidden) return this.#close();
    this.#panel.hidden = false;
    this.#expanded();
    this.#panel.focus();
    try {
      const { notifications, unread } = await this.#api.notifications();
      this.#show(unread);
      this.#note.textContent = notifications.length ? "" : say("desk.notifications_none");
      fill(this.#list, notifications.map((one) => this.#line(one)));
    } catch (error) {
      this.#note.textContent = error.message;
    }
    return undefined;
  }

  #close() {
    this.#panel.hidden = true;
    this.#expanded();
    this.#button.focus();
  }

  #line(one) {
    const line = el("button", {
      type: "button", class: one.read_at ? "read" : "unread", onclick: () => this.#open(one, line),
    }, one.text, " ", el("small", { class: "muted" },
      pieces("desk.ago", { time: since(el("time", { datetime: one.created_at }), one.created_at) })));
    if (!one.read_at) line.append(el("span", { class: "visually-hidden" }, ` (${say("desk.unread_mark")})`));
    return el("li", {}, line);
  }

  async #open(one, line) {
    if (one.case_id) {
      // From whichever view: the address opens it, a closed case too.
      location.hash = `#/cases/${encodeURIComponent(one.case_id)}`;
      this.#close();
    }
    if (line.className === "read") return;
    try {
      await this.#api.readNotification(one.id);
      line.className = "read";
      line.querySelector(".visually-hidden")?.remove();
      this.#show(Math.max(0, this.#unread - 1));
    } catch (error) {
      this.#note.textContent = error.message;
    }
  }

  async #readAll() {
    try {
      await this.#api.readAllNotifications();
      for (const line of this.#list.querySelectorAll("button")) {
        line.className = "read";
        line.querySelector(".visually-hidden")?.remove();
      }
      this.#show(0);
      this.#panel.focus();
    } catch (error) {
      this.#note.textContent = error.message;
    }
  }
}
