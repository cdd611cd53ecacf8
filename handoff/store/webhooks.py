"""Webhooks in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.errors import NotFound
from handoff.domain.outbox import EventName, Webhook, WebhookFormat
from handoff.store.schema import webhooks

_ACTIVE: Final = select(webhooks).where(webhooks.c.active.is_(True)).order_by(webhooks.c.created_at, webhooks.c.id)


def webhook_of(row: Row[Any]) -> Webhook:
    """A row of ``webhooks`` as the domain knows it; events that exist no more are left out."""
    return Webhook(
        id=row.id,
        name=row.name,
        url=row.url,
        secret=row.secret,
        format=WebhookFormat(row.format),
        events=frozenset(EventName(event) for event in row.events if event in frozenset(EventName)),
        active=row.active,
        created_at=row.created_at,
    )


async def insert_webhook(db: AsyncConnection, webhook: Webhook) -> None:
    """Store a new one."""
    await db.execute(
        insert(webhooks).values(
            id=webhook.id,
            name=webhook.name,
            url=webhook.url,
            secret=webhook.secret,
            format=webhook.format,
            events=sorted(webhook.events),
            active=webhook.active,
            created_at=webhook.created_at,
        )
    )


async def active_webhooks(db: AsyncConnection) -> tuple[Webhook, ...]:
    """Those that are told, oldest first."""
    return tuple(webhook_of(row) for row in (await db.execute(_ACTIVE)).all())


async def get_webhook(db: AsyncConnection, webhook_id: str) -> Webhook:
    """Read one, removed or not; raises ``NotFound``."""
    row = (await db.execute(select(webhooks).where(webhooks.c.id == webhook_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such webhook.")
    return webhook_of(row)


async def switch_off(db: AsyncConnection, webhook_id: str) -> bool:
    """Tell it of nothing more; False when there was no such active one. Its row stays: the outbox refers to it."""
    found = await db.execute(
        update(webhooks).where(webhooks.c.id == webhook_id, webhooks.c.active.is_(True)).values(active=False)
    )
    return found.rowcount == 1
