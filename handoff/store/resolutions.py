"""Resolutions in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.errors import NotFound
from handoff.domain.resolutions import Channel, Resolution
from handoff.store.schema import resolutions

_AWAITED = (
    resolutions.c.follow_up_on.is_not(None),
    resolutions.c.followed_up_at.is_(None),
    resolutions.c.reopened_at.is_(None),
)


def resolution_of_row(row: Row[Any]) -> Resolution:
    """A row of ``resolutions`` as the domain knows it."""
    return Resolution(
        case_id=row.case_id,
        number=row.number,
        agent_id=row.agent_id,
        resolved_at=row.resolved_at,
        disposition=row.disposition,
        root_cause=row.root_cause,
        outcome=row.outcome,
        follow_up_on=row.follow_up_on,
        follow_up_told_at=row.follow_up_told_at,
        followed_up_at=row.followed_up_at,
        csat=row.csat,
        nps=row.nps,
        comment=row.comment,
        rated_at=row.rated_at,
        rated_by=Channel(row.rated_by) if row.rated_by else None,
        reopened_at=row.reopened_at,
    )


async def add_resolution(db: AsyncConnection, resolution: Resolution) -> None:
    """Store a case's next resolution."""
    await db.execute(
        insert(resolutions).values(case_id=resolution.case_id, number=resolution.number, **_values(resolution))
    )


async def save_resolution(db: AsyncConnection, resolution: Resolution) -> None:
    """Store what became of a resolution. The case's conversation must be held for change."""
    await db.execute(update(resolutions).where(*_is(resolution)).values(**_values(resolution)))


def _is(resolution: Resolution) -> tuple[Any, ...]:
    return resolutions.c.case_id == resolution.case_id, resolutions.c.number == resolution.number


def _values(resolution: Resolution) -> dict[str, Any]:
    return {
        "agent_id": resolution.agent_id,
        "resolved_at": resolution.resolved_at,
        "disposition": resolution.disposition,
        "root_cause": resolution.root_cause,
        "outcome": resolution.outcome,
        "follow_up_on": resolution.follow_up_on,
        "follow_up_told_at": resolution.follow_up_told_at,
        "followed_up_at": resolution.followed_up_at,
        "csat": resolution.csat,
        "nps": resolution.nps,
        "comment": resolution.comment,
        "rated_at": resolution.rated_at,
        "rated_by": resolution.rated_by,
        "reopened_at": resolution.reopened_at,
    }


async def resolutions_of(db: AsyncConnection, case_id: str) -> tuple[Resolution, ...]:
    """All resolutions of a case, the first one first."""
    query = select(resolutions).where(resolutions.c.case_id == case_id).order_by(resolutions.c.number)
    return tuple(resolution_of_row(row) for row in (await db.execute(query)).all())


async def get_resolution(db: AsyncConnection, case_id: str, number: int) -> Resolution:
    """One resolution; raises ``NotFound``."""
    query = select(resolutions).where(resolutions.c.case_id == case_id, resolutions.c.number == number)
    row = (await db.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such resolution.")
    return resolution_of_row(row)


async def mark_reopened(db: AsyncConnection, case_id: str, number: int, now: datetime) -> None:
    """Write down that a resolution did not hold. Cases closed before resolutions were kept have none to mark."""
    await db.execute(
        update(resolutions)
        .where(resolutions.c.case_id == case_id, resolutions.c.number == number)
        .values(reopened_at=now)
    )


async def awaited_follow_ups(
    db: AsyncConnection, *, until: date | None = None, untold: bool = False, limit: int = 500
) -> tuple[Resolution, ...]:
    """The follow-ups that nobody has done yet, the earliest day first; ``untold`` ones nobody was told of."""
    query = select(resolutions).where(*_AWAITED)
    if until is not None:
        query = query.where(resolutions.c.follow_up_on <= until)
    if untold:
        query = query.where(resolutions.c.follow_up_told_at.is_(None))
    query = query.order_by(resolutions.c.follow_up_on, resolutions.c.resolved_at, resolutions.c.case_id).limit(limit)
    return tuple(resolution_of_row(row) for row in (await db.execute(query)).all())


async def take_follow_up(db: AsyncConnection, resolution: Resolution, now: datetime) -> bool:
    """Claim the telling of a due follow-up, by compare-and-set: of several nodes one gets True."""
    taken = await db.execute(
        update(resolutions)
        .where(*_is(resolution), *_AWAITED, resolutions.c.follow_up_told_at.is_(None))
        .values(follow_up_told_at=now)
    )
    return taken.rowcount == 1


async def resolutions_by_case(db: AsyncConnection, case_ids: Sequence[str]) -> dict[str, list[Resolution]]:
    """The resolutions of several cases, by case, the first one first."""
    found: dict[str, list[Resolution]] = {}
    query = select(resolutions).where(resolutions.c.case_id.in_(case_ids)).order_by(resolutions.c.number)
    for row in (await db.execute(query)).all():
        found.setdefault(row.case_id, []).append(resolution_of_row(row))
    return found
