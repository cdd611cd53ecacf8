/** What is open now: refreshed on the stream's hints, and every few seconds at the least. */

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { dayIn, told, valueOf } from "./figures.js";
import { liveSection } from "./moods.js";
import { button, caseLink, empty, moving, section, table, tick } from "./parts.js";
import { openCaseList, reassignButton } from "./reassign.js";

const EVERY_MS = 5000;
const AFTER_HINT_MS = 700;
/** Which section says more of a tile. */
const BEHIND = { waiting: "queues", active: "queues", at_risk: "deadlines", missed: "deadlines", alerts: "live", broken: "promises", online: "agents" };
const TODAY = ["response_time", "sla_compliance", "csat", "promises_kept", "containment", "handoff_rate"];
const STATES = ["online", "away", "do_not_disturb", "offline"];

export function open(desk, said) {
  const seesAll = ["supervisor", "admin"].includes(desk.agent.role);
  const tiles = el("ul", { class: "board-tiles", data: { testid: "board-tiles" } });
  const today = el("ul", { class: "board-tiles quiet", "aria-label": say("board.today"), hidden: !seesAll, data: { testid: "board-today" } });
  const todayTitle = el("h2", { class: "board-part", hidden: !seesAll, "aria-hidden": "true" }, say("board.today"));
  const queues = section(say("board.queues"), "queues");
  const agents = section(say("board.agents"), "agents");
  const deadlines = section(say("board.deadlines"), "deadlines");
  const promises = section(say("board.promises"), "promises");
  const incidents = section(say("board.incidents"), "incidents");
  const live = liveSection(desk, () => refresh());
  const element = el("div", { class: "board-now" }, tiles, todayTitle, today,
    el("div", { class: "board-grid" },
      el("div", { class: "board-column" }, live.element, deadlines.element, promises.element),
      el("div", { class: "board-column" }, queues.element, agents.element, incidents.element)));
  let timer = 0;
  let clock = 0;
  let shown = false;
  let asked = 0;
  let counted = "";
  let toldToday = "";

  async function refresh() {
    clearTimeout(timer);
    if (!shown) return;
    const mine = (asked += 1);
    try {
      const [board, kpis] = await Promise.all([desk.api.get("/board"), seesAll ? desk.api.get(`/kpis?${onlyOn(dayIn(desk.store.options.time_zone))}`) : null]);
      if (!shown || mine !== asked) return;
      said(null);
      draw(board);
      if (kpis) drawToday(kpis.kpis);
    } catch (error) {
      if (mine === asked) said(error);
    }
    if (shown && mine === asked) timer = setTimeout(refresh, EVERY_MS);
  }

  function hint() {
    if (!shown) return;
    clearTimeout(timer);
    timer = setTimeout(refresh, AFTER_HINT_MS);
  }

  /** What counts the same stays: whoever walks through the tiles with the keyboard is not set back. */
  function drawTiles(figures) {
    const now = JSON.stringify(figures);
    if (now === counted) return;
    counted = now;
    const focused = tiles.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    fill(tiles, figures.map(([name, value, kind]) => el("li", { class: value > 0 ? kind : "", data: { testid: `tile-${name}` } },
      el("button", { type: "button", title: say(`board.about_tile_${name}`), data: { key: name }, onclick: () => reveal(element, BEHIND[name]) }, el("b", {}, value), " ", say(`board.tile_${name}`, { count: value })))));
    if (focused) tiles.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
  }

  function draw(board) {
    const sum = (name) => board.queues.reduce((total, queue) => total + queue[name], 0);
    const alerts = board.live.filter((one) => one.alert).length;
    const online = board.agents.filter((one) => one.state === "online").length;
    drawTiles([
      ["waiting", sum("waiting"), ""], ["active", sum("active"), ""], ["at_risk", sum("at_risk"), "warn"], ["missed", sum("missed"), "bad"],
      ["alerts", alerts, "bad"], ["broken", board.promises_broken.length, "bad"], ["online", online, ""],
    ]);
    queues.draw(board.queues, () => queueTable(desk, board.queues, refresh));
    agents.draw(board.agents, () => agentTable(desk, board.agents, refresh));
    deadlines.draw([board.missed, board.at_risk], () => dueList(desk, [...board.missed, ...board.at_risk], refresh));
    promises.draw([board.promises_near, board.promises_broken], () => promiseList(desk, board, refresh));
    incidents.draw(board.incidents, () => incidentList(board.incidents));
    live.draw(board.live, board.mood_alert);
    tick(element);
  }

  function drawToday(kpis) {
    const chosen = TODAY.map((name) => kpis.find((kpi) => kpi.name === name)).filter(Boolean);
    const figures = chosen.map((kpi) => [kpi.name, told(kpi.unit, valueOf(kpi, kpi.now))]);
    if (JSON.stringify(figures) === toldToday) return;
    toldToday = JSON.stringify(figures);
    const focused = today.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    fill(today, figures.map(([name, value]) => el("li", { data: { testid: `today-${name}` } },
      el("a", { href: `#/board/time/${name}/today`, title: say(`board.about_${name}`), data: { key: name } }, el("b", {}, value), " ", say(`board.kpi_${name}`)))));
    if (focused) today.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
  }

  desk.store.addEventListener("lists", hint);
  desk.live.addEventListener("presence", hint);
  return {
    element,
    show() {
      if (shown) return;
      shown = true;
      clock = setInterval(() => tick(element), 1000);
      refresh();
    },
    hide() {
      shown = false;
      clearTimeout(timer);
      clearInterval(clock);
    },
  };
}

