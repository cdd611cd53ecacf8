/** How customers feel in the conversations that go on now, the assistant's too: the most frustrated first. */

import { el } from "../shared/dom.js";
import { sparkline } from "../shared/charts.js";
import { pieces, say } from "../shared/words.js";
import { openMonitor } from "./monitor.js";
import { button, caseLink, empty, moving, section } from "./parts.js";

const SHOWN = 30;
const ARROWS = { rising: "▲", falling: "▼", steady: "▬" };

export function liveSection(desk, changed) {
  const own = section(say("board.live"), "live");
  const alert = el("p", { class: "visually-hidden", role: "status" });
  own.element.append(alert);
  let known = new Set();
  let watched = null;

  function row(one) {
    const name = one.customer_name ?? say("board.visitor");
    return el("li", { class: one.alert ? "live alerting" : "live", data: { testid: "live", conversation: one.conversation_id } },
      el("span", { class: "live-who" }, el("b", {}, name), one.alert && el("span", { class: "badge bad" }, say("board.alert")),
        one.flag && el("span", { class: "badge warn" }, say("board.flagged")),
        el("span", { class: "muted" }, one.owner_type === "agent" ? one.agent_name : say(`board.owner_${one.owner_type}`)),
        one.case_id && caseLink(one.case_id, one.case_number)),
      el("span", { class: "live-mood" }, one.frustration === null ? el("span", { class: "muted" }, say("board.not_read"))
        : [sparkline(one.line, { high: 1 }), el("span", { class: one.alert ? "late" : "" }, say("board.mood", { value: one.frustration.toFixed(2) }), " ",
          el("span", { "aria-hidden": "true" }, ARROWS[one.trend]), el("span", { class: "visually-hidden" }, say(`board.trend_${one.trend}`)))]),
      el("q", { class: "live-words muted" }, one.last_words),
      el("span", { class: "live-act" }, el("span", { class: "muted" }, pieces("board.ago", { span: moving(one.last_activity_at, "since") })),
        button(say("board.monitor"), `monitor-${one.conversation_id}`, () => { watched = openMonitor(desk, one, changed); }, { "aria-label": say("board.monitor_who", { name }) })));
  }

  return {
    element: own.element,
    draw(live, threshold) {
      const alerts = live.filter((one) => one.alert);
      const fresh = alerts.filter((one) => !known.has(one.conversation_id));
      if (fresh.length > 0) alert.textContent = say("board.alert_said", { names: fresh.map((one) => one.customer_name ?? say("board.visitor")).join(", ") });
      watched?.follow(live.find((one) => one.conversation_id === watched.id));
      known = new Set(alerts.map((one) => one.conversation_id));
      own.draw(live, () => (live.length === 0 ? empty(say("board.no_live", { threshold }))
        : [el("ul", { class: "board-live" }, live.slice(0, SHOWN).map(row)),
          live.length > SHOWN && el("p", { class: "muted" }, say("board.more_live", { count: live.length - SHOWN }))]), String(live.length));
    },
  };
}
