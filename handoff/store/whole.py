"""Whole conversations out of the database, some at a time: however many there are, few are in memory at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category, EarlierContact
from handoff.domain.cases import CaseEvent
from handoff.domain.conversations import Conversation, Message, Turn
from handoff.domain.whole import CONTACTS_BEFORE, WholeCase, WholeConversation
from handoff.store import people
from handoff.store.case_events import event_of
from handoff.store.cases import case_number, case_of
from handoff.store.conversations import conversation_of, message_of, turn_of
from handoff.store.schema import answer_ratings, case_events, cases, contacts, conversations, messages, turns
from handoff.store.verdicts import verdicts_of

AT_ONCE: Final = 50
"""Conversations read at once."""


async def conversations_begun(
    db: AsyncConnection,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
    after: Conversation | None = None,
    limit: int,
) -> tuple[Conversation, ...]:
    """The next conversations after ``after`` by their beginning, of those begun from ``since`` until ``before``."""
    query = select(conversations).order_by(conversations.c.started_at, conversations.c.id).limit(limit)
    if since is not None:
        query = query.where(conversations.c.started_at >= since)
    if before is not None:
        query = query.where(conversations.c.started_at < before)
    if after is not None:
        # The first half alone lets the index find the place.
        query = query.where(
            conversations.c.started_at >= after.started_at,
            or_(conversations.c.started_at > after.started_at, conversations.c.id > after.id),
        )
    return tuple(conversation_of(row) for row in (await db.execute(query)).all())


async def count_begun(db: AsyncConnection, *, since: datetime, before: datetime) -> int:
    """How many conversations began from ``since`` until ``before``."""
    span = (conversations.c.started_at >= since, conversations.c.started_at < before)
    return int((await db.execute(select(func.count()).select_from(conversations).where(*span))).scalar_one())


async def cases_of(db: AsyncConnection, conversation_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The latest case of each of these conversations that has one: its id and number."""
    query = select(cases.c.conversation_id, cases.c.id, cases.c.number).order_by(cases.c.opened_at, cases.c.number)
    found = (await db.execute(query.where(cases.c.conversation_id.in_(conversation_ids)))).all()
    return {row.conversation_id: (row.id, case_number(row.number)) for row in found}


async def conversations_named(db: AsyncConnection, ids: Sequence[str]) -> tuple[Conversation, ...]:
    """These conversations, by their beginning; one that does not exist is left out."""
    query = select(conversations).where(conversations.c.id.in_(ids))
    query = query.order_by(conversations.c.started_at, conversations.c.id)
    return tuple(conversation_of(row) for row in (await db.execute(query)).all())


async def wholes(db: AsyncConnection, found: Sequence[Conversation]) -> tuple[WholeConversation, ...]:
    """These conversations with everything that is stored of them, in the order given."""
    if not found:
        return ()
    ids = [conversation.id for conversation in found]
    customers = await people.get_customers(db, (conversation.customer_id for conversation in found))
    said, taken = await _messages(db, ids), await _turns(db, ids)
    opened, known = await _cases(db, ids), await _contacts(db, found)
    return tuple(
        WholeConversation(
            conversation=conversation,
            customer=customers[conversation.customer_id],
            messages=tuple(said[conversation.id]),
            turns=tuple(taken[conversation.id]),
            cases=tuple(opened[conversation.id]),
            contacts=tuple(contact for contact in known[conversation.customer_id] if _known_in(contact, conversation)),
        )
        for conversation in found
    )


async def _messages(db: AsyncConnection, ids: Sequence[str]) -> dict[str, list[Message]]:
    query = (
        select(messages, answer_ratings.c.rating)
        .outerjoin(answer_ratings, answer_ratings.c.message_id == messages.c.id)
        .where(messages.c.conversation_id.in_(ids))
        .order_by(messages.c.seq)
    )
    found: defaultdict[str, list[Message]] = defaultdict(list)
    for row in (await db.execute(query)).all():
        found[row.conversation_id].append(message_of(row, row.rating))
    return found


async def _turns(db: AsyncConnection, ids: Sequence[str]) -> dict[str, list[Turn]]:
    query = select(turns).where(turns.c.conversation_id.in_(ids)).order_by(turns.c.created_at, turns.c.seq)
    found: defaultdict[str, list[Turn]] = defaultdict(list)
    for row in (await db.execute(query)).all():
        found[row.conversation_id].append(turn_of(row))
    return found


async def _cases(db: AsyncConnection, ids: Sequence[str]) -> dict[str, list[WholeCase]]:
    query = select(cases).where(cases.c.conversation_id.in_(ids)).order_by(cases.c.opened_at, cases.c.number)
    opened = [case_of(row) for row in (await db.execute(query)).all()]
    case_ids = [case.id for case in opened]
    history: defaultdict[str, list[CaseEvent]] = defaultdict(list)
    events = select(case_events).where(case_events.c.case_id.in_(case_ids)).order_by(case_events.c.id)
    for row in (await db.execute(events)).all():
        history[row.case_id].append(event_of(row))
    verdicts = await verdicts_of(db, case_ids)
    found: defaultdict[str, list[WholeCase]] = defaultdict(list)
    for case in opened:
        found[case.conversation_id].append(WholeCase(case, tuple(history[case.id]), verdicts.get(case.id)))
    return found


async def _contacts(db: AsyncConnection, found: Sequence[Conversation]) -> dict[str, list[EarlierContact]]:
    oldest = min(conversation.started_at for conversation in found) - CONTACTS_BEFORE
    query = (
        select(contacts)
        .where(contacts.c.customer_id.in_({c.customer_id for c in found}), contacts.c.at >= oldest)
        .order_by(contacts.c.at, contacts.c.topic)
    )
    known: defaultdict[str, list[EarlierContact]] = defaultdict(list)
    for row in (await db.execute(query)).all():
        known[row.customer_id].append(
            EarlierContact(
                conversation_id=row.conversation_id, topic=row.topic, category=Category(row.category), at=row.at
            )
        )
    return known


def _known_in(contact: EarlierContact, conversation: Conversation) -> bool:
    """Whether it is one of another conversation, and could be known in this one at some time."""
    begin = conversation.started_at - CONTACTS_BEFORE
    return contact.conversation_id != conversation.id and begin <= contact.at <= conversation.last_activity_at
