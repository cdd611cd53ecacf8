/**
 * Another policy tried on the past: its text is checked as the file is, then stored conversations are decided again in the
 * background. What one wrote stays while one looks at something else.
 */

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { at, shortDay } from "./figures.js";
import { button, empty, table } from "./parts.js";
import { drawResult } from "./replay-result.js";

const EVERY_MS = 1000;
const DAY_MS = 86_400_000;
const DAYS_BACK = 29;
/** What the API takes, with room for what JSON adds. */
const MOST_BYTES = 60_000;
const iso = (date) => date.toISOString().slice(0, 10);

export function open(desk, said) {
  const policy = el("textarea", { id: "replay-policy", class: "replay-policy", rows: "14", spellcheck: "false", autocapitalize: "off", dir: "ltr",
    "aria-describedby": "replay-hint replay-problems", data: { testid: "replay-policy" } });
  const file = el("input", { type: "file", id: "replay-file", class: "visually-hidden", accept: ".yml,.yaml,text/yaml", data: { testid: "replay-file" }, onchange: () => readFile() });
  const since = el("input", { type: "date", id: "replay-since", value: iso(new Date(Date.now() - DAYS_BACK * DAY_MS)), data: { testid: "replay-since" } });
  const until = el("input", { type: "date", id: "replay-until", value: iso(new Date()), data: { testid: "replay-until" } });
  const problems = el("div", { id: "replay-problems", role: "alert", data: { testid: "replay-problems" } });
  const run = el("button", { type: "submit", class: "button primary", data: { testid: "replay-run" } }, say("replay.run"));
  const form = el("form", { class: "board-card wide replay-form", novalidate: true, onsubmit: (event) => { event.preventDefault(); begin(); } },
    el("p", { class: "muted" }, say("replay.intro")),
    el("div", { class: "field" }, el("label", { for: policy.id }, say("replay.policy")), el("small", { id: "replay-hint" }, say("replay.policy_hint")), policy),
    problems,
    el("div", { class: "board-controls" },
      button(say("replay.from_force"), "replay-force", () => fromForce(), { data: { testid: "replay-force" } }),
      el("span", { class: "replay-choose" }, file, el("label", { for: file.id, class: "button" }, say("replay.file"))),
      el("div", { class: "field" }, el("label", { for: since.id }, say("replay.since")), since),
      el("div", { class: "field" }, el("label", { for: until.id }, say("replay.until")), until),
      run));
  const bar = el("progress", { max: "1", value: "0", "aria-label": say("board.tab_replay") });
  const told = el("p", { role: "status", data: { testid: "replay-status" } });
  const cancel = button(say("replay.cancel"), "replay-cancel", () => end(), { data: { testid: "replay-cancel" } });
  const progress = el("div", { class: "replay-progress", hidden: true, data: { testid: "replay-progress" } }, bar, cancel);
  const result = el("section", { class: "board-time", "aria-label": say("board.tab_replay"), tabindex: "-1", data: { testid: "replay-result" } });
  const earlier = el("section", { class: "board-card wide replay-earlier", "aria-labelledby": "replay-earlier" });
  const element = el("div", { class: "board-time" }, form, el("div", { class: "replay-now" }, told, progress), result, earlier);
  let current = null;
  let shown = false;
  let timer = 0;

  async function fromForce() {
    await attempt(async () => {
      policy.value = (await desk.api.get("/replays/policy")).text;
      policy.focus();
      policy.setSelectionRange(0, 0);
    });
  }

  async function readFile() {
    const [chosen] = file.files;
    if (!chosen) return;
    if (chosen.size > MOST_BYTES) {
      fill(problems, el("p", { class: "alert" }, say("replay.too_large")));
    } else {
      policy.value = await chosen.text();
      fill(problems);
    }
    file.value = "";
  }

  async function attempt(work) {
    try {
      await work();
      said(null);
    } catch (error) {
      said(error);
    }
  }

  async function begin() {
    fill(problems);
    if (!policy.value.trim()) {
      fill(problems, el("p", { class: "alert" }, say("replay.empty")));
      policy.focus();
      return;
    }
    run.disabled = true;
    await attempt(async () => {
      try {
        const { replay } = await desk.api.post("/replays", { policy: policy.value, since: since.value, until: until.value });
        fill(result);
        current = replay.id;
        follow(replay);
      } catch (error) {
        if (error.code !== "policy_broken") throw error;
        drawProblems(error.data);
      }
    });
    run.disabled = false;
  }

  /** Each mistake leads to its line. */
  function drawProblems({ problems: found, count }) {
    fill(problems, el("p", { class: "alert" }, say("replay.broken", { count })), el("ul", { class: "board-list" }, found.map((one) => el("li", {},
      el("button", { type: "button", class: "button", onclick: () => toLine(one.line) }, say("replay.at_line", { line: one.line })), el("b", {}, one.where), el("span", { class: "grow" }, one.what)))));
  }

  function toLine(line) {
    const lines = policy.value.split("\n");
    const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    policy.focus();
    policy.setSelectionRange(from, from + (lines[line - 1] ?? "").length);
    policy.scrollTop = (policy.scrollHeight / lines.length) * Math.max(line - 4, 0);
  }

  function follow(replay, found = null) {
    clearTimeout(timer);
    const running = replay.status === "running";
    progress.hidden = !running;
    told.textContent = running ? say("replay.running", { done: replay.done, of: replay.of })
      : replay.status === "failed" ? replay.problem : say(`replay.${replay.status}`);
    told.className = replay.status === "failed" ? "alert" : "muted";
    bar.max = Math.max(replay.of, 1);
    bar.value = replay.done;
    if (found) {
      drawResult(result, desk, found);
      result.focus();
    }
    if (running && shown) timer = setTimeout(() => look(replay.id), EVERY_MS);
    else if (!running) list();
  }

  async function look(id) {
    current = id;
    await attempt(async () => {
      const { replay, result: found } = await desk.api.get(`/replays/${encodeURIComponent(id)}`);
      if (shown && current === id) follow(replay, found);
    });
  }

  async function end() {
    await attempt(async () => follow((await desk.api.post(`/replays/${encodeURIComponent(current)}/cancel`)).replay));
    run.focus();
  }

  async function list() {
    await attempt(async () => {
      const { replays } = await desk.api.get("/replays");
      const head = ["begun", "by", "policy", "days", "state"].map((name) => say(`replay.head_${name}`));
      fill(earlier, el("h2", { id: "replay-earlier" }, say("replay.earlier")), replays.length === 0 ? empty(say("replay.none"))
        : table(say("replay.earlier"), [...head, say("replay.show")], replays.map((one) => [at(one.begun_at), one.agent_name, one.policy,
          `${shortDay(one.since)} – ${shortDay(one.until)}`, [say(`replay.state_${one.status}`), one.problem && `: ${one.problem}`],
          ["running", "done"].includes(one.status) ? button(say("replay.show"), `replay-${one.id}`, () => look(one.id), { "aria-label": say("replay.show_of", { policy: one.policy }) }) : "–"])));
      const running = replays.find((one) => one.status === "running");
      if (running && running.id !== current) look(running.id);
    });
  }

  return {
    element,
    show() {
      if (shown) return;
      shown = true;
      list();
      if (current && !progress.hidden) look(current);
    },
    hide() {
      shown = false;
      clearTimeout(timer);
    },
  };
}
