"""A report: every KPI of a period, with its trend and the period before, and the same by queue, level or agent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from handoff.domain.kpis.figures import Buckets, Figure, figure_of
from handoff.domain.kpis.observations import Sum
from handoff.domain.kpis.periods import Period, Step
from handoff.domain.kpis.registry import KPIS, Kpi

NOWHERE = "not assigned"
"""How a report calls what belongs to no queue, level or agent."""
Sums = Mapping[tuple[str, str], Buckets]
"""Sums by measure and part (a day in ISO 8601, or a place), by bucket."""
Totals = Mapping[str, Buckets]
"""Sums by measure, by bucket."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What some days came to: the sums of all of them together, and the figures of each part of their trend by KPI."""

    totals: Totals
    trend: tuple[tuple[Period, Mapping[str, Figure]], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One KPI of the report. ``trend`` has one figure for each day, week or month of the period."""

    kpi: Kpi
    now: Figure
    before: Figure
    trend: tuple[tuple[Period, Figure], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What one queue, level or agent did; ``key`` is the category, the level or the agent's id."""

    key: str
    label: str
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Report:
    """All KPIs of a period and place.

    ``as_of`` is when the newest of its days was added up, None where none was; ``not_added_up`` counts the days of the
    period that have changed since, or were never added up.
    """

    period: Period
    before: Period
    step: Step
    lines: tuple[Line, ...]
    as_of: datetime | None
    not_added_up: int
    parts: tuple[Part, ...] = ()
    zone: str = "UTC"
    """By whose clock the days are cut."""


def totals_of(days: Sums) -> Totals:
    """The sums of all these days together."""
    found: defaultdict[str, list[Buckets]] = defaultdict(list)
    for (measure, _), buckets in days.items():
        found[measure].append(buckets)
    return {measure: _added(several) for measure, several in found.items()}


def stretch_of(totals: Totals, days: Sums, parts: Iterable[Period]) -> Stretch:
    """A stretch from the sums of all its days together and of each; ``parts`` are those of its trend."""
    by_measure: defaultdict[str, dict[date, Buckets]] = defaultdict(dict)
    for (measure, day), buckets in days.items():
        by_measure[measure][date.fromisoformat(day)] = buckets
    trend = (
        (part, {kpi.name: figure_of(kpi, _within(by_measure[kpi.name], part)) for kpi in KPIS.values()})
        for part in parts
    )
    return Stretch(totals, tuple(trend))


def joined(stretches: Sequence[Stretch]) -> Stretch:
    """Stretches that follow each other as one; their trends must meet between two parts."""
    if len(stretches) == 1:
        return stretches[0]
    measures = dict.fromkeys(measure for one in stretches for measure in one.totals)
    totals = {measure: _added(one.totals.get(measure, {}) for one in stretches) for measure in measures}
    return Stretch(totals, tuple(point for one in stretches for point in one.trend))


def lines_of(now: Stretch, before: Stretch) -> tuple[Line, ...]:
    """The lines of a report."""
    return tuple(
        Line(
            kpi,
            figure_of(kpi, now.totals.get(kpi.name, {})),
            figure_of(kpi, before.totals.get(kpi.name, {})),
            tuple((part, figures[kpi.name]) for part, figures in now.trend),
        )
        for kpi in KPIS.values()
    )


def parts_of(sums: Sums, labels: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts of a report in the order of ``labels``, then those without a label by their key."""
    keys = {key for _, key in sums}
    ordered = [key for key in labels if key in keys] + sorted(keys - labels.keys())
    return tuple(
        Part(
            key,
            labels.get(key, key if key not in ("", "0") else NOWHERE),
            {kpi.name: figure_of(kpi, sums.get((kpi.name, key), {})) for kpi in KPIS.values()},
        )
        for key in ordered
    )


def _within(by_day: Mapping[date, Buckets], period: Period) -> Buckets:
    if period.first == period.last:
        return by_day.get(period.first, {})
    return _added(buckets for day, buckets in by_day.items() if period.first <= day <= period.last)


def _added(several: Iterable[Buckets]) -> Buckets:
    found: dict[str, Sum] = {}
    for buckets in several:
        for name, one in buckets.items():
            found[name] = found[name] + one if name in found else one
    return found
