/** The desk's views and the part of the address that names one: `/desk#/cases/<id>`, `/desk#/board`. */

import { el, fill } from "../shared/dom.js";
import { addWords, say } from "../shared/words.js";
import { viewKeys } from "./keys.js";

/**
 * Each view: its name in the address, who sees it, the string sections it needs, and its module, fetched when first opened.
 *
 * One that stands `aside` has no link in the bar: the account panel leads there.
 *
 * The module has `open(desk)`, which returns `{element, show?(rest), hide?(), commands?()}`: `show` is told what follows the
 * name in the address each time the view comes up, `commands` lists what the palette offers while it is up.
 */
export const VIEWS = [
  { name: "cases", words: ["actions", "context", "canned"], load: () => import("./cases.js") },
  { name: "search", words: ["search"], load: () => import("./search.js") },
  { name: "board", words: ["board"], roles: ["supervisor", "admin"], fromLevel: 3, load: () => import("../board/board.js") },
  { name: "settings", words: ["settings"], aside: true, load: () => import("./settings.js") },
];

/** Who may see a view: it names no roles, or the agent's is among them, or the agent's level is high enough. */
const allowed = (view, agent) => !view.roles || view.roles.includes(agent.role) || agent.level >= (view.fromLevel ?? Infinity);

export class Views {
  #desk;
  #open = new Map();
  #current = null;
  #turn = 0;
  #links = new Map();

  constructor(desk) {
    this.#desk = desk;
    this.list = VIEWS.filter((view) => allowed(view, desk.agent));
    this.inBar = this.list.filter((view) => !view.aside);
    this.element = el("div", { class: "views" });
    this.nav = el("nav", { class: "view-links", "aria-label": say("shell.views"), hidden: this.inBar.length < 2 }, this.inBar.map((view) => {
      const link = el("a", { href: `#/${view.name}`, data: { testid: `view-${view.name}` } }, say(`shell.view_${view.name}`));
      this.#links.set(view.name, link);
      return link;
    }));
    desk.commands.provide("views", () => this.list.filter((view) => view.name !== this.#current).map((view) => ({
      id: `view-${view.name}`, label: say("shell.go_to", { view: say(`shell.view_${view.name}`) }),
      keys: view.aside ? undefined : viewKeys(this.inBar.indexOf(view)), run: () => this.go(view.name),
    })));
    this.follow = () => this.#show();
    addEventListener("hashchange", this.follow);
  }

  /** Opens what the address names, or the cases. */
  start() {
    return this.#show();
  }

  close() {
    removeEventListener("hashchange", this.follow);
  }

  /** `go("cases", caseId)`: to a view, and to a place in it. */
  go(name, rest = "") {
    location.hash = rest ? `#/${name}/${rest}` : `#/${name}`;
  }

  async #fetch(view) {
    if (this.#open.has(view.name)) return;
    const [module] = await Promise.all([view.load(), addWords(view.words)]);
    if (!this.#open.has(view.name)) this.#open.set(view.name, module.open(this.#desk));
  }

  /** The page is loaded anew, since a browser keeps a module that it could not fetch as failed; the address stays. */
  #failed(view) {
    this.#current = null;
    fill(this.element, el("div", { class: "blank", role: "alert", data: { testid: "view-failed" } },
      el("p", {}, say("shell.view_failed", { view: say(`shell.view_${view.name}`) })),
      el("button", { type: "button", class: "button", onclick: () => location.reload() }, say("shell.try_again"))));
  }

  async #show() {
    const [name, ...rest] = location.hash.replace(/^#\/?/u, "").split("/").map(decode);
    const view = this.list.find((one) => one.name === name) ?? this.list[0];
    const turn = (this.#turn += 1);
    try {
      await this.#fetch(view);
    } catch {
      if (turn === this.#turn) this.#failed(view);
      return;
    }
    if (turn !== this.#turn) return;
    const opened = this.#open.get(view.name);
    if (this.#current !== view.name) {
      this.#open.get(this.#current)?.hide?.();
      this.#current = view.name;
      fill(this.element, opened.element);
      for (const [other, link] of this.#links) {
        if (other === view.name) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
      this.#desk.commands.provide("view", () => opened.commands?.() ?? []);
    }
    opened.show?.(rest);
  }
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
