"""Reads the KPIs of a period from the days that are added up, and the cases behind a number from their facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.kpis.facts import Place
from handoff.domain.kpis.observations import Observation, day_of
from handoff.domain.kpis.periods import Period, Step
from handoff.domain.kpis.registry import Kpi
from handoff.domain.kpis.report import Part, Report, lines_of, parts_of
from handoff.services.context import Context
from handoff.services.kpi_memory import Asked, stretch
from handoff.store import people
from handoff.store.kpis import days as store
from handoff.store.kpis.days import By, Chosen
from handoff.store.kpis.reading import read_facts
from handoff.store.kpis.span import Span

EVERYWHERE: Final = Chosen()
MOST_SUBJECTS: Final = 500
"""The most cases behind one number that are listed."""


@dataclass(frozen=True, slots=True)
class Behind:
    """One case or conversation behind a number. ``number`` is the case's; None for a conversation without one."""

    at: datetime
    subject: str
    number: str | None
    bucket: str
    place: Place
    value: float


async def report(
    context: Context, period: Period, *, chosen: Chosen = EVERYWHERE, step: Step = Step.DAY, by: By | None = None
) -> Report:
    """All KPIs of the period; with ``by``, also for each queue, level or agent of it."""
    before = period.before()
    async with context.db.read() as db:
        now = await stretch(context, db, Asked(period, chosen, step))
        earlier = await stretch(context, db, Asked(before, chosen, None))
        parts: tuple[Part, ...] = ()
        if by is not None and by is not By.DAY:
            labels = await _labels(context, db, by)
            parts = parts_of(await store.sums(db, period.first, period.last, chosen, by), labels)
        as_of, missing = await _state(context, db, period)
    return Report(period, before, step, lines_of(now, earlier), as_of, missing, parts, str(context.policy.kpi_zone))


async def _state(context: Context, db: AsyncConnection, period: Period) -> tuple[datetime | None, int]:
    """When the newest day of the period was added up, and how many of its days are not up to date."""
    zone = context.policy.kpi_zone
    first, today = await store.first_day(db, zone), day_of(context.clock(), zone)
    if first is None or first > period.last:
        return None, 0
    begin, end = max(first, period.first), min(period.last, today)
    known = await store.rollups_of(db, begin, end)
    rolled = [found.rolled_at for found in known.values() if found.rolled_at is not None]
    done = sum(
        found.rolled_at is not None and not found.has_changed and found.zone == str(zone) for found in known.values()
    )
    return max(rolled, default=None), max(0, (end - begin).days + 1 - done)


def kind_labels(context: Context) -> dict[str, str]:
    """What the kinds are called that a KPI counts: reasons of handoffs and root causes."""
    causes = {code: label for group in context.policy.root_causes.values() for code, label in group.causes.items()}
    return {**{str(reason): text for reason, text in context.wording.why.reasons.items()}, **causes}


async def _labels(context: Context, db: AsyncConnection, by: By) -> Mapping[str, str]:
    if by is By.CATEGORY:
        return {category: context.wording.queue(category) for category in Category}
    if by is By.LEVEL:
        return {str(level): entry.name for level, entry in sorted(context.policy.levels.items())}
    return dict(sorted((await people.agent_names(db)).items(), key=lambda named: named[1]))


async def behind(
    context: Context,
    kpi: Kpi,
    period: Period,
    *,
    chosen: Chosen = EVERYWHERE,
    bucket: str | None = None,
    limit: int = MOST_SUBJECTS,
) -> tuple[Behind, ...]:
    """The cases behind a number, newest first: all that count, or those in one bucket (``hit``, ``miss``, a reason).

    Only days whose cells hold something of the kind are read, and none after ``limit`` are found.
    """
    found: list[Behind] = []
    async with context.db.read() as db:
        sums = await store.sums(db, period.first, period.last, chosen, By.DAY, measures=(kpi.name,))
        days = {date.fromisoformat(day) for (_, day), buckets in sums.items() if bucket is None or bucket in buckets}
        zone = context.policy.kpi_zone
        today = day_of(context.clock(), zone)
        days |= {day for day in (today, today - timedelta(days=1)) if period.first <= day <= period.last}
        for day in sorted(days, reverse=True):
            if len(found) >= limit:
                break
            span = Span(Period(day, day).begins(zone), Period(day, day).ends(zone))
            facts = await read_facts(db, span, as_of=context.clock(), sections=kpi.needs)
            seen = [one for one in kpi.observe(facts) if _fits(one, chosen, bucket)]
            seen.sort(key=lambda one: (one.at, one.subject), reverse=True)
            numbers = await store.case_numbers(db, [one.subject for one in seen[: limit - len(found)]])
            found += [
                Behind(one.at, one.subject, numbers.get(one.subject), one.bucket, one.place, one.value)
                for one in seen[: limit - len(found)]
            ]
    return tuple(found)


def _fits(seen: Observation, chosen: Chosen, bucket: str | None) -> bool:
    return (
        (bucket is None or seen.bucket == bucket)
        and chosen.category in (None, seen.place.category)
        and chosen.level in (None, seen.place.level)
        and chosen.agent_id in (None, seen.place.agent_id)
    )
