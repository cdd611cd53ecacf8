"""What customers' conversations were about, in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category, EarlierContact
from handoff.store.schema import contacts

_NOTE_IN_SQLITE: Final = sqlite_insert(contacts).on_conflict_do_nothing()
_NOTE_IN_POSTGRES: Final = postgres_insert(contacts).on_conflict_do_nothing()


async def note_contact(
    db: AsyncConnection,
    *,
    conversation_id: str,
    customer_id: str,
    topic: str,
    category: Category,
    at: datetime,
) -> None:
    """Remember that this conversation is about this topic; saying it again changes nothing (P2)."""
    await db.execute(
        _NOTE_IN_SQLITE if db.dialect.name == "sqlite" else _NOTE_IN_POSTGRES,
        {
            "conversation_id": conversation_id,
            "topic": topic,
            "customer_id": customer_id,
            "category": category,
            "at": at,
        },
    )


async def earlier_contacts(
    db: AsyncConnection, *, customer_id: str, since: datetime, but: str | None = None, limit: int = 20
) -> tuple[EarlierContact, ...]:
    """What the customer's conversations since then were about, newest first, without conversation ``but``."""
    query = (
        select(contacts)
        .where(contacts.c.customer_id == customer_id, contacts.c.at >= since)
        .order_by(contacts.c.at.desc())
        .limit(limit)
    )
    if but is not None:
        query = query.where(contacts.c.conversation_id != but)
    return tuple(
        EarlierContact(conversation_id=row.conversation_id, topic=row.topic, category=Category(row.category), at=row.at)
        for row in (await db.execute(query)).all()
    )
