/** The customers whom somebody is still to ask whether it worked. */

import { openForm } from "../desk/dialogs.js";
import { el, fill } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { shortDay } from "./figures.js";
import { button, caseLink, empty, table } from "./parts.js";

export function open(desk, said) {
  const element = el("section", { class: "board-card wide", "aria-label": say("board.tab_follow_ups"), data: { testid: "follow-ups" } });

  async function load() {
    try {
      const { follow_ups: rows } = await desk.api.get("/follow-ups");
      said(null);
      fill(element, el("h2", {}, say("board.tab_follow_ups")), rows.length === 0 ? empty(say("board.no_follow_ups"))
        : table(say("board.tab_follow_ups"), ["day", "case", "problem", "told_customer", "agent", "result"].map((name) => say(`board.head_${name}`)),
          rows.map((row) => [[shortDay(row.follow_up_on), " ", row.due && el("span", { class: "badge warn" }, say("board.due"))],
            caseLink(row.case_id, row.number), row.problem, row.outcome, row.agent_name ?? "–",
            button(say("board.say_result"), `result-${row.case_id}`, () => result(row), { "aria-label": say("board.say_result_of", { number: row.number }), data: { testid: "follow-up-result" } })])));
    } catch (error) {
      said(error);
    }
  }

  function result(row) {
    openForm({ testid: "follow-up", title: say("board.say_result_of", { number: row.number }), action: say("board.keep"), text: row.problem, fields: [
      { name: "result", label: say("board.head_result"), options: ["worked", "did_not_work", "not_reached"].map((one) => [one, say(`board.result_${one}`)]) },
      { name: "note", label: say("board.note"), limit: 1000 }],
    submit: async (values) => {
      await desk.api.act(row.case_id, "follow-up", values);
      await load();
    } });
  }

  return { element, show: load };
}
