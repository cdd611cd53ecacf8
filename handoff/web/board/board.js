/** The board of those who lead: the moment, the figures over time, the matrix, another policy on the past, and what waits for a decision. */

import { el, fill } from "../shared/dom.js";
import { addWords, say } from "../shared/words.js";

/** Each tab: its name in the address, its module, and whether it is for who sees all queues. */
const TABS = [
  { name: "now", load: () => import("./now.js") },
  { name: "time", all: true, load: () => import("./over-time.js") },
  { name: "incidents", load: () => import("./incidents.js") },
  { name: "follow-ups", load: () => import("./follow-ups.js") },
  { name: "review", all: true, load: () => import("./review.js") },
  { name: "matrix", load: () => import("./matrix.js") },
  { name: "replay", all: true, load: async () => {
    await addWords(["replay"]);
    return import("./replay.js");
  } },
];
const SEES_ALL = ["supervisor", "admin"];
const key = (name) => name.replace("-", "_");

export function open(desk) {
  const tabs = TABS.filter((tab) => !tab.all || SEES_ALL.includes(desk.agent.role));
  const links = new Map(tabs.map((tab) => [tab.name,
    el("a", { href: `#/board/${tab.name}`, data: { testid: `board-tab-${tab.name}` } }, say(`board.tab_${key(tab.name)}`))]));
  const problem = el("p", { class: "alert", role: "alert", hidden: true });
  const place = el("div", { class: "board-tab" });
  const element = el("main", { class: "board", "aria-label": say("board.title"), data: { testid: "board" } },
    el("nav", { class: "view-links board-tabs", "aria-label": say("board.tabs") }, [...links.values()]), problem, place);
  const opened = new Map();
  let current = null;
  let turn = 0;

  /** What failed is said above the tab, and goes with the next success. */
  function said(error) {
    problem.hidden = !error;
    problem.textContent = error?.message ?? "";
  }

  async function show([name, ...rest] = []) {
    const tab = tabs.find((one) => one.name === name) ?? tabs[0];
    const mine = (turn += 1);
    const module = await tab.load();
    if (mine !== turn) return;
    if (!opened.has(tab.name)) opened.set(tab.name, module.open(desk, said));
    if (current !== tab.name) {
      opened.get(current)?.hide?.();
      current = tab.name;
      said(null);
      fill(place, opened.get(tab.name).element);
      for (const [other, link] of links) {
        if (other === tab.name) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
    }
    opened.get(tab.name).show?.(rest);
  }

  return {
    element,
    show,
    hide: () => {
      turn += 1;
      opened.get(current)?.hide?.();
      current = null;
    },
    commands: () => tabs.map((tab) => ({ id: `board-${tab.name}`, label: say("board.go_to", { tab: say(`board.tab_${key(tab.name)}`) }),
      run: () => desk.views.go("board", tab.name) })),
  };
}
