/** Frustration turn by turn: a line to see, a table to read. */

import { el, svg } from "../shared/dom.js";
import { hasWord, say } from "../shared/words.js";
import { moodWords, plain, readable } from "./words.js";

const WIDTH = 320;
const HEIGHT = 104;
const PAD = { left: 30, right: 10, top: 10, bottom: 22 };

function position(turns, index) {
  const span = WIDTH - PAD.left - PAD.right;
  const x = PAD.left + (turns.length === 1 ? span / 2 : (span * index) / (turns.length - 1));
  return [x, PAD.top + (1 - turns[index].frustration) * (HEIGHT - PAD.top - PAD.bottom)];
}

function chart(turns) {
  const points = turns.map((_, index) => position(turns, index));
  const values = turns.map((turn) => turn.frustration.toFixed(2)).join(", ");
  const grid = [0, 0.5, 1].map((value) => {
    const y = PAD.top + (1 - value) * (HEIGHT - PAD.top - PAD.bottom);
    return [
      svg("line", { x1: PAD.left, x2: WIDTH - PAD.right, y1: y, y2: y, class: "grid" }),
      svg("text", { x: PAD.left - 6, y: y + 4, "text-anchor": "end" }, String(value)),
    ];
  });
  // Every turn is marked; with many, only some are numbered.
  const step = Math.ceil(turns.length / 10);
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart", role: "img",
      "aria-label": say("context.mood_chart", { count: turns.length, values }) },
    grid,
    svg("polyline", { points: points.map((point) => point.join(",")).join(" "), class: "trend" }),
    points.map(([x, y], index) => svg("circle", { cx: x, cy: y, r: 4, class: `point ${turns[index].decision?.action ?? ""}` },
      svg("title", {}, [say("context.mood_turn",
        { turn: index + 1, value: turns[index].frustration.toFixed(2), mood: moodWords(turns[index].frustration) }), quoted(turns[index])]
        .filter(Boolean).join("; ")))),
    points.map(([x], index) => index % step === 0 &&
      svg("text", { x, y: HEIGHT - 6, "text-anchor": "middle" }, String(index + 1))),
  );
}

const decisionWords = (code) => (hasWord(`context.decision_${code}`) ? say(`context.decision_${code}`) : "");

/** The customer's words that weighed in a turn, as one writes them. */
export const wordsOf = (turn) => (turn.words ?? []).map(readable);

const quoted = (turn) => wordsOf(turn).map((word) => `“${word}”`).join(", ");

/** The figure of a case's turns; `textOf(seq)` gives what was written. */
export function frustrationFigure(turns, textOf) {
  if (turns.length === 0) return el("p", { class: "muted" }, say("context.mood_none"));
  const rows = turns.map((turn, index) => el("tr", {},
    el("td", {}, index + 1), el("td", {}, textOf(turn.seq)),
    el("td", {}, `${plain(turn.intent)} (${Math.round(turn.confidence * 100)} %)`),
    el("td", {}, turn.frustration.toFixed(2), " ", el("span", { class: "muted" }, moodWords(turn.frustration))),
    el("td", {}, quoted(turn)), el("td", {}, decisionWords(turn.decision?.action))));
  return el("figure", { data: { testid: "frustration" } },
    chart(turns),
    el("details", {}, el("summary", {}, say("context.mood_table")),
      el("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": say("context.mood_table_label") },
        el("table", {},
          el("thead", {}, el("tr", {}, ["turn", "wrote", "intent", "frustration", "words", "decision"].map((head) =>
            el("th", { scope: "col" }, say(`context.head_${head}`))))),
          el("tbody", {}, rows)))));
}
