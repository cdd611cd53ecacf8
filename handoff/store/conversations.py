"""Conversations, messages and turns in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from handoff.contract import TurnRecord
from handoff.domain.attachments import Attachment
from handoff.domain.conversations import (
    Button,
    Conversation,
    ConversationStatus,
    Draft,
    Message,
    Rating,
    SenderType,
    Turn,
    TurnStatus,
)
from handoff.domain.errors import NotFound
from handoff.domain.message_cards import MESSAGE_CARD
from handoff.domain.ownership import Owner, OwnerType
from handoff.store.attachments import sent_in_conversation
from handoff.store.schema import answer_ratings, conversations, messages, turns

NewId = Callable[[], str]
_BY_ID: Final = select(conversations).where(conversations.c.id == bindparam("wanted"))
_BY_ID_HELD: Final = _BY_ID.with_for_update()


class StaleOwner(Exception):
    """The conversation's owner changed since it was read: what was prepared under the old owner must not be written."""


class DuplicateMessage(Exception):
    """A message with this client message id is already stored."""


def conversation_of(row: Row[Any]) -> Conversation:
    """A row of ``conversations`` as the domain knows it."""
    return Conversation(
        id=row.id,
        customer_id=row.customer_id,
        status=ConversationStatus(row.status),
        owner=Owner(OwnerType(row.owner_type), row.owner_version, row.owner_agent_id),
        last_seq=row.last_seq,
        started_at=row.started_at,
        last_activity_at=row.last_activity_at,
        page=row.page,
        language=row.language,
    )


def message_of(row: Row[Any], rating: str | None = None, carried: tuple[Attachment, ...] = ()) -> Message:
    """A row of ``messages`` as the domain knows it, with rating and files where those were read too."""
    return Message(
        id=row.id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        sender=SenderType(row.sender),
        sender_id=row.sender_id,
        sender_name=row.sender_name,
        text=row.text,
        buttons=tuple(Button(**button) for button in row.buttons),
        notice=row.notice,
        client_message_id=row.client_message_id,
        created_at=row.created_at,
        answers_turn=row.answers_turn,
        rating=Rating(rating) if rating else None,
        attachments=carried,
        card=MESSAGE_CARD.validate_python(row.card) if row.card else None,
    )


def turn_of(row: Row[Any]) -> Turn:
    """A row of ``turns`` as the domain knows it."""
    return Turn(
        message_id=row.message_id,
        conversation_id=row.conversation_id,
        seq=row.seq,
        payload=row.payload,
        status=TurnStatus(row.status),
        created_at=row.created_at,
        record=TurnRecord.model_validate(row.record) if row.record else None,
    )


async def insert_conversation(db: AsyncConnection, conversation: Conversation) -> None:
    """Store a new conversation."""
    await db.execute(
        insert(conversations).values(
            id=conversation.id,
            customer_id=conversation.customer_id,
            status=conversation.status,
            owner_type=conversation.owner.type,
            owner_agent_id=conversation.owner.agent_id,
            owner_version=conversation.owner.version,
            last_seq=conversation.last_seq,
            page=conversation.page,
            language=conversation.language,
            started_at=conversation.started_at,
            last_activity_at=conversation.last_activity_at,
        )
    )


async def get_conversation(db: AsyncConnection, conversation_id: str, *, for_change: bool = False) -> Conversation:
    """Read one conversation; raises ``NotFound``. ``for_change`` holds it until the transaction ends."""
    query = _BY_ID_HELD if for_change else _BY_ID
    row = (await db.execute(query, {"wanted": conversation_id})).one_or_none()
    if row is None:
        raise NotFound("There is no such conversation.")
    return conversation_of(row)


async def latest_open_conversation(db: AsyncConnection, customer_id: str) -> Conversation | None:
    """The newest open conversation of a customer, if there is one."""
    query = (
        select(conversations)
        .where(conversations.c.customer_id == customer_id, conversations.c.status == ConversationStatus.OPEN)
        .order_by(conversations.c.started_at.desc())
        .limit(1)
    )
    row = (await db.execute(query)).one_or_none()
    return conversation_of(row) if row else None


async def close_conversation(db: AsyncConnection, conversation_id: str, *, now: datetime) -> None:
    """End a conversation: a fresh one takes its place, and the bot has nothing to answer in this one."""
    await db.execute(
        update(conversations).where(conversations.c.id == conversation_id).values(status=ConversationStatus.CLOSED)
    )
    await _end_pending_turns(db, conversation_id, TurnStatus.ABANDONED, now)


async def change_language(db: AsyncConnection, conversation_id: str, language: str) -> None:
    """Keep the language that the customer reads now."""
    await db.execute(update(conversations).where(conversations.c.id == conversation_id).values(language=language))


