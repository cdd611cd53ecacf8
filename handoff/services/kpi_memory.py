"""Days that are over, as a process added them up for a report once: they change seldom, and are asked for all the time.

What is kept is what such days came to under a stamp of theirs. The stamp is read together with the rest of a report and
changes when any of these days is added up anew, by whatever process, so what is told from memory is what would be read.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.kpis.observations import day_of
from handoff.domain.kpis.periods import Period, Step
from handoff.domain.kpis.report import Stretch, joined, stretch_of, totals_of
from handoff.store.kpis import days as store
from handoff.store.kpis.days import By, Chosen, Stamp

if TYPE_CHECKING:
    from handoff.services.context import Context

MOVING: Final = timedelta(days=1)
"""Today and so much before it are added up again and again."""
FEW_DAYS: Final = 3
REMEMBERED: Final = 24
"""Stretches of days that are kept, the last ones asked for. Three make a page; one of a month takes half a megabyte."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which days and places, and by which parts of a trend; None: without one."""

    period: Period
    chosen: Chosen
    step: Step | None


@dataclass(slots=True)
class KnownDays:
    """What days that are over came to, under the stamp they had; shared by all use cases of a process."""

    _known: OrderedDict[Asked, tuple[Stamp, Stretch]] = field(default_factory=OrderedDict)

    def get(self, asked: Asked, stamp: Stamp) -> Stretch | None:
        """What is known, if the days still bear this stamp."""
        kept, found = self._known.get(asked, (None, None))
        if kept != stamp:
            return None
        self._known.move_to_end(asked)
        return found

    def keep(self, asked: Asked, stamp: Stamp, found: Stretch) -> None:
        """Keep what was read, in place of what was asked for longest ago."""
        self._known[asked] = (stamp, found)
        self._known.move_to_end(asked)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


async def stretch(context: Context, db: AsyncConnection, asked: Asked) -> Stretch:
    """What the days of a period came to; those that are over apart from those whose stamp changes all the time."""
    first_moving = day_of(context.clock(), context.policy.kpi_zone) - MOVING
    halves = asked.period.split(first_moving, asked.step or Step.DAY)
    return joined([await _known(context, db, Asked(half, asked.chosen, asked.step)) for half in halves if half])


async def _known(context: Context, db: AsyncConnection, asked: Asked) -> Stretch:
    stamp = await store.stamp_of(db, asked.period.first, asked.period.last)
    known = context.known_days.get(asked, stamp)
    if known is None:
        known = await _read(db, asked)
        context.known_days.keep(asked, stamp, known)
    return known


async def _read(db: AsyncConnection, asked: Asked) -> Stretch:
    first, last = asked.period.first, asked.period.last
    if asked.step is None:
        return Stretch(await store.totals(db, first, last, asked.chosen))
    days = await store.sums(db, first, last, asked.chosen, By.DAY)
    # Of many days the database sums sooner than we do.
    totals = await store.totals(db, first, last, asked.chosen) if asked.period.days > FEW_DAYS else totals_of(days)
    return stretch_of(totals, days, asked.period.parts(asked.step))
