"""Notes which days that are over a step changes, in its transaction: their KPIs are then added up anew."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Step
from handoff.domain.kpis.facts import COMES_BACK_WITHIN
from handoff.domain.kpis.observations import day_of
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.store.kpis import days as store

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken

DAY: Final = timedelta(days=1)
WITH_THEIR_CONVERSATION: Final = frozenset({Step.OPEN, Step.TRANSFER})
"""Steps that change what counts for the conversation, which may have begun long before the case."""


async def mark_days(
    context: Context,
    db: AsyncConnection,
    taken: StepTaken,
) -> tuple[Event, ...]:
    """Note the days that this step changes, save today and yesterday, which are added up anyway."""
    zone = context.policy.kpi_zone
    case, today = taken.after, day_of(taken.now, zone)
    changed: set[date] = set()
    for targets in (taken.after.targets, *((taken.before.targets,) if taken.before else ())):
        changed |= {day_of(due, zone) for due in (targets.first_response_due, targets.resolution_due)}
    if taken.step in WITH_THEIR_CONVERSATION or _is_older(day_of(case.opened_at, zone), today):
        changed |= await store.days_of_case(db, case.id, zone)
    if taken.step is Step.OPEN:
        changed |= await store.days_of_earlier_resolutions(db, case.customer_id, taken.now - COMES_BACK_WITHIN, zone)
    await mark(db, changed, today)
    return ()


async def mark(db: AsyncConnection, days: set[date], today: date) -> None:
    """Note that these days change, save today, yesterday and what is to come."""
    await store.mark_changed(db, (day for day in days if _is_older(day, today)))


def _is_older(day: date, today: date) -> bool:
    return day < today - DAY
