"""A replay: stored conversations decided again under another policy, asked for at the board, run beside the service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from handoff.contract import Category, DecisionAction
from handoff.domain.errors import BadPeriod

MOST_DAYS: Final = 366
"""The longest period that is replayed at once."""

Judged = Literal["right", "false", "missed", "not_known"]


class ReplayStatus(StrEnum):
    """How far a replay is."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ReplayPeriod:
    """Conversations that began on these days (UTC), both included."""

    since: date
    until: date

    def __post_init__(self) -> None:
        """Raise ``BadPeriod`` for one that ends before it begins, or is too long."""
        if self.until < self.since:
            raise BadPeriod("The period ends before it begins.", field="until")
        if (self.until - self.since).days >= MOST_DAYS:
            raise BadPeriod(f"A replay takes at most {MOST_DAYS} days.", field="since")


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay: who asked, what is tried, and how far it is: ``done`` of some ``of`` conversations.

    ``of`` is counted at the beginning, so a replay over today may see a few more. ``problem`` says why it failed.
    """

    id: str
    agent_id: str
    agent_name: str
    policy: str
    period: ReplayPeriod
    begun_at: datetime
    of: int
    done: int = 0
    status: ReplayStatus = ReplayStatus.RUNNING
    ended_at: datetime | None = None
    problem: str | None = None


class _Told(BaseModel):
    """What the replay tells; what the board has no use for is let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ReplayFigure(_Told):
    """A number as it was decided, and under the other policy: between ``other`` and that plus ``not_known``."""

    as_decided: float
    other: float
    not_known: float


class ReplayHour(ReplayFigure):
    """Handoffs in an hour of an average day; cases that the people there can take, null where nobody is known."""

    hour: int
    capacity: float | None


class ReplayDecision(_Told):
    """What is decided about a turn."""

    action: DecisionAction
    category: Category
    severity: int
    level: int


class ReplayMeasure(_Told):
    """A signal's value, what the policy holds it against, and what it weighs."""

    value: float
    threshold: float
    weight: float


class ReplayDifference(_Told):
    """A signal that the policies see differently; null where it says nothing. ``evidence`` is masked."""

    signal: str
    was: ReplayMeasure | None
    is_now: ReplayMeasure | None
    evidence: tuple[str, ...]


class ReplayVerdict(_Told):
    """A case that an agent judged, by its number: how it looks as it was decided, and under the other policy."""

    case: str
    verdict: str
    as_decided: Judged
    other: Judged


class ReplayChange(_Told):
    """A conversation that would change: the first turn at which the policies differ. ``text`` is masked.

    Not ``exact``: a turn was recorded without all that the scoring sees. Without ``differences`` both hand over, and
    only to elsewhere, or weigh the same signals otherwise.
    """

    conversation: str
    exact: bool
    turn: int
    at: datetime
    text: str
    before: ReplayDecision
    after: ReplayDecision
    differences: tuple[ReplayDifference, ...]
    verdicts: tuple[ReplayVerdict, ...]


class ReplayResult(_Told):
    """What a replay found; ``changes`` counts all conversations that change, ``changed`` are the first of them."""

    policy: str
    decided_under: dict[str, int]
    zone: str
    first_day: date | None
    last_day: date | None
    days: int
    conversations: int
    turns: int
    incomplete: int
    handoffs: ReplayFigure
    offers: ReplayFigure
    judged: int
    false: ReplayFigure
    missed: ReplayFigure
    hours: tuple[ReplayHour, ...]
    reasons: dict[str, ReplayFigure]
    changes: int
    changed: tuple[ReplayChange, ...]
