"""Notifications in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.notifications import Notification, NotificationKind
from handoff.store.schema import notifications


def notification_of(row: Row[Any]) -> Notification:
    """A row of ``notifications`` as the domain knows it."""
    return Notification(
        row.id, row.agent_id, NotificationKind(row.kind), row.text, row.created_at, row.case_id, row.data, row.read_at
    )


async def add_notifications(db: AsyncConnection, found: Sequence[Notification]) -> None:
    """Store what members of staff are to be told."""
    if found:
        await db.execute(
            insert(notifications),
            [
                {
                    "id": one.id,
                    "agent_id": one.agent_id,
                    "kind": one.kind,
                    "case_id": one.case_id,
                    "text": one.text,
                    "data": one.data,
                    "created_at": one.created_at,
                    "read_at": one.read_at,
                }
                for one in found
            ],
        )


async def notifications_of(db: AsyncConnection, agent_id: str, *, limit: int = 100) -> tuple[Notification, ...]:
    """What a member of staff was told, newest first."""
    query = (
        select(notifications)
        .where(notifications.c.agent_id == agent_id)
        .order_by(notifications.c.created_at.desc(), notifications.c.id)
        .limit(limit)
    )
    return tuple(notification_of(row) for row in (await db.execute(query)).all())


async def was_told(
    db: AsyncConnection, agent_id: str, kind: NotificationKind, *, since: datetime, category: Category
) -> bool:
    """Whether a member of staff was told this of a queue since a moment (``data.category`` names the queue)."""
    query = select(notifications.c.data).where(
        notifications.c.agent_id == agent_id, notifications.c.created_at > since, notifications.c.kind == kind
    )
    return any(data.get("category") == category for data in (await db.execute(query)).scalars())
