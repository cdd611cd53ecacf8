"""How often the range of the wait holds that a customer is told at the coming, while the load drifts."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from benchmarks.queue.days import FIRST_DAY, make_days
from benchmarks.queue.serving import Ended, Order, serve
from handoff.domain.wait_estimate import (
    COUNTED,
    ENOUGH,
    MeasuredWait,
    SettledRange,
    WaitRange,
    estimate,
    windows,
)

LATEST: Final = 300
"""So many of the latest waits stand in where the hour has too few."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one customer was told as they came (None: nothing could be said), and how it ended."""

    range: WaitRange | None
    ended: Ended

    @property
    def held(self) -> bool | None:
        """Whether the wait was within; None where nothing was told, or they gave up while it could still hold."""
        if self.range is None or (not self.ended.served and self.ended.waited <= self.range.high):
            return None
        return self.ended.served and self.range.low <= self.ended.waited <= self.range.high


def tell_ranges(order: Order, seed: int, days: int, *, load: float = 1.0, growth: float = 0.0) -> tuple[Told, ...]:
    """Serve the days and tell each customer a range as they come, from what was known at that moment."""
    came = [one for day in make_days(seed, days, load=load, growth=growth) for one in serve(day, order)]
    known = _Known()
    told: list[Told] = []
    running: list[tuple[datetime, int]] = []
    for number, ended in enumerate(came):
        now = ended.arrival.came_at
        while running and running[0][0] <= now:
            known.learn(told[heapq.heappop(running)[1]])
        found = estimate(ended.position, known.waits(now), known.settled)
        told.append(Told(found, ended))
        heapq.heappush(running, (ended.ended_at, number))
    return tuple(told)


class _Known:
    """The waits and ranges that have ended so far, as the database would hold them."""

    def __init__(self) -> None:
        self._waits: list[MeasuredWait] = []
        self._began: list[datetime] = []
        self.settled: list[SettledRange] = []

    def learn(self, told: Told) -> None:
        ended = told.ended
        if ended.served:
            began = ended.arrival.came_at
            place = bisect_right(self._began, began)
            self._began.insert(place, began)
            self._waits.insert(place, MeasuredWait(began, ended.position, ended.waited))
        if told.range is not None and told.held is not None:
            one = SettledRange(told.range.low, told.range.high, told.range.stretch, ended.waited)
            self.settled = [*self.settled, one][-COUNTED:]

    def waits(self, now: datetime) -> Sequence[MeasuredWait]:
        found = [wait for begin, end in windows(now, UTC) for wait in self._between(begin, end)]
        return found if len(found) >= ENOUGH else self._waits[-LATEST:]

    def _between(self, begin: datetime, end: datetime) -> Iterator[MeasuredWait]:
        yield from self._waits[bisect_left(self._began, begin) : bisect_right(self._began, end)]


@dataclass(frozen=True, slots=True)
class Ranges:
    """How the ranges of many customers held. ``width`` is the median of what lies between their ends, in minutes.

    ``behind_held`` and ``behind_width`` are of those only who had somebody before them as they came.
    """

    growth: float
    told: int
    held: float
    untold: float
    width: float
    behind_held: float
    behind_width: float


def measure_ranges(order: Order, seeds: Sequence[int], days: int, growth: float) -> Ranges:
    """Over all seeds; the first week, which has nothing to measure from, is left out."""
    found = [one for seed in seeds for one in tell_ranges(order, seed, days, growth=growth) if not _first_week(one)]
    behind = [one for one in found if one.ended.position > 1]
    return Ranges(
        growth=growth,
        told=sum(one.held is not None for one in found),
        held=_held(found),
        untold=sum(one.range is None for one in found) / len(found),
        width=_width(found),
        behind_held=_held(behind),
        behind_width=_width(behind),
    )


def _held(told: Sequence[Told]) -> float:
    settled = [one.held for one in told if one.held is not None]
    return sum(settled) / len(settled)


def _width(told: Sequence[Told]) -> float:
    widths = sorted(one.range.high_minutes - one.range.low_minutes for one in told if one.range is not None)
    return widths[len(widths) // 2]


def _first_week(told: Told) -> bool:
    return told.ended.arrival.came_at < FIRST_DAY + timedelta(weeks=1)