/** To the section that says more: it comes into sight and takes the focus. */
function reveal(root, name) {
  const target = root.querySelector(`[data-testid="board-${name}"]`);
  const heading = target.querySelector("h2");
  heading.tabIndex = -1;
  target.scrollIntoView({ block: "start" });
  heading.focus({ preventScroll: true });
}

const onlyOn = (day) => `from=${day}&to=${day}`;

/** A name that opens the cases behind it. */
function opens(desk, key, name, label, belongs, changed) {
  return button(name, key, () => openCaseList(desk, label, belongs, changed), { class: "board-open", "aria-label": label });
}

function queueTable(desk, queues, changed) {
  return table(say("board.queues"),
    ["queue", "waiting", "active", "oldest", "wait", "at_risk", "missed"].map((name) => say(`board.head_${name}`)),
    queues.map((queue) => [
      [opens(desk, `queue-${queue.category}`, queue.label, say("board.cases_of", { name: queue.label }), (record) => record.category === queue.category, changed), !queue.open_now && el("span", { class: "badge warn" }, say("board.closed"))],
      queue.waiting, queue.active, queue.oldest_queued_at ? moving(queue.oldest_queued_at, "since") : "–",
      queue.wait ? say("board.wait_range", { low: queue.wait.low_minutes, high: queue.wait.high_minutes }) : "–",
      queue.at_risk > 0 ? el("b", { class: "warn-text" }, queue.at_risk) : 0, queue.missed > 0 ? el("b", { class: "late" }, queue.missed) : 0,
    ]));
}

function agentTable(desk, agents, changed) {
  if (agents.length === 0) return empty(say("board.no_agents"));
  const sorted = [...agents].sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state) || a.name.localeCompare(b.name));
  return table(say("board.agents"), ["agent", "presence", "cases", "load"].map((name) => say(`board.head_${name}`)),
    sorted.map((one) => {
      const share = one.capacity > 0 ? Math.min(one.load / one.capacity, 1) : 0;
      const inside = el("span", {});
      inside.style.inlineSize = `${Math.round(share * 100)}%`;
      return [opens(desk, `agent-${one.id}`, one.name, say("board.cases_of", { name: one.name }), (record) => record.agent?.id === one.id, changed), [el("span", { class: `presence-dot ${one.state}`, "aria-hidden": "true" }), say(`board.state_${one.state}`), " ",
        one.since && el("span", { class: "muted" }, moving(one.since, "since")), one.answering && el("span", { class: "badge" }, say("board.answering"))],
      one.cases, el("span", { class: "load" }, el("span", { class: share >= 1 ? "load-bar full" : "load-bar", "aria-hidden": "true" }, inside), say("board.load", { load: one.load, capacity: one.capacity }))];
    }));
}

function dueList(desk, due, changed) {
  if (due.length === 0) return empty(say("board.no_deadlines"));
  return el("ul", { class: "board-list" }, due.map(({ case: record, target, due_at: dueAt }) => el("li", {},
    el("span", { class: "severity", data: { severity: record.severity } }, say("board.severity", { severity: record.severity })),
    caseLink(record.id, record.number), el("span", { class: "grow" }, record.problem),
    el("span", { class: "muted" }, record.agent?.name ?? say("board.in_queue", { queue: record.queue })),
    target && el("span", {}, say(`board.target_${target}`), " ", moving(dueAt, "until")), reassignButton(desk, record.id, "due", changed))));
}

function promiseList(desk, board, changed) {
  const rows = [...board.promises_near.map((row) => [row, "near"]), ...board.promises_broken.map((row) => [row, "broken"])];
  if (rows.length === 0) return empty(say("board.no_promises"));
  return el("ul", { class: "board-list" }, rows.map(([row, kind]) => el("li", {},
    el("span", { class: kind === "broken" ? "badge bad" : "badge warn" }, say(`board.promise_${kind}`)),
    caseLink(row.case_id, row.case_number), el("span", { class: "grow" }, row.problem),
    el("span", { class: "muted" }, row.agent_name ?? say("board.in_queue", { queue: row.queue })), moving(row.due_at, "until"), reassignButton(desk, row.case_id, `promise-${kind}`, changed))));
}

function incidentList(incidents) {
  if (incidents.length === 0) return empty(say("board.no_incidents"));
  return el("ul", { class: "board-list" }, incidents.map((one) => el("li", {},
    el("span", { class: one.status === "noticed" ? "badge warn" : "badge" }, say(`board.incident_${one.status}`)),
    el("a", { href: "#/board/incidents", class: "grow", data: { key: `incident-${one.id}` } }, one.title),
    el("span", { class: "muted" }, say("board.customers", { count: one.customers })))));
}
