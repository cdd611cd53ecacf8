/** The escalation matrix in force, as everybody can read it, with its version. */

import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { span } from "./figures.js";
import { table } from "./parts.js";

export function open(desk, said) {
  const element = el("div", { class: "board-time", data: { testid: "matrix" } });

  async function load() {
    try {
      const found = await desk.api.get("/matrix");
      said(null);
      draw(found);
    } catch (error) {
      said(error);
    }
  }

  function draw(found) {
    const levels = new Map(found.levels.map((one) => [one.level, one.name]));
    const queues = new Map(found.categories.map((one) => [one.category, one.label]));
    const severities = new Map(found.severities.map((one) => [one.severity, one.name]));
    const card = (title, ...children) => el("section", { class: "board-card wide" }, el("h2", {}, title), children);
    const targets = (one) => (one ? [span(one.first_response_seconds), span(one.next_update_seconds), span(one.resolution_seconds)].join(" · ") : "–");
    fill(element,
      el("p", { class: "muted", data: { testid: "matrix-version" } }, say("board.matrix_version", { version: found.version }), " ", say("board.matrix_text")),
      card(say("board.targets"), el("p", { class: "muted" }, say("board.targets_text")),
        table(say("board.targets"), [say("board.head_queue"), ...found.severities.map((one) => `${one.severity}: ${one.name}`)],
          found.categories.map((one) => [[one.label, " ", !one.open_now && el("span", { class: "badge warn" }, say("board.closed"))],
            ...found.severities.map(({ severity }) => targets(one.targets.find((target) => target.severity === severity)))]))),
      card(say("board.triggers"), el("p", { class: "muted" }, say("board.triggers_text")),
        table(say("board.triggers"), ["trigger", "kind", "queue", "severity", "level"].map((name) => say(`board.head_${name}`)),
          found.triggers.map((one) => [one.label, say(`board.trigger_${one.kind}`), one.category ? queues.get(one.category) : say("board.of_topic"),
            one.severity ? `${one.severity}: ${severities.get(one.severity)}` : "–", one.level ? `${one.level}: ${levels.get(one.level)}` : "–"]))),
      card(say("board.authority"), table(say("board.authority"), [say("board.head_kind"), say("board.sender_bot"), ...found.levels.map((one) => one.name)],
        found.authority.map((one) => [one.label, `£${one.bot_limit}`, ...found.levels.map(({ level }) => {
          const limit = one.by_level.find((entry) => entry.level === level)?.limit;
          return limit ? `£${limit}` : "–";
        })]))),
      card(say("board.words"), table(say("board.words"), [say("board.head_level"), say("board.head_meaning")],
        [...found.levels.map((one) => [`${one.level}: ${one.name}`, one.does]), ...found.severities.map((one) => [say("board.severity_name", { severity: one.severity, name: one.name }), one.meaning])])));
  }

  return { element, show: load };
}
