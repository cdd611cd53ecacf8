"""Notifications in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
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


async def notifications_of(
    db: AsyncConnection, agent_id: str, *, limit: int = 100, unread: bool = False
) -> tuple[Notification, ...]:
    """What a member of staff was told, newest first; ``unread``: only what they have not read."""
    query = select(notifications).where(notifications.c.agent_id == agent_id)
    if unread:
        query = query.where(notifications.c.read_at.is_(None))
    query = query.order_by(notifications.c.created_at.desc(), notifications.c.id).limit(limit)
    return tuple(notification_of(row) for row in (await db.execute(query)).all())


async def told_since(
    db: AsyncConnection, agent_ids: Sequence[str], kind: NotificationKind, *, since: datetime, category: Category
) -> frozenset[str]:
    """Who of these was told this of a queue since a moment (``data.category`` names the queue)."""
    query = select(notifications.c.agent_id, notifications.c.data).where(
        notifications.c.agent_id.in_(agent_ids), notifications.c.created_at > since, notifications.c.kind == kind
    )
    found = (await db.execute(query)).all() if agent_ids else ()
    return frozenset(row.agent_id for row in found if row.data.get("category") == category)


async def unread_count(db: AsyncConnection, agent_id: str) -> int:
    """How much of what they were told somebody has not read."""
    query = select(func.count()).where(notifications.c.agent_id == agent_id, notifications.c.read_at.is_(None))
    return int((await db.execute(query)).scalar_one())


async def exists(db: AsyncConnection, agent_id: str, notification_id: str) -> bool:
    """Whether this was told to this member of staff."""
    query = select(notifications.c.id).where(
        notifications.c.id == notification_id, notifications.c.agent_id == agent_id
    )
    return (await db.execute(query)).first() is not None


async def mark_read(db: AsyncConnection, agent_id: str, now: datetime, notification_id: str | None = None) -> int:
    """Note that they have read one line, or all; returns how many were unread."""
    change = (
        update(notifications)
        .where(notifications.c.agent_id == agent_id, notifications.c.read_at.is_(None))
        .values(read_at=now)
    )
    if notification_id is not None:
        change = change.where(notifications.c.id == notification_id)
    return (await db.execute(change)).rowcount
