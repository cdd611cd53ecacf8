"""The history of cases in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import CaseEvent, Step
from handoff.store.schema import case_events


async def add_event(db: AsyncConnection, event: CaseEvent) -> None:
    """Append one row to a case's history."""
    await db.execute(
        insert(case_events).values(
            case_id=event.case_id,
            at=event.at,
            step=event.step,
            actor_type=event.actor_type,
            actor_id=event.actor_id,
            actor_name=event.actor_name,
            text=event.text,
            data=event.data,
        )
    )


async def events_of(db: AsyncConnection, case_id: str) -> tuple[CaseEvent, ...]:
    """The history of a case, oldest first."""
    query = select(case_events).where(case_events.c.case_id == case_id).order_by(case_events.c.id)
    return tuple(event_of(row) for row in (await db.execute(query)).all())


def event_of(row: Row[Any]) -> CaseEvent:
    """A row of ``case_events`` as the domain knows it."""
    return CaseEvent(
        case_id=row.case_id,
        at=row.at,
        step=Step(row.step),
        actor_type=row.actor_type,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        text=row.text,
        data=row.data,
    )
