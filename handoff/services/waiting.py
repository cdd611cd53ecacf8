"""Waits in a queue: measured as they happen, and told to the customer as a range whose hit rate is measured too (P25).

What is measured is read again once a minute at the most: a queue that moves asks for the range of everybody in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.cases import Case, CaseStatus
from handoff.domain.wait_estimate import (
    COUNTED,
    ENOUGH,
    WEEKS,
    MeasuredWait,
    SettledRange,
    WaitRange,
    differs_much,
    estimate,
    windows,
)
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import waits

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken
    from handoff.services.context import Context
    from handoff.services.events import Event
    from handoff.services.reading import CustomerState

READ_AGAIN_AFTER: Final = timedelta(minutes=1)
LATEST: Final = 300
"""So many of the queue's last waits stand in where its hour has too few."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of one queue's waits, and when it was read."""

    read_at: datetime
    waits: tuple[MeasuredWait, ...]
    told: tuple[SettledRange, ...]


@dataclass(slots=True)
class RecentWaits:
    """What was last read, by queue; shared by all use cases of a process.

    ``somebody`` says by queue and level when it was last looked whether anybody is there, and whether there was.
    """

    by_category: dict[Category, Measured] = field(default_factory=dict)
    somebody: dict[tuple[Category, int], tuple[datetime, bool]] = field(default_factory=dict)


async def wait_range(
    context: Context, db: AsyncConnection, case: Case, position: int | None, now: datetime
) -> WaitRange | None:
    """How long the customer will wait from now on; None while nothing can be said, or the queue is not served."""
    return await range_at(context, db, case.category, position, now) if position is not None else None


async def range_at(
    context: Context, db: AsyncConnection, category: Category, position: int, now: datetime
) -> WaitRange | None:
    """How long whoever stands at a place of a queue will wait from now on; None as for ``wait_range``."""
    if not context.policy.hours_of(category).is_open(now):
        return None
    measured = await _measured(context, db, category, now)
    return estimate(position, measured.waits, measured.told)


async def _measured(context: Context, db: AsyncConnection, category: Category, now: datetime) -> Measured:
    known = context.recent_waits.by_category.get(category)
    if known is not None and timedelta() <= now - known.read_at < READ_AGAIN_AFTER:
        return known
    spans = windows(now, context.policy.hours_of(category).zone)
    found = await waits.waits_within(db, category, spans)
    if len(found) < ENOUGH:
        found = await waits.latest_waits(db, category, since=now - timedelta(weeks=WEEKS), limit=LATEST)
    fresh = Measured(now, found, await waits.last_settled(db, category, limit=COUNTED))
    context.recent_waits.by_category[category] = fresh
    return fresh


async def remember_told(
    context: Context, db: AsyncConnection, case: Case, position: int, told: WaitRange, now: datetime
) -> None:
    """Keep what the customer was told, so that it can be held against what comes."""
    await waits.add_range(
        db,
        context.new_id(),
        case_id=case.id,
        category=case.category,
        position=position,
        told=told,
        now=now,
    )


async def note_shown(context: Context, state: CustomerState) -> None:
    """The customer saw this state: a range that is much unlike the last one told counts as told anew."""
    case, shown, now = state.case, state.wait, context.clock()
    if case is None or shown is None or not _is_news(state, shown, now):
        return
    async with context.db.write() as db:
        await store.get_conversation(db, case.conversation_id, for_change=True)
        standing = await case_store.get_case(db, case.id)
        if standing.status is CaseStatus.OPEN and standing.category is case.category:
            await remember_told(context, db, case, state.position or 1, shown, now)


def _is_news(state: CustomerState, shown: WaitRange, now: datetime) -> bool:
    told = state.told_wait
    return told is None or differs_much(told.range, told.told_at, shown, now)


async def follow_wait(context: Context, db: AsyncConnection, taken: StepTaken) -> tuple[Event, ...]:
    """What a step means to the wait: a stay in a queue ends, begins, or both."""
    before, after = taken.before, taken.after
    stayed = _stay(before) if before is not None else None
    stays = _stay(after)
    if stayed == stays:
        return ()
    if stayed is not None:
        await waits.end_wait(db, after.id, now=taken.now, taken=after.is_owned)
        await waits.settle_ranges(db, after.id, now=taken.now, taken=after.is_owned)
    if stays is not None:
        await waits.begin_wait(
            db,
            context.new_id(),
            case_id=after.id,
            category=after.category,
            position=await case_store.queue_position(db, after) or 1,
            now=taken.now,
        )
    return ()


def _stay(case: Case) -> tuple[Category, int] | None:
    """The queue and level at which a case waits; at another level others may take it."""
    return (case.category, case.level) if case.status is CaseStatus.OPEN else None
