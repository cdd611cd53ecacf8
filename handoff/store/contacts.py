"""What customers' conversations were about, in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category, EarlierContact
from handoff.domain.conversations import SenderType
from handoff.store.schema import contacts, messages, turns

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


async def times_of_customer(
    db: AsyncConnection, conversation_id: str, *, since: datetime, until: datetime
) -> tuple[datetime, ...]:
    """When the customer wrote in a conversation, oldest first."""
    query = (
        select(messages.c.created_at)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.sender == SenderType.CUSTOMER,
            messages.c.created_at >= since,
            messages.c.created_at <= until,
        )
        .order_by(messages.c.seq)
    )
    return tuple((await db.execute(query)).scalars())


async def topics_of_turns(
    db: AsyncConnection, conversation_id: str, *, since: datetime
) -> tuple[tuple[datetime, str], ...]:
    """What the turns of a conversation were about, and when they came, oldest first."""
    topic = turns.c.record["topic"].as_string()
    query = (
        select(turns.c.created_at, topic)
        .where(turns.c.conversation_id == conversation_id, turns.c.created_at >= since, topic.is_not(None))
        .order_by(turns.c.created_at, turns.c.seq)
    )
    return tuple((row[0], row[1]) for row in (await db.execute(query)).all())
