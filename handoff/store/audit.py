"""The audit log in the database: it can be written to and read, and that is all."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.audit import AuditEntry
from handoff.store.schema import audit_log


async def add_entry(db: AsyncConnection, entry: AuditEntry) -> None:
    """Write down one thing, in the transaction in which it happens."""
    await db.execute(
        insert(audit_log).values(
            at=entry.at,
            actor_type=entry.actor.type,
            actor_id=entry.actor.id,
            actor_name=entry.actor.name,
            action=entry.action,
            object_type=entry.object_type,
            object_id=entry.object_id,
            data=entry.data,
        )
    )
