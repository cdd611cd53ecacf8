"""Adds the KPIs up by day: what a late step changes is noted in its transaction, and the day is then added up anew.

Today and yesterday are added up again and again, because what customers do there changes figures without any step of a
case. Every day is computed from its facts in one snapshot and put in place by compare-and-set, so several nodes may do
it at the same time, and what changes meanwhile is seen the next time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from handoff.domain.kpis.facts import SETTLES_AFTER
from handoff.domain.kpis.observations import CellKey, Sum, cells_of, day_of
from handoff.domain.kpis.periods import Period
from handoff.domain.kpis.registry import KPIS
from handoff.services.context import Context
from handoff.services.rounds import Rounds
from handoff.store.kpis import days as store
from handoff.store.kpis.reading import read_facts
from handoff.store.kpis.span import Span

ANSWERS_IN_FLIGHT: Final = timedelta(minutes=1)
"""How much longer than ``SETTLES_AFTER`` a day stays unsettled, for transactions that began before its end."""
REST_SECONDS: Final = 5.0
"""How long the loop rests at least."""
REST_SHARE: Final = 20
"""It rests at least so many times as long as it worked: adding up never takes more than a twentieth of one core."""
DAYS_AT_ONCE: Final = 7
"""Days of the past in one round: after an upgrade, a long history fills up from its end while the service runs."""
YESTERDAY_EVERY: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Rolled:
    """One round: the days that were added up, and how many are left to do."""

    days: tuple[date, ...]
    left: int


async def roll_up_day(context: Context, day: date) -> bool:
    """Add up one day from its facts. Returns False when another process did so at the same time."""
    async with context.db.write() as db:
        await store.begin_day(db, day)
    period, zone = Period(day, day), context.policy.kpi_zone
    async with context.db.read() as db:
        as_of = context.clock()
        read = (await store.rollups_of(db, day, day))[day]
        facts = await read_facts(db, Span(period.begins(zone), period.ends(zone)), as_of=as_of)
    cells: dict[CellKey, Sum] = {}
    for kpi in KPIS.values():
        cells |= cells_of(kpi.name, kpi.observe(facts), zone)
        await asyncio.sleep(0)  # a busy day takes longer than a customer's message may wait
    async with context.db.write() as db:
        return await store.save_day(db, read, cells, zone, as_of=as_of)


async def days_to_roll_up(context: Context, *, every: bool = False) -> tuple[date, ...]:
    """The days that are to be added up now, newest first.

    With ``every``, today and yesterday are among them however lately they were done.
    """
    now = context.clock()
    zone = context.policy.kpi_zone
    today = day_of(now, zone)
    async with context.db.read() as db:
        first = await store.first_day(db, zone)
        if first is None:
            return ()
        known = await store.rollups_of(db, first, today)
        changed = set(await store.changed_days(db))
    wanted = []
    for back in range((today - first).days + 1):
        day = today - timedelta(days=back)
        rollup = known.get(day)
        is_fresh = rollup is not None and _is_fresh(rollup, day, now, zone, every=every)
        if day in changed or not is_fresh:
            wanted.append(day)
    return tuple(wanted)


def _is_fresh(rollup: store.Rollup, day: date, now: datetime, zone: tzinfo, *, every: bool) -> bool:
    if rollup.rolled_at is None or rollup.zone != str(zone):
        return False  # never added up, or by another clock
    settles = Period(day, day).ends(zone) + SETTLES_AFTER + ANSWERS_IN_FLIGHT
    if rollup.rolled_at >= settles:
        return True
    if every:
        return False
    is_today = day == day_of(now, zone)
    return now - rollup.rolled_at < (timedelta(seconds=REST_SECONDS) if is_today else YESTERDAY_EVERY)


async def roll_up(context: Context, days: Sequence[date]) -> Rolled:
    """Add up these days."""
    done = [day for day in days if await roll_up_day(context, day)]
    return Rolled(tuple(done), len(days) - len(done))


async def roll_up_all(context: Context, *, rebuild: bool = False) -> Rolled:
    """Add up everything that is not up to date; with ``rebuild``, every day since the first fact."""
    days = await days_to_roll_up(context, every=True)
    if rebuild and days:
        async with context.db.read() as db:
            first = await store.first_day(db, context.policy.kpi_zone)
        if first is not None:
            days = tuple(days[0] - timedelta(days=back) for back in range((days[0] - first).days + 1))
    return await roll_up(context, days)


class KpiRollups:
    """Adds up what is due while the service runs."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._rounds = Rounds("kpi_rollup_failed", every=REST_SECONDS, share=REST_SHARE)

    async def keep_up(self) -> None:
        """Add up what is due, again and again, until closed. What goes wrong is logged and tried again."""
        await self._rounds.keep(self._go_round)

    async def _go_round(self) -> None:
        context = self._context.current()
        for day in (await days_to_roll_up(context))[:DAYS_AT_ONCE]:
            if not self._rounds.is_closing:
                await roll_up_day(context, day)

    def close(self) -> None:
        """Let ``keep_up`` end."""
        self._rounds.close()
