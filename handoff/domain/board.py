"""What those who lead see of the moment: the mood of a conversation, and whether it calls for somebody (P32)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from handoff.domain.cases import Case
from handoff.domain.deadlines import Target, running_targets

SHOWN: Final = 12
"""So many of the last turns draw the line of a mood."""
STEADY: Final = 0.1
"""A mood that moved by less than this since the turn before is steady."""


class Trend(StrEnum):
    """Where a mood went with its last turn."""

    RISING = "rising"
    STEADY = "steady"
    FALLING = "falling"


@dataclass(frozen=True, slots=True)
class Mood:
    """The frustration of each turn that was scored, 0 to 1, oldest first; at least one."""

    turns: tuple[float, ...]

    @property
    def latest(self) -> float:
        """That of the last turn."""
        return self.turns[-1]

    @property
    def peak(self) -> float:
        """The highest one."""
        return max(self.turns)

    @property
    def line(self) -> tuple[float, ...]:
        """The last turns, for a small line."""
        return self.turns[-SHOWN:]

    @property
    def trend(self) -> Trend:
        """Where it went with the last turn."""
        if len(self.turns) < 2 or abs(self.turns[-1] - self.turns[-2]) < STEADY:
            return Trend.STEADY
        return Trend.RISING if self.turns[-1] > self.turns[-2] else Trend.FALLING

    def alerts(self, threshold: float) -> bool:
        """Whether the last turn reaches the threshold of the policy."""
        return self.latest >= threshold


@dataclass(frozen=True, slots=True)
class NextTarget:
    """The target of a case that is due soonest, or was missed longest ago."""

    target: Target
    due_at: datetime


def next_target(case: Case) -> NextTarget | None:
    """The target that runs and is due first; None while the clocks stand still, or once the case is closed."""
    found = running_targets(case)
    if not found:
        return None
    target = min(found, key=lambda one: (found[one], one))
    return NextTarget(target, found[target])


def by_mood(rows: Iterable[tuple[str, Mood | None, datetime]]) -> list[str]:
    """Identifiers in the order in which one looks: the most frustrated first, then the latest; unscored ones last."""
    ranked = sorted(rows, key=lambda row: row[2], reverse=True)
    ranked.sort(key=lambda row: -(row[1].latest if row[1] is not None else -1.0))
    return [key for key, _, _ in ranked]
