"""Where a customer can be written to besides the conversation, in the caller's transaction."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.store.schema import conversations


async def contact_email(db: AsyncConnection, conversation_id: str) -> str | None:
    """The address that the customer left in this conversation."""
    query = select(conversations.c.contact_email).where(conversations.c.id == conversation_id)
    return (await db.execute(query)).scalar_one_or_none()


async def keep_contact_email(db: AsyncConnection, conversation_id: str, email: str) -> None:
    """Remember the address; it replaces an earlier one."""
    await db.execute(update(conversations).where(conversations.c.id == conversation_id).values(contact_email=email))
