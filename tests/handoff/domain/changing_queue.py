"""A queue whose pace changes: people come by chance, agents serve them in turn, and both change from day to day.

Everybody is told a range as they come, made of what was measured by then alone and settled when they are taken, as the
service does it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from handoff.domain.wait_estimate import COUNTED, ENOUGH, MeasuredWait, SettledRange, estimate, windows

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
OPEN_MINUTES = 8 * 60
LATEST = 300
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """How busy a day is: arrivals in an hour, agents at the desk, minutes that a case takes them on average."""

    arrivals: float
    agents: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Told:
    """A range that was told on a day (0 is the first), and whether it held."""

    day: int
    position: int
    held: bool


@dataclass(frozen=True, slots=True)
class _Stay:
    came: datetime
    taken: datetime
    position: int


def told_in(pace_of: Callable[[int], Pace], days: int, seed: int, *, stretched: bool = True) -> list[Told]:
    """What everybody who came was told, and whether it held; ``stretched`` False: as if no hit rate were measured."""
    stays = list(_stays(pace_of, days, Random(seed)))
    taken: list[_Stay] = []
    running: list[tuple[datetime, int, _Stay, SettledRange | None]] = []
    settled: list[SettledRange] = []
    found = []
    for number, stay in enumerate(stays):
        while running and running[0][0] <= stay.came:
            _, _, before, its = heapq.heappop(running)
            taken.append(before)
            if its is not None:
                settled.append(its)
        told = estimate(stay.position, _measured(taken, stay.came), settled[-COUNTED:] if stretched else ())
        waited = stay.taken - stay.came
        its = SettledRange(told.low, told.high, told.stretch, waited) if told is not None else None
        heapq.heappush(running, (stay.taken, number, stay, its))
        if its is not None:
            found.append(Told((stay.came - BEGIN).days, stay.position, its.held))
    return found


def _measured(taken: list[_Stay], now: datetime) -> list[MeasuredWait]:
    spans = [span for span in windows(now, UTC) if span[1] > BEGIN]
    alike = [stay for stay in taken if any(first <= stay.came < last for first, last in spans)]
    chosen = alike if len(alike) >= ENOUGH else taken[-LATEST:]
    return [MeasuredWait(stay.came, stay.position, stay.taken - stay.came) for stay in chosen]


def _stays(pace_of: Callable[[int], Pace], days: int, random: Random) -> Iterator[_Stay]:
    """Who came when, from which place, and when they were taken: first come, first served, from empty desks on."""
    for day in range(days):
        pace, begin = pace_of(day), BEGIN + timedelta(days=day)
        free = [0.0] * pace.agents
        beginnings: list[float] = []
        at = random.expovariate(pace.arrivals / 60)
        while at < OPEN_MINUTES:
            taken = max(at, heapq.heappop(free))
            heapq.heappush(free, taken + random.expovariate(1 / pace.minutes))
            position = 1 + sum(other > at for other in beginnings[-200:])
            beginnings.append(taken)
            yield _Stay(begin + at * MINUTE, begin + taken * MINUTE, position)
            at += random.expovariate(pace.arrivals / 60)
