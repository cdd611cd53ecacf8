/** Incidents: what was noticed waits for a decision, what is announced for its end. */

import { openForm, withoutEmpty } from "../desk/dialogs.js";
import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { at } from "./figures.js";
import { button, caseLink, empty } from "./parts.js";

export function open(desk, said) {
  const list = el("div", { class: "incident-list" });
  const status = el("select", { id: "incident-status", data: { testid: "incident-status" }, onchange: () => load() },
    ["open", "over", "all"].map((one) => el("option", { value: one }, say(`board.incidents_${one}`))));
  const element = el("div", { class: "board-time" },
    el("div", { class: "board-controls" }, el("div", { class: "field" }, el("label", { for: "incident-status" }, say("board.show")), status),
      button(say("board.declare"), "declare", declare, { data: { testid: "incident-declare" } })),
    list);
  desk.live.addEventListener("incident", () => element.isConnected && load());

  let turn = 0;
  let shown = new Map();

  /** What stays the same stays where it is: whoever reads the cases of one, or stands on a button, is not thrown out by what happens to another. */
  function draw(incidents) {
    const before = shown;
    shown = new Map(incidents.map((one) => {
      const text = JSON.stringify(one);
      const known = before.get(one.id);
      if (known?.text === text) return [one.id, known];
      const element = card(one);
      if (known?.element.querySelector("details").open) element.querySelector("details").open = true;
      const focused = known?.element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
      return [one.id, { text, element, focused }];
    }));
    for (const [id, { element }] of before) if (shown.get(id)?.element !== element) element.remove();
    if (shown.size === 0) fill(list, empty(say(status.value === "open" ? "board.no_incidents_long" : "board.no_incidents")));
    else list.querySelector(":scope > .board-empty")?.remove();
    for (const [index, entry] of [...shown.values()].entries()) {
      if (list.children[index] !== entry.element) list.insertBefore(entry.element, list.children[index] ?? null);
      if (entry.focused) (entry.element.querySelector(`[data-key="${CSS.escape(entry.focused)}"]`) ?? entry.element.querySelector("summary")).focus();
      delete entry.focused;
    }
  }

  async function load() {
    const mine = (turn += 1);
    try {
      const { incidents } = await desk.api.get(`/incidents?status=${status.value}`);
      if (mine !== turn) return;
      said(null);
      draw(incidents);
    } catch (error) {
      said(error);
    }
  }

  const post = (one, verb) => async (body) => {
    await desk.api.post(`/incidents/${encodeURIComponent(one.id)}/${verb}`, body);
    await load();
  };

  function card(one) {
    const form = (verb, fields, title) => button(title, `${verb}-${one.id}`, () => openForm({ testid: `incident-${verb}`, title, action: title, text: one.title, fields, submit: post(one, verb) }), { data: { testid: `incident-${verb}` } });
    const cases = el("div", {});
    const more = el("details", { ontoggle: async () => {
      if (!more.open) return;
      try {
        const { cases: linked } = await desk.api.get(`/incidents/${encodeURIComponent(one.id)}`);
        fill(cases, linked.length === 0 ? empty(say("board.no_linked")) : el("ul", { class: "board-list" }, linked.map((record) => el("li", {}, caseLink(record.id, record.number), el("span", { class: "grow" }, record.problem), el("span", { class: "muted" }, record.customer_name ?? say("board.visitor"))))));
      } catch (error) {
        said(error);
      }
    } }, el("summary", { data: { key: `cases-${one.id}` } }, say("board.linked_cases", { count: one.customers })), cases);
    return el("article", { class: "board-card wide", data: { testid: "incident", status: one.status } },
      el("h2", {}, one.title, " ", el("span", { class: one.status === "noticed" ? "badge warn" : "badge" }, say(`board.incident_${one.status}`))),
      el("p", { class: "muted" }, [one.queue, say("board.noticed_at", { at: at(one.noticed_at) }), one.decided_by && say("board.decided_by", { name: one.decided_by })].filter(Boolean).join(" · ")),
      one.announcement && el("p", {}, el("b", {}, say("board.announcement")), " ", one.announcement),
      one.resolution && el("p", {}, el("b", {}, say("board.resolution")), " ", one.resolution),
      more,
      ["noticed", "confirmed"].includes(one.status) && el("div", { class: "dialog-actions start" },
        one.status === "noticed" && form("confirm", [
          { name: "title", label: say("board.incident_title"), value: one.title, limit: 200 },
          { name: "announcement", label: say("board.announcement"), value: one.announcement, limit: 1000, hint: say("board.announcement_hint") }], say("board.confirm")),
        one.status === "noticed" && button(say("board.dismiss"), `dismiss-${one.id}`, () => post(one, "dismiss")({}).catch(said), { data: { testid: "incident-dismiss" } }),
        one.status === "confirmed" && form("resolve", [{ name: "resolution", label: say("board.resolution"), limit: 1000, hint: say("board.resolution_hint") }], say("board.end_incident")),
        button(say("board.link_case"), `link-${one.id}`, () => openForm({ testid: "incident-link", title: say("board.link_case"), action: say("board.link_case"), text: one.title,
          fields: [{ name: "case_id", label: say("board.head_case"), options: [...desk.store.cases.values()].map((record) => [record.id, `${record.number}: ${record.problem}`]) }],
          submit: post(one, "cases") }), { data: { testid: "incident-link" } })));
  }

  function declare() {
    openForm({ testid: "incident-declare", title: say("board.declare"), action: say("board.declare"), fields: [
      { name: "category", label: say("board.head_queue"), options: desk.store.options.categories.map((one) => [one.category, one.label]) },
      { name: "title", label: say("board.incident_title"), limit: 200 },
      { name: "announcement", label: say("board.announcement"), limit: 1000, hint: say("board.announcement_hint") },
      { name: "example", label: say("board.example"), limit: 1000, hint: say("board.example_hint"), optional: true }],
    submit: async (values) => {
      await desk.api.post("/incidents", withoutEmpty(values));
      await load();
    } });
  }

  return { element, show: load };
}