async def change_owner(db: AsyncConnection, conversation: Conversation, owner: Owner) -> None:
    """Compare-and-set the owner; raises ``StaleOwner`` when somebody else was first."""
    result = await db.execute(
        update(conversations)
        .where(
            conversations.c.id == conversation.id,
            conversations.c.owner_version == conversation.owner.version,
        )
        .values(owner_type=owner.type, owner_agent_id=owner.agent_id, owner_version=owner.version)
    )
    if result.rowcount != 1:
        raise StaleOwner(conversation.id)


@cache
def _count_on(*, in_version: bool, with_owner: bool) -> ReturningUpdate[Any]:
    """Takes the next message numbers. Built once: building a statement takes longer than SQLite needs to run it."""
    change = (
        update(conversations)
        .where(conversations.c.id == bindparam("in_conversation"))
        .values(last_seq=conversations.c.last_seq + bindparam("more"), last_activity_at=bindparam("now"))
    )
    if in_version:
        change = change.where(conversations.c.owner_version == bindparam("under_version"))
    if with_owner:
        change = change.where(conversations.c.owner_type == bindparam("only_owner"))
    return change.returning(conversations)


_INSERT_MESSAGES: Final = insert(messages)
_INSERT_TURN: Final = insert(turns)
_FINISH_TURN: Final = update(turns).where(turns.c.message_id == bindparam("finished"))


async def append_messages(
    db: AsyncConnection,
    conversation_id: str,
    drafts: Sequence[Draft],
    *,
    now: datetime,
    new_id: NewId,
    under_version: int | None = None,
    only_owner: OwnerType | None = None,
) -> tuple[Conversation, tuple[Message, ...]]:
    """Give drafts the next numbers of the conversation and store them.

    ``under_version`` and ``only_owner`` make it a compare-and-set: ``StaleOwner`` is raised and nothing is written when
    the owner is another one by now. Raises ``DuplicateMessage`` for a client message id that stands already (the
    transaction is then unusable), ``NotFound`` for an unknown conversation. Returns the conversation as it is then.
    """
    given = {
        "in_conversation": conversation_id,
        "more": len(drafts),
        "now": now,
        "under_version": under_version,
        "only_owner": only_owner,
    }
    change = _count_on(in_version=under_version is not None, with_owner=only_owner is not None)
    row = (await db.execute(change, given)).one_or_none()
    if row is None:
        if under_version is None and only_owner is None:
            raise NotFound("There is no such conversation.")
        raise StaleOwner(conversation_id)
    conversation = conversation_of(row)
    first = conversation.last_seq - len(drafts) + 1
    stored = tuple(
        Message(
            id=new_id(),
            conversation_id=conversation_id,
            seq=first + offset,
            sender=draft.sender,
            sender_id=draft.sender_id,
            sender_name=draft.sender_name,
            text=draft.text,
            buttons=draft.buttons,
            notice=draft.notice,
            client_message_id=draft.client_message_id,
            created_at=now,
            answers_turn=draft.answers_turn,
            card=draft.card,
        )
        for offset, draft in enumerate(drafts)
    )
    if stored:
        try:
            await db.execute(_INSERT_MESSAGES, [_message_values(message) for message in stored])
        except IntegrityError as error:
            raise DuplicateMessage(conversation_id) from error
    return conversation, stored


def _message_values(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "seq": message.seq,
        "sender": message.sender,
        "sender_id": message.sender_id,
        "sender_name": message.sender_name,
        "text": message.text,
        "buttons": [{"title": button.title, "payload": button.payload} for button in message.buttons],
        "notice": message.notice,
        "client_message_id": message.client_message_id,
        "answers_turn": message.answers_turn,
        "card": message.card.model_dump(mode="json") if message.card else None,
        "created_at": message.created_at,
    }


async def messages_after(
    db: AsyncConnection, conversation_id: str, seq: int, before: int | None = None
) -> tuple[Message, ...]:
    """All messages of a conversation between the two numbers, their ratings and their files, in order."""
    query = (
        select(messages, answer_ratings.c.rating)
        .outerjoin(answer_ratings, answer_ratings.c.message_id == messages.c.id)
        .where(messages.c.conversation_id == conversation_id, messages.c.seq > seq)
        .order_by(messages.c.seq)
    )
    if before is not None:
        query = query.where(messages.c.seq < before)
    rows = (await db.execute(query)).all()
    files = await sent_in_conversation(db, conversation_id) if rows else {}
    return tuple(message_of(row, row.rating, files.get(row.id, ())) for row in rows)


