"""Whether somebody is there for a queue now, and when somebody will be (P16, pain 11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Case
from handoff.domain.levels import demanded_level, highest_level
from handoff.services.context import Context
from handoff.services.presence import present_of
from handoff.store import people

LOOK_AGAIN_AFTER: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Availability:
    """Who could take a case now. ``opens_at`` is when a closed queue opens next, None where nobody knows."""

    somebody: bool
    in_hours: bool
    opens_at: datetime | None = None


async def somebody_lately(context: Context, db: AsyncConnection, case: Case, now: datetime) -> bool:
    """Whether anybody may take the case, looked at every few seconds: a queue that moves asks for everybody in it."""
    key = (case.category, case.level)
    known = context.recent_waits.somebody.get(key)
    if known is None or not timedelta() <= now - known[0] < LOOK_AGAIN_AFTER:
        known = (now, (await availability(context, db, case, now)).somebody)
        context.recent_waits.somebody[key] = known
    return known[1]


async def availability(context: Context, db: AsyncConnection, case: Case, now: datetime) -> Availability:
    """Whether anybody at a desk may take this case, whatever the hour; else whether its queue is open at all."""
    staff = await people.active_agents(db)
    demanded = demanded_level(case, highest_level(staff, case.category))
    able = [agent.id for agent in staff if agent.level >= demanded and case.category in agent.visible_queues()]
    somebody = bool(await present_of(context, db, able))
    hours = context.policy.hours_of(case.category)
    in_hours = hours.is_open(now)
    return Availability(somebody, in_hours, None if in_hours else hours.next_opening(now))
