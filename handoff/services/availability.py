"""Whether somebody is there for a queue now, and when somebody will be (P16, pain 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.cases import Case
from handoff.domain.levels import demanded_level, highest_level
from handoff.domain.people import Agent
from handoff.domain.presence import PresenceState
from handoff.services.context import Context
from handoff.services.presence import present_of
from handoff.store import people, presences

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


async def served_levels(
    context: Context, db: AsyncConnection, now: datetime
) -> dict[Category, tuple[bool, frozenset[int]]]:
    """By queue, whether it is open, and the levels for which somebody is at a desk now: what a told wait rests on."""
    agents = await people.active_agents(db)
    here = await present_of(context, db, [agent.id for agent in agents])
    there = [agent for agent in agents if agent.id in here]
    return {
        category: (
            context.policy.hours_of(category).is_open(now),
            frozenset(level for level in context.policy.levels if _serves(agents, there, category, level)),
        )
        for category in Category
    }


async def deserted(context: Context, db: AsyncConnection, now: datetime) -> frozenset[tuple[Category, int]]:
    """The queues and levels for which nobody has been at a desk for longer than a case may find nobody.

    So long it may take to open a desk again that was closed by mistake.
    """
    agents = await people.active_agents(db)
    known = await presences.presences_of(db, [agent.id for agent in agents])
    limit = context.policy.presence.offline_after
    here = {key for key, one in known.items() if one.at(now, limit) is PresenceState.ONLINE}
    left = {key: one.gone_since(now, limit) or one.changed_at for key, one in known.items() if key not in here}
    since = now - context.policy.assignment.nobody_after
    there = [agent for agent in agents if agent.id in here or left.get(agent.id, since) > since]
    return frozenset(
        (category, level)
        for category in Category
        for level in context.policy.levels
        if not _serves(agents, there, category, level)
    )


def _serves(staff: Sequence[Agent], there: Sequence[Agent], category: Category, level: int) -> bool:
    demanded = min(level, highest_level(staff, category) or level)
    return any(agent.level >= demanded and category in agent.visible_queues() for agent in there)


async def availability(context: Context, db: AsyncConnection, case: Case, now: datetime) -> Availability:
    """Whether anybody at a desk may take this case, whatever the hour; else whether its queue is open at all."""
    staff = await people.active_agents(db)
    demanded = demanded_level(case, highest_level(staff, case.category))
    able = [agent.id for agent in staff if agent.level >= demanded and case.category in agent.visible_queues()]
    somebody = bool(await present_of(context, db, able))
    hours = context.policy.hours_of(case.category)
    in_hours = hours.is_open(now)
    return Availability(somebody, in_hours, None if in_hours else hours.next_opening(now))