async def message_by_id(db: AsyncConnection, conversation_id: str, message_id: str) -> Message:
    """One message of a conversation; raises ``NotFound``, also for one of another conversation."""
    query = select(messages).where(messages.c.id == message_id, messages.c.conversation_id == conversation_id)
    row = (await db.execute(query)).one_or_none()
    if row is None:
        raise NotFound("There is no such message in this conversation.")
    return message_of(row)


async def message_by_client_id(db: AsyncConnection, conversation_id: str, client_message_id: str) -> Message | None:
    """The message that a client sent under this identifier, if it was stored."""
    query = select(messages).where(
        messages.c.conversation_id == conversation_id, messages.c.client_message_id == client_message_id
    )
    row = (await db.execute(query)).one_or_none()
    if row is None:
        return None
    files = await sent_in_conversation(db, conversation_id)
    return message_of(row, carried=files.get(row.id, ()))


async def latest_bot_message(db: AsyncConnection, conversation_id: str) -> Message | None:
    """The newest message of the bot: the only one whose buttons can be chosen."""
    query = (
        select(messages)
        .where(messages.c.conversation_id == conversation_id, messages.c.sender == SenderType.BOT)
        .order_by(messages.c.seq.desc())
        .limit(1)
    )
    row = (await db.execute(query)).one_or_none()
    return message_of(row) if row else None


async def insert_turn(db: AsyncConnection, turn: Turn) -> None:
    """Store what the bot is to answer."""
    await db.execute(
        _INSERT_TURN,
        {
            "message_id": turn.message_id,
            "conversation_id": turn.conversation_id,
            "seq": turn.seq,
            "payload": turn.payload,
            "status": turn.status,
            "created_at": turn.created_at,
        },
    )


async def finish_turn(
    db: AsyncConnection,
    message_id: str,
    status: TurnStatus,
    *,
    now: datetime,
    record: TurnRecord | None = None,
) -> None:
    """Say what became of a turn, with its record if the scoring gave one."""
    values: dict[str, Any] = {"finished": message_id, "status": status, "answered_at": now}
    if record is not None:
        values["record"] = record.model_dump(mode="json")
        values["frustration"] = record.frustration
    await db.execute(_FINISH_TURN, values)


async def pending_turns(db: AsyncConnection, conversation_id: str | None = None) -> tuple[Turn, ...]:
    """Turns that nobody answered yet, oldest first; of one conversation or of all."""
    query = select(turns).where(turns.c.status == TurnStatus.PENDING).order_by(turns.c.created_at, turns.c.seq)
    if conversation_id is not None:
        query = query.where(turns.c.conversation_id == conversation_id)
    return tuple(turn_of(row) for row in (await db.execute(query)).all())


async def is_pending(db: AsyncConnection, message_id: str) -> bool:
    """Whether this turn still waits for the bot's answer."""
    status = await db.execute(select(turns.c.status).where(turns.c.message_id == message_id))
    return status.scalar_one_or_none() == TurnStatus.PENDING


async def notice_stands_after(db: AsyncConnection, conversation_id: str, notice: str, seq: int) -> bool:
    """Whether this notice was given after a message number."""
    query = (
        select(messages.c.seq)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.seq > seq,
            messages.c.notice == notice,
        )
        .limit(1)
    )
    return (await db.execute(query)).one_or_none() is not None


async def notices_said(db: AsyncConnection, conversation_id: str) -> tuple[str, ...]:
    """The texts of the notices of a conversation, oldest first."""
    query = (
        select(messages.c.text)
        .where(messages.c.conversation_id == conversation_id, messages.c.notice.is_not(None))
        .order_by(messages.c.seq)
    )
    return tuple((await db.execute(query)).scalars())


async def scored_turns(db: AsyncConnection, conversation_id: str) -> tuple[Turn, ...]:
    """The turns of a conversation that carry a record, oldest first."""
    query = (
        select(turns)
        .where(turns.c.conversation_id == conversation_id, turns.c.record.is_not(None))
        .order_by(turns.c.created_at, turns.c.seq)
    )
    return tuple(turn_of(row) for row in (await db.execute(query)).all())


async def hand_off_pending_turns(db: AsyncConnection, conversation_id: str, *, now: datetime) -> None:
    """A human owns now: what the bot had not begun, it must never answer."""
    await _end_pending_turns(db, conversation_id, TurnStatus.HANDED_OFF, now)


async def _end_pending_turns(db: AsyncConnection, conversation_id: str, status: TurnStatus, now: datetime) -> None:
    await db.execute(
        update(turns)
        .where(turns.c.conversation_id == conversation_id, turns.c.status == TurnStatus.PENDING)
        .values(status=status, answered_at=now)
    )
