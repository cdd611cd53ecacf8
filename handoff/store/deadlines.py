"""The deadlines of cases in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Case, CaseStatus
from handoff.store.cases import case_of
from handoff.store.schema import cases


async def due_cases(db: AsyncConnection, now: datetime, *, limit: int) -> tuple[str, ...]:
    """The cases to which something happens by itself before ``now``, in the order of their deadlines."""
    query = (
        select(cases.c.id)
        .where(cases.c.status != CaseStatus.CLOSED, cases.c.next_deadline_at < now)
        .order_by(cases.c.next_deadline_at, cases.c.number)
        .limit(limit)
    )
    return tuple((await db.execute(query)).scalars().all())


async def unresolved_cases(db: AsyncConnection) -> tuple[Case, ...]:
    """Every case that is not closed, oldest first."""
    query = select(cases).where(cases.c.status != CaseStatus.CLOSED).order_by(cases.c.number)
    return tuple(case_of(row) for row in (await db.execute(query)).all())


async def restate_deadline(db: AsyncConnection, case: Case) -> None:
    """Store another next deadline of a case that nobody changed meanwhile; no step, so its version stays."""
    await db.execute(
        update(cases)
        .where(cases.c.id == case.id, cases.c.version == case.version)
        .values(next_deadline_at=case.next_deadline_at, next_deadline=case.next_deadline)
    )
