"""Spans of days: a day, a week from Monday, a month, or any other; the one before; and their parts for a trend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

LONGEST_DAYS: Final = 1100
"""The longest period: three years and a bit."""


class Step(StrEnum):
    """The parts of a trend."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the calendar, the first and the last both included; when they begin says the clock of a zone."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a period that ends before it begins, or is longer than ``LONGEST_DAYS``."""
        if self.last < self.first:
            raise ValueError(f"the period ends on {self.last}, before it begins on {self.first}")
        if self.days > LONGEST_DAYS:
            raise ValueError(f"the period has {self.days} days; at most {LONGEST_DAYS} can be looked at")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def begins(self, zone: tzinfo) -> datetime:
        """Its first moment by the clock of ``zone``, in UTC."""
        return midnight(self.first, zone)

    def ends(self, zone: tzinfo) -> datetime:
        """The first moment after it, in UTC."""
        return midnight(self.last + timedelta(days=1), zone)

    def before(self) -> Period:
        """The period of the same length just before; before a whole month, the month before."""
        following = self.last + timedelta(days=1)
        if self.first.day == 1 and following.day == 1 and _months_apart(self.first, following) == 1:
            last = self.first - timedelta(days=1)
            return Period(last.replace(day=1), last)
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def split(self, moving: date, step: Step) -> tuple[Period | None, Period | None]:
        """Its parts before that in which the day ``moving`` lies, and that one with what follows; None: it has none."""
        first = part_begins(moving, step)
        if first <= self.first:
            return None, self
        if first > self.last:
            return self, None
        return Period(self.first, first - timedelta(days=1)), Period(first, self.last)

    def parts(self, step: Step) -> Iterator[Period]:
        """Its days, weeks or months, the first and the last cut to the period."""
        first = self.first
        while first <= self.last:
            after = part_begins(first, step, following=1)
            yield Period(first, min(self.last, after - timedelta(days=1)))
            first = after


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins by the clock of ``zone``, in UTC: no moment lies between two days, and none in both.

    Where the clock skips midnight, the day before ends as much later as it is put forward: it is the same moment.
    """
    return datetime.combine(day, time(), zone).astimezone(UTC)


def part_begins(day: date, step: Step, *, following: int = 0) -> date:
    """The first day of the part in which a day lies, or of a ``following`` one."""
    if step is Step.DAY:
        return day + timedelta(days=following)
    if step is Step.WEEK:
        return day - timedelta(days=day.weekday()) + timedelta(weeks=following)
    months = day.year * 12 + day.month - 1 + following
    return date(months // 12, months % 12 + 1, 1)


def last_days(today: date, days: int) -> Period:
    """The last so many days, today included. Raises ``ValueError`` for fewer than one, or too many."""
    if days < 1:
        raise ValueError("a period has at least one day")
    return Period(today - timedelta(days=days - 1), today)


def _months_apart(first: date, later: date) -> int:
    return (later.year - first.year) * 12 + later.month - first.month
