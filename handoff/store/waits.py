"""Measured waits and the ranges that were told, in the database. Every function works inside the caller's transaction.

Both are of one stay in one queue: taken by an agent they are settled, moved elsewhere they say nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.wait_estimate import MeasuredWait, SettledRange, WaitRange
from handoff.store.schema import queue_waits, wait_estimates

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ToldRange:
    """A range as a customer was told it, and when."""

    range: WaitRange
    told_at: datetime


async def begin_wait(
    db: AsyncConnection, wait_id: str, *, case_id: str, category: Category, position: int, now: datetime
) -> None:
    """A case came into a queue, at this place."""
    await db.execute(
        insert(queue_waits).values(id=wait_id, case_id=case_id, category=category, began_at=now, position=position)
    )


async def end_wait(db: AsyncConnection, case_id: str, *, now: datetime, taken: bool) -> None:
    """The case left the queue. Unless an agent took it, nobody knows how long the wait would have been."""
    running = and_(queue_waits.c.case_id == case_id, queue_waits.c.waited_seconds.is_(None))
    if not taken:
        await db.execute(delete(queue_waits).where(running))
        return
    for row in (await db.execute(select(queue_waits.c.id, queue_waits.c.began_at).where(running))).all():
        waited = _seconds(now - row.began_at)
        await db.execute(update(queue_waits).where(queue_waits.c.id == row.id).values(waited_seconds=waited))


async def waits_within(
    db: AsyncConnection, category: Category, spans: Sequence[tuple[datetime, datetime]]
) -> tuple[MeasuredWait, ...]:
    """The waits of a queue that began within one of the spans."""
    began = queue_waits.c.began_at
    return await _waits(db, _measured(category).where(or_(*(and_(began >= at, began <= to) for at, to in spans))))


async def latest_waits(
    db: AsyncConnection, category: Category, *, since: datetime, limit: int
) -> tuple[MeasuredWait, ...]:
    """The last waits of a queue that began after a moment."""
    began = queue_waits.c.began_at
    return await _waits(db, _measured(category).where(began >= since).order_by(began.desc()).limit(limit))


def _measured(category: Category) -> Select[Any]:
    return select(queue_waits).where(queue_waits.c.category == category, queue_waits.c.waited_seconds.is_not(None))


async def _waits(db: AsyncConnection, query: Select[Any]) -> tuple[MeasuredWait, ...]:
    return tuple(
        MeasuredWait(row.began_at, row.position, row.waited_seconds * _SECOND)
        for row in (await db.execute(query)).all()
    )


async def add_range(
    db: AsyncConnection,
    estimate_id: str,
    *,
    case_id: str,
    category: Category,
    position: int,
    told: WaitRange,
    now: datetime,
) -> None:
    """Remember what a customer was told."""
    await db.execute(
        insert(wait_estimates).values(
            id=estimate_id,
            case_id=case_id,
            category=category,
            made_at=now,
            position=position,
            low_seconds=_seconds(told.low),
            high_seconds=_seconds(told.high),
            stretch=told.stretch,
        )
    )


async def standing_range(db: AsyncConnection, case_id: str) -> ToldRange | None:
    """The last range that the customer was told in this queue."""
    query = (
        select(wait_estimates)
        .where(wait_estimates.c.case_id == case_id, wait_estimates.c.hit.is_(None))
        .order_by(wait_estimates.c.made_at.desc())
        .limit(1)
    )
    row = (await db.execute(query)).first()
    return (
        ToldRange(WaitRange(row.low_seconds // 60, row.high_seconds // 60, row.stretch), row.made_at) if row else None
    )


async def settle_ranges(db: AsyncConnection, case_id: str, *, now: datetime, taken: bool) -> None:
    """Say of each range told in this queue whether it held.

    One whose case left the queue otherwise was missed if it had run out by then; if not, nobody knows, and it goes.
    """
    query = select(wait_estimates).where(wait_estimates.c.case_id == case_id, wait_estimates.c.hit.is_(None))
    for row in (await db.execute(query)).all():
        settled = _settled(row, now - row.made_at)
        this = wait_estimates.c.id == row.id
        if not taken and settled.waited <= settled.high:
            await db.execute(delete(wait_estimates).where(this))
        else:
            values = {"waited_seconds": _seconds(settled.waited), "hit": taken and settled.held}
            await db.execute(update(wait_estimates).where(this).values(**values))


async def last_settled(db: AsyncConnection, category: Category, *, limit: int) -> tuple[SettledRange, ...]:
    """The last settled ranges of a queue, newest last."""
    query = (
        select(wait_estimates)
        .where(wait_estimates.c.category == category, wait_estimates.c.hit.is_not(None))
        .order_by(wait_estimates.c.made_at.desc())
        .limit(limit)
    )
    rows = (await db.execute(query)).all()
    return tuple(_settled(row, row.waited_seconds * _SECOND) for row in reversed(rows))


def _settled(row: Row[Any], waited: timedelta) -> SettledRange:
    return SettledRange(row.low_seconds * _SECOND, row.high_seconds * _SECOND, row.stretch, waited)


def _seconds(span: timedelta) -> int:
    return round(span / _SECOND)
