"""How long a customer will wait, as a range, from what others have waited in that queue at that hour (P25).

A range is told only from measured waits: those that began in the same hour of the same week-day, in recent weeks, and
those of the last two hours; where these are too few, those of the whole queue; where these are too few as well, none.
A wait counts in proportion to the place from which it was waited, those from places alike first.

Of the waits found, the range leaves out the shortest and the longest tenth. How often the ranges held is measured, and
the next ones are stretched by so much as would have let four fifths of the last ones hold: split conformal prediction
over a moving window (Lei et al., "Distribution-free predictive inference for regression", 2018; Gibbs and Candès,
"Adaptive conformal inference under distribution shift", 2021), which asks nothing of how waits are distributed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

ENOUGH: Final = 12
"""So many waits make a range; fewer say nothing about the tenths at both ends."""
WEEKS: Final = 6
"""So far back a wait is measured from; before that it was another team."""
AROUND: Final = timedelta(hours=1)
"""So much before and after the same time of the week-day counts as the same hour."""
LATELY: Final = timedelta(hours=2)
LEFT_OUT: Final = 0.1
HELD: Final = 0.8
"""The share of ranges that are to hold."""
MOST_AIMED: Final = 0.95
"""With more, a single odd wait would decide how wide the ranges of all others are."""
COUNTED: Final = 40
"""The last so many settled ranges of a queue decide how far the next are stretched."""
ENOUGH_TOLD: Final = 10
WIDEST: Final = 8.0
"""A range is never stretched further: what is so uncertain is better not told at all."""
LONGEST: Final = timedelta(hours=8)
"""A range that ends later is not told: nobody waits that long at a screen."""
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MeasuredWait:
    """One wait in a queue: when it began, from which place (1 is next), and how long it was until an agent took it."""

    began_at: datetime
    position: int
    waited: timedelta


@dataclass(frozen=True, slots=True)
class SettledRange:
    """A range that was told, and how long the wait was in the end, both counted from the telling."""

    low: timedelta
    high: timedelta
    stretch: float
    waited: timedelta

    @property
    def held(self) -> bool:
        """Whether the wait was within the range."""
        return self.low <= self.waited <= self.high

    @property
    def needed(self) -> float:
        """By how much the range had to be stretched, from what was measured, to end exactly at the wait.

        A range from nothing on cannot be missed at that end. Its middle before the stretching follows from ``high``,
        which is the middle times ``stretch + 1``.
        """
        if self.low:
            missed, middle = max(self.low - self.waited, self.waited - self.high), (self.low + self.high) / 2
        else:
            missed, middle = self.waited - self.high, self.high / (self.stretch + 1)
        return self.stretch + missed / max(middle, _MINUTE)


@dataclass(frozen=True, slots=True)
class WaitRange:
    """A range in whole minutes, as it is told; ``stretch`` is 1 where it stands as measured."""

    low_minutes: int
    high_minutes: int
    stretch: float = 1.0

    @property
    def low(self) -> timedelta:
        """The shorter end."""
        return timedelta(minutes=self.low_minutes)

    @property
    def high(self) -> timedelta:
        """The longer end."""
        return timedelta(minutes=self.high_minutes)


def windows(now: datetime, zone: tzinfo) -> tuple[tuple[datetime, datetime], ...]:
    """From when to when a wait must have begun to count as one of this hour: today's last hours, then week by week.

    The hour is that of the clock on the wall in ``zone``, which daylight saving moves. The spans do not overlap.
    """
    wall = now.astimezone(zone).replace(tzinfo=None)
    weeks = (wall - timedelta(weeks=week) for week in range(1, WEEKS + 1))
    before = ((at.replace(tzinfo=zone).astimezone(UTC)) for at in weeks)
    return ((now - LATELY, now), *((at - AROUND, at + AROUND) for at in before))


def estimate(position: int, waits: Sequence[MeasuredWait], told: Sequence[SettledRange]) -> WaitRange | None:
    """The range for whoever stands at ``position`` now, or None while nothing can be said.

    ``waits`` are those of this queue that began in the ``windows``, or its latest ones where these are not ``ENOUGH``;
    ``told`` are its last settled ranges, newest last.
    """
    found = _alike_in_place(waits, position)
    if len(found) < ENOUGH:
        return None
    scaled = sorted(wait.waited * (position / wait.position) for wait in found)
    low, high = _quantile(scaled, LEFT_OUT), _quantile(scaled, 1 - LEFT_OUT)
    stretch = stretch_after(told)
    more = (stretch - 1) * max((low + high) / 2, _MINUTE)
    if high + more > LONGEST:
        return None
    return _rounded(max(low - more, timedelta()), high + more, stretch)


def stretch_after(told: Sequence[SettledRange]) -> float:
    """By how much the next range is stretched, so that ``HELD`` of the last ``COUNTED`` would have held; 1 at least.

    Where fewer of them did hold, the queue's pace is changing faster than that follows: so much as they fell short is
    aimed at besides, up to ``MOST_AIMED``.
    """
    counted = told[-COUNTED:]
    last = sorted(one.needed for one in counted)
    if len(last) < ENOUGH_TOLD:
        return 1.0
    short = HELD - sum(one.held for one in counted) / len(counted)
    aimed = min(HELD + max(short, 0.0), MOST_AIMED)
    place = min(math.ceil(aimed * (len(last) + 1)), len(last))
    return min(max(last[place - 1], 1.0), WIDEST)


def differs_much(told: WaitRange, told_at: datetime, fresh: WaitRange, now: datetime) -> bool:
    """Whether what is said now is so unlike what is left of what was told that it counts as told anew."""
    left = max(told.high - (now - told_at), timedelta())
    apart = abs(fresh.high - left)
    return apart >= 3 * _MINUTE and apart > 0.5 * max(left, fresh.high)


def _alike_in_place(waits: Sequence[MeasuredWait], position: int) -> Sequence[MeasuredWait]:
    """The waits from half to twice the place; all of them where these are too few."""
    near = [wait for wait in waits if position <= 2 * wait.position and wait.position <= 2 * position]
    return near if len(near) >= ENOUGH else waits


def _quantile(ordered: Sequence[timedelta], share: float) -> timedelta:
    """R's type 7: interpolated between neighbours."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _rounded(low: timedelta, high: timedelta, stretch: float) -> WaitRange:
    """Outwards, to minutes that people say: single ones up to ten, then fives, tens and half hours."""
    minutes = high / _MINUTE
    step = next((step for upto, step in ((10, 1), (60, 5), (180, 10)) if minutes <= upto), 30)
    least = max(math.ceil(minutes / step), 1) * step
    shortest = math.floor(low / _MINUTE / step) * step
    return WaitRange(min(shortest, least - step), least, stretch)
