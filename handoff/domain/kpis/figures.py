"""A figure: what the cells of a period say of one KPI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from handoff.domain.kpis.facts import Facts
from handoff.domain.kpis.observations import Sum, percentile
from handoff.domain.kpis.of_resolutions import DETRACTOR
from handoff.domain.kpis.registry import Better, Kpi, Unit

Buckets = Mapping[str, Sum]
"""The sums of one KPI by bucket."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One KPI of one period and place.

    ``value`` is the share (0 to 1), the number to a hundred, the points, or the median in seconds; None where the
    denominator is 0, and always for counts. ``p90`` and ``mean`` (seconds) go with spans, ``parts`` with counts.
    ``mean`` of CSAT and NPS is that of the marks.
    """

    kpi: str
    unit: Unit
    value: float | None
    numerator: int
    denominator: int
    p90: float | None = None
    mean: float | None = None
    parts: tuple[tuple[str, int], ...] = ()


def figure_of(kpi: Kpi, buckets: Buckets) -> Figure:
    """The figure that these sums make."""
    count = sum(found.how_many for found in buckets.values())
    total = sum(found.total for found in buckets.values())
    mean = total / count if count else None
    counted = buckets[kpi.counted].how_many if kpi.counted in buckets else 0
    if kpi.unit is Unit.SECONDS:
        by_bucket = {name: found.how_many for name, found in buckets.items()}
        median, p90 = percentile(by_bucket, 0.5), percentile(by_bucket, 0.9)
        return Figure(kpi.name, kpi.unit, median, count, count, p90, mean)
    if kpi.unit is Unit.COUNTS:
        parts = sorted(((name, found.how_many) for name, found in buckets.items()), key=lambda p: (-p[1], p[0]))
        return Figure(kpi.name, kpi.unit, None, count, count, parts=tuple(parts))
    if kpi.unit is Unit.PER_HUNDRED:
        others = count - counted
        return Figure(kpi.name, kpi.unit, 100 * counted / others if others else None, counted, others)
    if kpi.unit is Unit.POINTS:
        against = buckets[DETRACTOR].how_many if DETRACTOR in buckets else 0
        points = 100 * (counted - against) / count if count else None
        return Figure(kpi.name, kpi.unit, points, counted - against, count, mean=mean)
    has_marks = mean if total else None
    return Figure(kpi.name, kpi.unit, counted / count if count else None, counted, count, mean=has_marks)


def figure_from(kpi: Kpi, facts: Facts) -> Figure:
    """The figure straight from facts, over all days and places."""
    buckets: dict[str, Sum] = {}
    for seen in kpi.observe(facts):
        buckets[seen.bucket] = buckets.get(seen.bucket, Sum()) + Sum(1, seen.value)
    return figure_of(kpi, buckets)


def is_on_target(kpi: Kpi, figure: Figure) -> bool | None:
    """Whether the figure reaches the KPI's target; None without a target or a figure."""
    if kpi.target is None or figure.value is None:
        return None
    return figure.value >= kpi.target if kpi.better is Better.HIGHER else figure.value <= kpi.target
