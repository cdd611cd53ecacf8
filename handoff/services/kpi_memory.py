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
from handoff.domain.kpis.report import Stretch, joined, stretch_of
from handoff.store.kpis import days as store
from handoff.store.kpis.days import By, Chosen, Stamp

if TYPE_CHECKING:
    from handoff.services.context import Context

MOVING: Final = timedelta(days=1)
"""Today and so much before it are added up again and again, and always read."""
REMEMBERED: Final = 16
"""Stretches of days that are kept, the last ones asked for. Two make a page; one of a month takes half a megabyte."""


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
    """What the days of a period came to: those that are over from memory where known, the others as they stand."""
    first_moving = day_of(context.clock(), context.policy.kpi_zone) - MOVING
    over, rest = asked.period.split(first_moving, asked.step or Step.DAY)
    found = []
    if over is not None:
        found.append(await _over(context, db, Asked(over, asked.chosen, asked.step)))
    if rest is not None:
        found.append(await _read(db, Asked(rest, asked.chosen, asked.step)))
    return joined(found)


async def _over(context: Context, db: AsyncConnection, asked: Asked) -> Stretch:
    stamp = await store.stamp_of(db, asked.period.first, asked.period.last)
    known = context.known_days.get(asked, stamp)
    if known is None:
        known = await _read(db, asked)
        context.known_days.keep(asked, stamp, known)
    return known


async def _read(db: AsyncConnection, asked: Asked) -> Stretch:
    first, last = asked.period.first, asked.period.last
    totals = await store.totals(db, first, last, asked.chosen)
    if asked.step is None:
        return Stretch(totals)
    return stretch_of(totals, await store.sums(db, first, last, asked.chosen, By.DAY), asked.period.parts(asked.step))
