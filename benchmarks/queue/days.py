"""Made-up days of a support team: who comes when, how they are, how long they stay, and who is there to serve them.

Everything is drawn once from a seed, before anybody is served, so that every order serves the very same days. The
shapes (two peaks a day, a burst now and then, lognormal handling times, exponential patience) are the usual ones of
call-centre models (Gans, Koole and Mandelbaum, "Telephone call centers", 2003); the figures are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log
from random import Random
from typing import Final, TypeVar

from handoff.contract import Tier

T = TypeVar("T")

FIRST_DAY: Final = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday; weekends are left out."""
CASES_A_DAY: Final = 370.0
BY_HOUR: Final = {7: 1, 8: 5, 9: 9, 10: 11, 11: 10, 12: 7, 13: 7, 14: 10, 15: 11, 16: 10, 17: 8, 18: 6, 19: 5}
"""How the day's cases lie over the hours, in parts of their sum."""
BURST_CHANCE: Final = 0.35
BURST_TIMES: Final = 3.0
"""So many times the usual come while an outage or a lost parcel van lasts."""
SHIFTS: Final = ((8, 16, 5), (10, 18, 4), (12, 20, 4))
"""From which hour to which, and how many people. The last shift stays until the queue is empty."""
ABSENT: Final = 0.1
BREAK: Final = timedelta(minutes=45)
HANDLING: Final = timedelta(minutes=9)
"""The median; the mean is a fifth longer."""
HANDLING_SPREAD: Final = 0.6
PATIENCE: Final = timedelta(minutes=90)
"""The mean of a calm customer; an enraged one stays a third of it."""
SEVERITIES: Final = {1: 4, 2: 16, 3: 50, 4: 30}
TIERS: Final = {Tier.STANDARD: 78, Tier.PLUS: 16, Tier.VIP: 6}
CONTACTS: Final = {1: 78, 2: 13, 3: 6, 4: 3}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One customer: what the queue knows of them, and what only the simulation knows."""

    number: int
    came_at: datetime
    severity: int
    tier: Tier
    frustration: float
    contact_number: int
    leaves_at: datetime
    """When they give up, if nobody has taken their case by then."""
    handling: timedelta


@dataclass(frozen=True, slots=True)
class Worker:
    """One agent of a day: when they take cases, in order."""

    times: tuple[tuple[datetime, datetime], ...]

    def next_ready(self, at: datetime) -> datetime | None:
        """``at`` itself while they take cases, else when they do again; None once they have gone home."""
        return next((max(begin, at) for begin, end in self.times if at < end), None)


@dataclass(frozen=True, slots=True)
class Day:
    """One day's customers in the order of their coming, and its staff."""

    arrivals: tuple[Arrival, ...]
    workers: tuple[Worker, ...]


def make_days(seed: int, days: int, *, load: float = 1.0, growth: float = 0.0) -> tuple[Day, ...]:
    """Week-days from the first on. ``load`` times the usual cases come, and by ``growth`` more each further day."""
    random = Random(seed)
    return tuple(
        _day(random, FIRST_DAY + timedelta(days=number // 5 * 7 + number % 5), load * (1 + growth * number))
        for number in range(days)
    )


def _day(random: Random, midnight: datetime, load: float) -> Day:
    moments = _moments(random, midnight, load)
    arrivals = tuple(_arrival(random, number, came_at, hot) for number, (came_at, hot) in enumerate(moments))
    return Day(arrivals, _workers(random, midnight))


def _moments(random: Random, midnight: datetime, load: float) -> list[tuple[datetime, bool]]:
    """When customers come, and whether they come with a burst: a Poisson stream whose rate is the hour's."""
    burst = random.uniform(9, 17) if random.random() < BURST_CHANCE else None
    length = random.uniform(0.5, 1.25)
    moments = []
    for hour, part in BY_HOUR.items():
        rate = CASES_A_DAY * load * part / sum(BY_HOUR.values())
        for times, begin, end in ((1.0, 0.0, 24.0), (BURST_TIMES - 1, burst or 0.0, (burst or -length) + length)):
            at = hour + random.expovariate(rate * times)
            while at < hour + 1:
                if begin <= at < end:
                    moments.append((midnight + timedelta(hours=at), times != 1.0))
                at += random.expovariate(rate * times)
    return sorted(moments)


def _arrival(random: Random, number: int, came_at: datetime, hot: bool) -> Arrival:
    frustration = min(1.0, random.betavariate(1.2, 3.0) + (0.2 if hot else 0.0))
    severity = _drawn(random, SEVERITIES)
    patience = random.expovariate(1.0) * PATIENCE * (1 - 2 / 3 * frustration)
    return Arrival(
        number=number,
        came_at=came_at,
        severity=max(1, severity - 1) if hot and random.random() < 0.3 else severity,
        tier=_drawn(random, TIERS),
        frustration=frustration,
        contact_number=_drawn(random, CONTACTS),
        leaves_at=came_at + patience,
        handling=timedelta(minutes=random.lognormvariate(log(HANDLING / timedelta(minutes=1)), HANDLING_SPREAD)),
    )


def _workers(random: Random, midnight: datetime) -> tuple[Worker, ...]:
    there: list[Worker] = []
    last = max(end for _, end, _ in SHIFTS)
    for begin, end, people in SHIFTS:
        for place in range(people):
            # Somebody always closes the day, or its last customers would never be served.
            absent = random.random() < ABSENT and (end < last or place > 0)
            pause = midnight + timedelta(hours=random.uniform(begin + 2.5, end - 3))
            first, closing = midnight + timedelta(hours=begin), midnight + timedelta(hours=end if end < last else 48)
            if not absent:
                there.append(Worker(((first, pause), (pause + BREAK, closing))))
    return tuple(there)


def _drawn(random: Random, shares: dict[T, int]) -> T:
    return random.choices(list(shares), list(shares.values()))[0]
