"""The development part's misses and false ones, for those who tune. The test part is never listed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.escalation.outcomes import Outcome, Verdict

RIGHT: Final[frozenset[Verdict]] = frozenset({"in time", "left alone"})


def write_listing(path: Path, outcomes: Sequence[Outcome]) -> int:
    """Write every dialogue of the development part that was not handed over rightly; returns how many.

    Each turn of the customer stands with what was decided and why; ``>>`` marks the turn that should be handed over.
    """
    if any(outcome.dialogue.part != "development" for outcome in outcomes):
        raise ValueError("only dialogues of the development part may be listed")
    wrong = [outcome for outcome in outcomes if outcome.verdict("now") not in RIGHT or _offered_in_vain(outcome)]
    wrong.sort(key=lambda outcome: (outcome.verdict("now"), outcome.dialogue.why))
    path.write_text("\n".join(_lines(outcome) for outcome in wrong), encoding="utf-8")
    return len(wrong)


def _offered_in_vain(outcome: Outcome) -> bool:
    return outcome.verdict("now or offer") == "false"


def _lines(outcome: Outcome) -> str:
    dialogue = outcome.dialogue
    found = f"{outcome.verdict('now')}; with offers {outcome.verdict('now or offer')}"
    lines = [f"# {dialogue.id} ({dialogue.why}): {found}"]
    for place, (turn, scored) in enumerate(zip(dialogue.turns, outcome.scored, strict=True)):
        mark = ">>" if place in dialogue.take_over else "  "
        lines.append(f"{mark} {turn.role}: {turn.text}")
        if scored:
            why = "; ".join(scored.reasons)
            lines.append(
                f"       [{scored.decision}, frustration {scored.frustration:.2f}, abuse {scored.abuse:.2f}] {why}"
            )
    return "\n".join([*lines, ""])
