"""The post-escalation review (P28): what recurs, what a lower level could have solved, what was not needed, what lacks.

Pure: facts of closed cases in, a report out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from handoff.contract import Category, HandoffReason
from handoff.domain.resolutions import UNSTATED

K = TypeVar("K")
GAPS: Final = frozenset({"missing_content", "not_understood"})
"""Root causes that tell of content that is missing."""
FAILED: Final = frozenset({HandoffReason.REPEATED_FALLBACK, HandoffReason.LOW_CONFIDENCE})
"""Reasons of a handoff that tell the same."""


@dataclass(frozen=True, slots=True)
class ReviewedCase:
    """One resolution of the period with what the review needs of its case.

    ``level`` is the level that solved it, ``needed_level`` the lowest one that its sums and risks ask for. ``judged``
    says whether a person was needed, by an agent's verdict or the disposition; None where nobody said.
    """

    case_id: str
    number: str
    category: Category
    topic: str | None
    reason: HandoffReason
    root_cause: str
    solved: bool
    level: int
    needed_level: int
    resolved_at: datetime
    reopened: bool
    judged: bool | None


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A root cause in a category: how often now, how often in the equally long time before, how many came back."""

    category: Category
    root_cause: str
    count: int
    before: int
    share: float
    """Of the category's resolutions with a stated cause, 0 to 1."""
    reopened: int

    @property
    def trend(self) -> int:
        """How many more than before; below zero: fewer."""
        return self.count - self.before


@dataclass(frozen=True, slots=True)
class LowerLevelRow:
    """Cases of a category that a level solved although a lower one could have decided them."""

    category: Category
    level: int
    needed_level: int
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotNeededRow:
    """Handoffs of a category for one reason, of which some needed no person."""

    category: Category
    reason: HandoffReason
    judged: int
    not_needed: int


@dataclass(frozen=True, slots=True)
class GapRow:
    """A topic that was handed over because the bot had nothing to say; None where it understood nothing."""

    category: Category
    topic: str | None
    count: int
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """The whole report on the resolutions from ``since`` to before ``until``."""

    since: datetime
    until: datetime
    resolutions: int
    causes: tuple[CauseRow, ...]
    lower_level: tuple[LowerLevelRow, ...]
    not_needed: tuple[NotNeededRow, ...]
    gaps: tuple[GapRow, ...]


def review(found: Sequence[ReviewedCase], *, since: datetime, until: datetime) -> Review:
    """The report. ``found`` are the resolutions since as long before ``since`` as ``until`` lies after it."""
    now = [case for case in found if since <= case.resolved_at < until]
    earlier = [case for case in found if case.resolved_at < since]
    return Review(since, until, len(now), _causes(now, earlier), _lower_level(now), _not_needed(now), _gaps(now))


def _causes(now: Collection[ReviewedCase], earlier: Collection[ReviewedCase]) -> tuple[CauseRow, ...]:
    stated = [case for case in now if case.root_cause != UNSTATED]
    counts = Counter((case.category, case.root_cause) for case in stated)
    before = Counter((case.category, case.root_cause) for case in earlier)
    reopened = Counter((case.category, case.root_cause) for case in stated if case.reopened)
    of_category = Counter(case.category for case in stated)
    gone = [(key, 0) for key in before if key not in counts and key[1] != UNSTATED]
    rows = [
        CauseRow(
            category=key[0],
            root_cause=key[1],
            count=count,
            before=before[key],
            share=count / of_category[key[0]] if count else 0.0,
            reopened=reopened[key],
        )
        for key, count in [*counts.items(), *gone]
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, -row.trend, row.category, row.root_cause)))


def _lower_level(now: Iterable[ReviewedCase]) -> tuple[LowerLevelRow, ...]:
    could = [case for case in now if case.solved and not case.reopened and case.needed_level < case.level]
    groups = _grouped(could, lambda case: (case.category, case.level, case.needed_level))
    rows = [LowerLevelRow(*key, tuple(case.number for case in cases)) for key, cases in groups.items()]
    return tuple(sorted(rows, key=lambda row: (-len(row.cases), row.category, row.level)))


def _not_needed(now: Iterable[ReviewedCase]) -> tuple[NotNeededRow, ...]:
    groups = _grouped((c for c in now if c.judged is not None), lambda case: (case.category, case.reason))
    rows = [
        NotNeededRow(category, reason, len(cases), sum(case.judged is False for case in cases))
        for (category, reason), cases in groups.items()
    ]
    return tuple(sorted((r for r in rows if r.not_needed), key=lambda r: (-r.not_needed, r.category, r.reason)))


def _gaps(now: Iterable[ReviewedCase]) -> tuple[GapRow, ...]:
    missing = (case for case in now if case.root_cause in GAPS or case.reason in FAILED)
    groups = _grouped(missing, lambda case: (case.category, case.topic))
    rows = [
        GapRow(category, topic, len(cases), tuple(case.number for case in cases))
        for (category, topic), cases in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.category, row.topic or "")))


def _grouped(cases: Iterable[ReviewedCase], key: Callable[[ReviewedCase], K]) -> dict[K, list[ReviewedCase]]:
    groups: dict[K, list[ReviewedCase]] = {}
    for case in cases:
        groups.setdefault(key(case), []).append(case)
    return groups
