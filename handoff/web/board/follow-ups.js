/** The customers whom somebody is still to ask whether it worked. */

import { openFollowUp } from "../desk/wrap-up.js";
import { el, fill } from "../shared/dom.js";
import { addWords, say } from "../shared/words.js";
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

  /** The same form as at the desk: a customer who was not reached is asked again on another day. */
  async function result(row) {
    try {
      await addWords(["actions"]); // of the desk, whose cases have not been opened yet
    } catch (error) {
      said(error);
      return;
    }
    openFollowUp({ number: row.number, problem: row.problem }, { outcome: row.outcome }, { act: async (verb, values) => {
      await desk.api.act(row.case_id, verb, values);
      await load();
    } });
  }

  return { element, show: load };
}
