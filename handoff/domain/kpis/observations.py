"""What a KPI sees in facts, and how observations add up: to cells of a day, and from cells to a figure.

Spans of time are kept in buckets whose bounds grow by ``GROWTH``, so days can be added up and percentiles read without
the single values; a percentile read this way is at most ``PERCENTILE_ERROR`` off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from math import floor, log, sqrt
from typing import Final

from handoff.domain.kpis.facts import Place

GROWTH: Final = 1.1
PERCENTILE_ERROR: Final = sqrt(GROWTH) - 1
"""A bucket is told by its geometric middle, which is at most this share away from any value in it (4.9 %)."""
HIT: Final = "hit"
MISS: Final = "miss"
ALL: Final = Place("*", -1, "*")
"""The place of a cell that adds up all places."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that counts: when, where, in which bucket, with which value; ``subject`` is the case it leads to.

    Where no case is behind it, ``subject`` is the conversation.
    """

    at: datetime
    place: Place
    bucket: str
    subject: str
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class CellKey:
    """What a cell counts."""

    day: date
    place: Place
    measure: str
    bucket: str


@dataclass(frozen=True, slots=True)
class Sum:
    """How many observations, and the sum of their values."""

    how_many: int = 0
    total: float = 0.0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.how_many + other.how_many, self.total + other.total)


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The day to which a moment belongs, by the clock of ``zone``."""
    return moment.astimezone(zone).date()


def hit_or_miss(counted: bool) -> str:
    """The bucket of a share: what is in the numerator is a hit; the denominator has both."""
    return HIT if counted else MISS


def time_bucket(seconds: float) -> str:
    """The bucket of a span; all below a second are one. The names sort as the spans do."""
    place = floor(log(max(seconds, 1.0)) / log(GROWTH) + 1e-9)
    return f"{place:04d}"


def bucket_seconds(bucket: str) -> float:
    """The span by which a bucket is told."""
    return float(GROWTH ** (int(bucket) + 0.5))


def percentile(buckets: Mapping[str, int], share: float) -> float | None:
    """The span that ``share`` of all do not exceed (nearest rank), from counts by bucket; None when there are none."""
    count = sum(buckets.values())
    if count == 0:
        return None
    rank, seen = max(1.0, share * count), 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= rank - 1e-9:
            return bucket_seconds(bucket)
    raise AssertionError("the last bucket has seen all")


def margins(place: Place) -> frozenset[Place]:
    """The places under which an observation is kept: its own, and those that leave out all or all but one of it."""
    return frozenset(
        {
            place,
            ALL,
            Place(place.category, ALL.level, ALL.agent_id),
            Place(ALL.category, place.level, ALL.agent_id),
            Place(ALL.category, ALL.level, place.agent_id),
        }
    )


def cells_of(measure: str, observations: Iterable[Observation], zone: tzinfo) -> dict[CellKey, Sum]:
    """The observations of one measure, added up by day (of ``zone``), place and bucket."""
    # Added up in their own places first: there are far fewer of those than observations.
    own: dict[tuple[date, Place, str], tuple[int, float]] = {}
    for seen in observations:
        counted = (day_of(seen.at, zone), seen.place, seen.bucket)
        how_many, total = own.get(counted, (0, 0.0))
        own[counted] = how_many + 1, total + seen.value
    found: dict[CellKey, Sum] = {}
    for (day, own_place, bucket), (how_many, total) in own.items():
        for place in margins(own_place):
            key = CellKey(day, place, measure, bucket)
            found[key] = found.get(key, Sum()) + Sum(how_many, total)
    return found
