"""What a signal reports: how strong, what it asks for, and the evidence that a person can check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from actions.scoring.picture import Picture
from actions.scoring.policy import CountRule, PolicyView
from actions.scoring.turn import TurnInput


class Ask(IntEnum):
    """What a signal asks for, in rising order."""

    NOTHING = 0
    ACKNOWLEDGE = 1
    OFFER = 2
    NOW = 3


class Kind(StrEnum):
    """The kinds of escalation (P13) that a turn can cause."""

    FUNCTIONAL = "functional"
    HIERARCHICAL = "hierarchical"
    PRIORITY = "priority"


@dataclass(frozen=True)
class Signal:
    """One reason to care about a turn.

    ``value`` and ``threshold`` are in the signal's own unit. A ``hard`` signal is not held back by a declined
    offer. ``category`` is set where the signal itself says where the case belongs. ``progress`` (0 to 1) is
    how far it has gone towards handing over. ``settles`` names what need not trigger again once a human has
    dealt with it.
    """

    name: str
    reason: str
    value: float
    threshold: float
    asks: Ask
    weight: float = 1.0
    evidence: tuple[str, ...] = ()
    kind: Kind = Kind.FUNCTIONAL
    severity: int = 4
    level: int = 1
    category: str | None = None
    hard: bool = False
    progress: float = 1.0
    settles: str | None = None

    @property
    def pressure(self) -> float:
        """The signal's share when several mild ones add up: its weight times its progress to ``now``."""
        return self.weight * self.progress


@dataclass(frozen=True)
class Scene:
    """What a signal may look at: the turn, the picture before it and after its words, the policy."""

    turn: TurnInput
    before: Picture
    picture: Picture
    policy: PolicyView


Detector = Callable[[Scene], Iterator[Signal]]


def times(count: int) -> str:
    """Return ``once``, ``twice``, ``3 times``."""
    return {1: "once", 2: "twice"}.get(count) or f"{count} times"


def counted(name: str, reason: str, value: int, rule: CountRule, evidence: tuple[str, ...]) -> Signal:
    """Return the signal of a counting rule for ``value`` of its unit."""
    asks = Ask.NOW if value >= rule.now else Ask.OFFER if value >= rule.offer else Ask.NOTHING
    return Signal(
        name=name,
        reason=reason,
        value=value,
        threshold=rule.now if asks is Ask.NOW else rule.offer,
        asks=asks,
        weight=rule.weight,
        evidence=evidence,
        severity=rule.severity,
        progress=min(1.0, value / rule.now),
    )
