/** The cases behind a number: of a figure, of one of its kinds, of a queue or a person, of a day of its trend. */

import { el } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { at, told } from "./figures.js";
import { openMonitor } from "./monitor.js";
import { button, empty, section, table } from "./parts.js";

const PAGE = 50;
/** What the service gives at most. */
const MOST = 500;

/**
 * `load(kpi, {bucket, about, of, more})` asks for the cases and draws them. `bucket` is a kind of what is counted; `about` are the words for
 * what was chosen, beside the figure's name; `more` narrows the question (`from`, `to`, `category`, `level`, `agent`); `of` is how many there are,
 * where that is known. `query(more)` is the question of the page.
 */
export function behindSection(desk, said, query) {
  const part = section(say("board.behind"), "behind", { wide: true });
  const announced = el("p", { class: "visually-hidden", role: "status" });
  part.element.append(announced);
  let turn = 0;

  async function load(kpi, wanted = {}, limit = PAGE) {
    const { bucket = "", about = [], of = null, more = {} } = wanted;
    const mine = (turn += 1);
    let cases;
    try {
      ({ cases } = await desk.api.get(`/kpis/${kpi.name}/cases?${query({ ...more, bucket, step: "", limit: String(limit) })}`));
    } catch (error) {
      if (mine === turn) said(error);
      return;
    }
    // Whatever was pressed last is what stands here, however late the others answer.
    if (mine !== turn) return;
    const whole = cases.length < limit;
    const count = whole ? String(cases.length) : of !== null && of > cases.length ? say("board.latest_of", { count: cases.length, total: of })
      : say("board.latest", { count: cases.length });
    const heading = [say(`board.kpi_${kpi.name}`), ...about, count].join(" · ");
    part.draw([kpi.name, wanted, cases, limit], () => (cases.length === 0 ? empty(say("board.nobody_behind"))
      : [list(kpi, cases), !whole && limit < MOST && button(say("board.show_more"), "behind-more",
        () => load(kpi, wanted, Math.min(limit + PAGE * 2, MOST)), { data: { testid: "behind-more" } })]), heading);
    if (about.length > 0) {
      part.element.scrollIntoView({ block: "nearest" });
      announced.textContent = heading;
    }
  }

  function list(kpi, cases) {
    const queues = new Map(desk.store.options.categories.map((one) => [one.category, one.label]));
    return table(say("board.behind"), ["case", "at", "queue", "kind", "value"].map((name) => say(`board.head_${name}`)),
      cases.map((one) => [one.case_number ? el("a", { href: `#/cases/${encodeURIComponent(one.id)}`, class: "number" }, one.case_number) : readButton(desk, one),
        at(one.at), queues.get(one.category) ?? "–", kindWords(kpi, one.bucket), value(kpi, one)]));
  }

  return { element: part.element, load };
}

/** A conversation that no person had: it is read as it was. */
function readButton(desk, one) {
  const past = { past: true, conversation_id: one.id, customer_name: null, owner_type: null, case_id: null, flag: null };
  return button(say("board.conversation"), `read-${one.id}`, () => openMonitor(desk, past, () => {}),
    { class: "board-open", "aria-label": say("board.read_conversation", { at: at(one.at) }), data: { testid: "behind-read" } });
}

const value = (kpi, one) => (kpi.unit === "seconds" ? told("seconds", one.value) : "–");

/** What a row counted as. */
export function kindWords(kpi, bucket) {
  const part = kpi.now.parts.find((one) => one.code === bucket);
  if (part) return part.label;
  if (kpi.unit === "seconds") return "–";
  return bucket === "hit" ? say("board.counted") : bucket === "miss" ? say("board.not_counted") : bucket || "–";
}
