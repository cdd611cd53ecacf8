"""What became of each dialogue, and the figures of many: in time, too early, in vain, and how near to the turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from benchmarks.escalation.dialogues import Dialogue
from benchmarks.escalation.measures import Hits, golden_transfer
from benchmarks.escalation.scoring import Scored, Scorer

Counted = Literal["now", "now or offer"]
Verdict = Literal["in time", "too early", "late", "missed", "left alone", "false"]

COUNTED: Final[tuple[Counted, ...]] = ("now", "now or offer")
TOLERANCES: Final = (1, 2, 3)


@dataclass(frozen=True)
class Outcome:
    """A dialogue as it was scored; ``now`` and ``raised`` are the places of the turns at which it was first decided.

    ``now``: a person takes over. ``raised``: a person takes over or is offered.
    """

    dialogue: Dialogue
    scored: tuple[Scored | None, ...]
    now: int | None
    raised: int | None

    @classmethod
    def of(cls, dialogue: Dialogue, scorer: Scorer) -> Outcome:
        """Score the dialogue."""
        scored = tuple(scorer.conversation(dialogue.turns))
        now = (place for place, turn in enumerate(scored) if turn and turn.decision == "now")
        raised = (place for place, turn in enumerate(scored) if turn and turn.decision != "none")
        return cls(dialogue, scored, next(now, None), next(raised, None))

    @property
    def peak(self) -> float:
        """The highest frustration of a customer's turn."""
        return max((turn.frustration for turn in self.scored if turn), default=0.0)

    def at(self, counted: Counted) -> int | None:
        """The place of the first turn at which what is ``counted`` was decided."""
        return self.now if counted == "now" else self.raised

    def verdict(self, counted: Counted) -> Verdict:
        """In time is at the first turn that should be handed over or at the customer's next one."""
        place = self.at(counted)
        if not self.dialogue.take_over:
            return "left alone" if place is None else "false"
        if place is None:
            return "missed"
        right = self.dialogue.take_over[0]
        if place < right:
            return "too early"
        between = sum(turn.role == "customer" for turn in self.dialogue.turns[right:place])
        return "in time" if between <= 1 else "late"


@dataclass(frozen=True)
class HandoffFigures:
    """Dialogues of one set, by what is counted as a handoff; shares in per cent of those that should be handed over.

    ``false_per_100``: dialogues handed over of 100 that should not be. ``precision``, ``recall`` and ``f1``: handed
    over at whatever turn, by dialogue, 0 to 1. ``golden``: mean golden-transfer score within 1, 2 and 3 messages.
    """

    set: str
    counted: Counted
    should: int
    never: int
    in_time: float
    too_early: float
    late: float
    missed: float
    false_per_100: float
    precision: float
    recall: float
    f1: float
    golden: tuple[float, ...]

    @classmethod
    def of(cls, name: str, outcomes: Sequence[Outcome], counted: Counted) -> HandoffFigures:
        """The figures of a set that holds dialogues of both kinds."""
        verdicts = [outcome.verdict(counted) for outcome in outcomes]
        truth = [bool(outcome.dialogue.take_over) for outcome in outcomes]
        hits = Hits.of([outcome.at(counted) is not None for outcome in outcomes], truth)
        should, never = truth.count(True), truth.count(False)
        return cls(
            set=name,
            counted=counted,
            should=should,
            never=never,
            in_time=_per_cent(verdicts.count("in time"), should),
            too_early=_per_cent(verdicts.count("too early"), should),
            late=_per_cent(verdicts.count("late"), should),
            missed=_per_cent(verdicts.count("missed"), should),
            false_per_100=_per_cent(verdicts.count("false"), never),
            precision=hits.precision,
            recall=hits.recall,
            f1=hits.f1,
            golden=tuple(_golden(outcomes, counted, tolerance) for tolerance in TOLERANCES),
        )


@dataclass(frozen=True)
class TriggerFigures:
    """How many dialogues of one kind there are and what became of them, a person reached counted; then offers too."""

    set: str
    why: str
    dialogues: int
    in_time: int
    too_early: int
    late: int
    missed: int
    in_time_or_offered: int
    """In time where an offer counts as well."""


def by_trigger(name: str, outcomes: Sequence[Outcome]) -> tuple[TriggerFigures, ...]:
    """One row for each kind of trigger, in the order in which they come."""
    found = []
    for why in dict.fromkeys(outcome.dialogue.why for outcome in outcomes if outcome.dialogue.take_over):
        some = [outcome for outcome in outcomes if outcome.dialogue.why == why]
        now = [outcome.verdict("now") for outcome in some]
        offered = [outcome.verdict("now or offer") for outcome in some].count("in time")
        counts = (now.count("in time"), now.count("too early"), now.count("late"), now.count("missed"))
        found.append(TriggerFigures(name, why, len(some), *counts, offered))
    return tuple(found)


def _golden(outcomes: Sequence[Outcome], counted: Counted, tolerance: int) -> float:
    scores = []
    for outcome in outcomes:
        place = outcome.at(counted)
        handed = () if place is None else (place,)
        scores.append(golden_transfer(handed, outcome.dialogue.take_over, tolerance))
    return sum(scores) / len(scores)


def _per_cent(count: int, of: int) -> float:
    return 100 * count / of if of else 0.0
