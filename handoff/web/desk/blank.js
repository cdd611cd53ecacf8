/** The middle while no case is open: what happens by itself, what one can do, and where everything is found. */

import { el, fill } from "../shared/dom.js";
import { pieces, say } from "../shared/words.js";
import { OFFER, PALETTE, SHORTCUTS } from "./keys.js";
import { openPalette } from "./palette.js";
import { openShortcuts } from "./shortcuts.js";

const key = (combination) => el("kbd", {}, combination);

export class Blank {
  #desk;
  #state = "online";

  constructor(desk) {
    this.#desk = desk;
    this.title = el("h2", {});
    this.list = el("ul", {});
    const { commands } = desk;
    this.element = el("div", { class: "blank", data: { testid: "blank" } }, this.title, this.list,
      el("div", { class: "blank-acts" },
        el("button", { type: "button", class: "button", data: { testid: "blank-commands" }, onclick: () => openPalette(commands) }, say("desk.blank_commands"), key(PALETTE)),
        el("button", { type: "button", class: "button", data: { testid: "blank-shortcuts" }, onclick: () => openShortcuts(desk) }, say("shell.shortcuts"), key(SHORTCUTS))));
    desk.store.addEventListener("lists", () => this.#draw());
    desk.live.addEventListener("presence", ({ detail }) => {
      if (detail.agent_id !== desk.agent.id) return;
      this.#state = detail.state;
      this.#draw();
    });
    this.#draw();
  }

  #draw() {
    if (this.element.hidden) return;
    const { store } = this.#desk;
    const waiting = store.count("waiting");
    const mine = store.count("mine");
    // Until then nothing is seen that would have to move.
    this.element.classList.toggle("unknown", !store.known);
    this.title.textContent = mine > 0 ? say("desk.blank_mine", { count: mine }) : waiting > 0 ? say("desk.blank_waiting", { count: waiting }) : say("desk.blank_quiet");
    fill(this.list,
      this.#state === "online" && el("li", {}, pieces("desk.blank_offer", { keys: key(OFFER.accept) })),
      store.cases.size > 0 && el("li", {}, say("desk.blank_look")));
  }

  /** Whether it is on the screen. */
  show(shown) {
    this.element.hidden = !shown;
    this.#draw();
  }
}
