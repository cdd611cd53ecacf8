"""The audit log in the database: it can be written to and read, and that is all; triggers refuse the rest."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.audit import AuditEntry, AuditFilter
from handoff.domain.conversations import SenderType
from handoff.store.schema import audit_log

_ADD: Final = insert(audit_log)


async def add_entry(db: AsyncConnection, entry: AuditEntry) -> None:
    """Write down one thing, in the transaction in which it happens."""
    await db.execute(
        _ADD,
        {
            "at": entry.at,
            "actor_type": entry.actor.type,
            "actor_id": entry.actor.id,
            "actor_name": entry.actor.name,
            "action": entry.action,
            "object_type": entry.object_type,
            "object_id": entry.object_id,
            "data": entry.data,
        },
    )


async def read_entries(
    db: AsyncConnection, wanted: AuditFilter, *, before: int | None = None, limit: int
) -> tuple[AuditEntry, ...]:
    """Entries, newest first: those with an id below ``before`` (None: from the newest on), at most ``limit``."""
    query = select(audit_log).order_by(audit_log.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(audit_log.c.id < before)
    for column, value in (
        (audit_log.c.actor_id, wanted.actor_id),
        (audit_log.c.object_type, wanted.object_type),
        (audit_log.c.object_id, wanted.object_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.action is not None:
        named = wanted.action
        is_family = named.endswith("*")
        query = query.where(
            audit_log.c.action.startswith(named[:-1], autoescape=True) if is_family else audit_log.c.action == named
        )
    if wanted.since is not None:
        query = query.where(audit_log.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit_log.c.at < wanted.until)
    return tuple(entry_of(row) for row in (await db.execute(query)).all())


def entry_of(row: Row[Any]) -> AuditEntry:
    """A row of ``audit_log`` as the domain knows it."""
    return AuditEntry(
        id=row.id,
        at=row.at,
        actor=Actor(SenderType(row.actor_type), row.actor_id, row.actor_name),
        action=row.action,
        object_type=row.object_type,
        object_id=row.object_id,
        data=row.data,
    )
