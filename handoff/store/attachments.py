"""Attachments in the database; the bytes lie elsewhere. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.attachments import Attachment, AttachmentStatus, MediaType
from handoff.domain.errors import NotFound
from handoff.store.schema import attachments


def attachment_of(row: Row[Any]) -> Attachment:
    """A row of ``attachments`` as the domain knows it."""
    return Attachment(
        id=row.id,
        conversation_id=row.conversation_id,
        name=row.name,
        media_type=MediaType(row.media_type),
        size=row.size,
        sha256=row.sha256,
        status=AttachmentStatus(row.status),
        agent_id=row.agent_id,
        uploaded_at=row.uploaded_at,
        message_id=row.message_id,
    )


async def insert_attachment(db: AsyncConnection, attachment: Attachment) -> None:
    """Store an uploaded file that no message carries yet."""
    await db.execute(
        insert(attachments).values(
            id=attachment.id,
            conversation_id=attachment.conversation_id,
            name=attachment.name,
            media_type=attachment.media_type,
            size=attachment.size,
            sha256=attachment.sha256,
            status=attachment.status,
            agent_id=attachment.agent_id,
            uploaded_at=attachment.uploaded_at,
        )
    )


async def get_attachment(db: AsyncConnection, attachment_id: str) -> Attachment:
    """One attachment; raises ``NotFound``."""
    row = (await db.execute(select(attachments).where(attachments.c.id == attachment_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such file.")
    return attachment_of(row)


async def bytes_of_conversation(db: AsyncConnection, conversation_id: str) -> int:
    """How much the files of a conversation hold together."""
    query = select(func.coalesce(func.sum(attachments.c.size), 0)).where(
        attachments.c.conversation_id == conversation_id
    )
    return int((await db.execute(query)).scalar_one())


async def give_to_message(
    db: AsyncConnection, conversation_id: str, message_id: str, ids: Sequence[str], agent_id: str | None
) -> tuple[Attachment, ...]:
    """Let a message carry uploaded files, in the order of ``ids``; returns those that could be given.

    One that is of another conversation or sender, was given before, or was found infected, is not among them.
    """
    found = []
    for place, attachment_id in enumerate(ids):
        change = (
            update(attachments)
            .where(
                attachments.c.id == attachment_id,
                attachments.c.conversation_id == conversation_id,
                attachments.c.message_id.is_(None),
                attachments.c.agent_id.is_(None) if agent_id is None else attachments.c.agent_id == agent_id,
                attachments.c.status != AttachmentStatus.INFECTED,
            )
            .values(message_id=message_id, place=place)
            .returning(attachments)
        )
        row = (await db.execute(change)).one_or_none()
        if row is not None:
            found.append(attachment_of(row))
    return tuple(found)


async def sent_in_conversation(db: AsyncConnection, conversation_id: str) -> Mapping[str, tuple[Attachment, ...]]:
    """The files of a conversation's messages, by message."""
    query = (
        select(attachments)
        .where(attachments.c.conversation_id == conversation_id, attachments.c.message_id.is_not(None))
        .order_by(attachments.c.place)
    )
    found: defaultdict[str, list[Attachment]] = defaultdict(list)
    for row in (await db.execute(query)).all():
        found[row.message_id].append(attachment_of(row))
    return {message_id: tuple(carried) for message_id, carried in found.items()}


async def held_attachments(db: AsyncConnection, limit: int) -> tuple[Attachment, ...]:
    """Files that the scanner could not judge, oldest first."""
    query = (
        select(attachments)
        .where(attachments.c.status == AttachmentStatus.HELD)
        .order_by(attachments.c.uploaded_at)
        .limit(limit)
    )
    return tuple(attachment_of(row) for row in (await db.execute(query)).all())


async def settle(db: AsyncConnection, attachment_id: str, status: AttachmentStatus) -> Attachment | None:
    """Say what a later scan found; None when another node did so, or the file was swept."""
    change = (
        update(attachments)
        .where(attachments.c.id == attachment_id, attachments.c.status == AttachmentStatus.HELD)
        .values(status=status)
        .returning(attachments)
    )
    row = (await db.execute(change)).one_or_none()
    return attachment_of(row) if row else None


async def take_unsent(db: AsyncConnection, before: datetime) -> tuple[str, ...]:
    """Forget the files that were uploaded before a moment and never sent; returns their identifiers."""
    change = (
        delete(attachments)
        .where(attachments.c.message_id.is_(None), attachments.c.uploaded_at < before)
        .returning(attachments.c.id)
    )
    return tuple((await db.execute(change)).scalars())


async def known_among(db: AsyncConnection, ids: Sequence[str]) -> frozenset[str]:
    """Those of these identifiers that stand in the database."""
    found = await db.execute(select(attachments.c.id).where(attachments.c.id.in_(ids)))
    return frozenset(found.scalars())
