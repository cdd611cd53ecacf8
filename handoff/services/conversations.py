"""Beginning a conversation, and taking what the customer says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Tier
from handoff.domain.conversations import (
    Conversation,
    ConversationStatus,
    Draft,
    Message,
    SenderType,
    Turn,
    TurnStatus,
    new_conversation,
    text_for_bot,
)
from handoff.domain.errors import BadValue, ButtonNotAvailable, ConversationClosed, NotFound
from handoff.domain.people import Customer
from handoff.services.attachments import attach, names_of
from handoff.services.case_talk import ID_TAKEN
from handoff.services.contact import email_from_message
from handoff.services.context import Context
from handoff.services.events import CaseChanged, Event, MessagesStored, TurnPending
from handoff.services.milestones import customer_answered
from handoff.services.spoken import follow_language
from handoff.services.telling import tell_customer_message
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import people
from handoff.store.case_changes import add_change

PERSON_PAYLOAD = "/talk_to_person"
"""The intent that "talk to a person" stands for, whatever the customer's words."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A customer for whom the website vouches."""

    external_id: str
    name: str | None
    email: str | None
    tier: Tier


@dataclass(frozen=True, slots=True)
class Begun:
    """A conversation that the customer may now use."""

    conversation: Conversation
    customer: Customer
    created: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A button that the customer chose: the number of its message, and its place there."""

    seq: int
    index: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """A customer message that can no longer be lost."""

    message: Message
    duplicate: bool = False


async def begin(
    context: Context,
    *,
    identity: Identity | None,
    name: str | None = None,
    page: str | None = None,
    language: str | None = None,
    fresh: bool = False,
    resume: str | None = None,
) -> Begun:
    """Begin a conversation, or resume the open one of this customer (or visitor, by ``resume``: a conversation id).

    ``fresh`` closes an open conversation first, unless it has an open case: a case is never left behind. ``language``
    is the page's, a BCP 47 tag; a case of the conversation goes to somebody who speaks it. A conversation that goes on
    follows the page that it goes on upon.
    """
    try:
        begun, events = await _begin(context, identity, name, page, language, fresh, resume)
    except IntegrityError:
        # Another tab of the same customer began at the same moment; theirs is the one to resume.
        begun, events = await _begin(context, identity, name, page, language, False, resume)
    context.publish(events)
    return begun


async def reopen_by_link(context: Context, conversation_id: str) -> Begun:
    """The conversation that a link of ours leads to, whoever holds it. Raises ``NotFound``."""
    async with context.db.read() as db:
        conversation = await store.get_conversation(db, conversation_id)
        return Begun(conversation, await people.get_customer(db, conversation.customer_id), created=False)


async def _begin(
    context: Context,
    identity: Identity | None,
    name: str | None,
    page: str | None,
    language: str | None,
    fresh: bool,
    resume: str | None,
) -> tuple[Begun, tuple[Event, ...]]:
    now = context.clock()
    async with context.db.write() as db:
        customer = await _customer(context, db, identity, name, resume, now)
        current = await store.latest_open_conversation(db, customer.id)
        if current is not None:
            if not fresh:
                return await _resumed(context, db, current, customer, language, now)
            # Held, so that no case can be opened in it between this look and its end.
            current = await store.get_conversation(db, current.id, for_change=True)
            if await case_store.open_case_of(db, current.id) is not None:
                return await _resumed(context, db, current, customer, language, now)
            await store.close_conversation(db, current.id, now=now)
        conversation = new_conversation(context.new_id(), customer.id, now, page=page, language=language)
        await store.insert_conversation(db, conversation)
        return Begun(conversation, customer, created=True), ()


async def _resumed(
    context: Context,
    db: AsyncConnection,
    current: Conversation,
    customer: Customer,
    language: str | None,
    now: datetime,
) -> tuple[Begun, tuple[Event, ...]]:
    conversation, events = await follow_language(context, db, current, customer, language, now)
    return Begun(conversation, customer, created=False), events


async def _customer(
    context: Context,
    db: AsyncConnection,
    identity: Identity | None,
    name: str | None,
    resume: str | None,
    now: datetime,
) -> Customer:
    if identity is not None:
        known = await people.customer_by_external_id(db, identity.external_id)
        if known is not None:
            told = replace(known, name=identity.name, email=identity.email, tier=identity.tier)
            if told != known:
                await people.save_customer_profile(db, told)
            return told
        customer = Customer(
            id=context.new_id(),
            external_id=identity.external_id,
            name=identity.name,
            email=identity.email,
            tier=identity.tier,
            verified=True,
            created_at=now,
        )
    else:
        if resume is not None:
            visitor = await _visitor_of(db, resume)
            if visitor is not None:
                return visitor
        customer = Customer(
            id=context.new_id(),
            external_id=None,
            name=name,
            email=None,
            tier=Tier.STANDARD,
            verified=False,
            created_at=now,
        )
    await people.insert_customer(db, customer)
    return customer


async def _visitor_of(db: AsyncConnection, conversation_id: str) -> Customer | None:
    """The visitor of an earlier conversation. A verified customer is not resumed without their identity."""
    try:
        earlier = await store.get_conversation(db, conversation_id)
    except NotFound:
        return None
    customer = await people.get_customer(db, earlier.customer_id)
    return None if customer.verified else customer


async def receive_text(
    context: Context, conversation_id: str, client_message_id: str, text: str, *, brought_by: str | None = None
) -> Accepted:
    """Store what the customer wrote; whoever owns the conversation gets it after the commit.

    ``brought_by`` is the id of the key by which another system brought it.
    """
    payload = text_for_bot(text)
    return await _receive(context, conversation_id, client_message_id, text, payload=payload, brought_by=brought_by)


async def receive_files(
    context: Context, conversation_id: str, client_message_id: str, text: str | None, attachments: Sequence[str]
) -> Accepted:
    """Store a message with uploaded files. The bot gets its words, never a file, and nothing where there are no words.

    Raises ``AttachmentGone`` unless all of the files are there and the customer's.
    """
    payload = text_for_bot(text) if text is not None else None
    return await _receive(context, conversation_id, client_message_id, text, payload=payload, attachments=attachments)


async def receive_person_request(context: Context, conversation_id: str, client_message_id: str) -> Accepted:
    """Store the wish for a person, in the words of ``data/wording`` (P3)."""
    async with context.db.read() as db:
        language = (await store.get_conversation(db, conversation_id)).language
    text = context.wording.to(language).labels["person_request"]
    return await _receive(context, conversation_id, client_message_id, text, payload=PERSON_PAYLOAD)


async def receive_choice(context: Context, conversation_id: str, client_message_id: str, choice: Choice) -> Accepted:
    """Store a chosen button. Raises ``ButtonNotAvailable`` unless the latest bot message offers it."""
    async with context.db.read() as db:
        stored = await store.message_by_client_id(db, conversation_id, client_message_id)
        offering = await store.latest_bot_message(db, conversation_id)
    if stored is not None:
        return Accepted(sent_before(stored), duplicate=True)
    if offering is None or offering.seq != choice.seq or choice.index >= len(offering.buttons):
        raise ButtonNotAvailable(
            "This button is no longer available. Choose one of the latest message, or write.",
            seq=choice.seq,
            index=choice.index,
        )
    button = offering.buttons[choice.index]
    return await _receive(context, conversation_id, client_message_id, button.title, payload=button.payload)


async def _receive(
    context: Context,
    conversation_id: str,
    client_message_id: str,
    text: str | None,
    *,
    payload: str | None,
    brought_by: str | None = None,
    attachments: Sequence[str] = (),
) -> Accepted:
    now = context.clock()
    try:
        async with context.db.write() as db:
            said = text if text is not None else await names_of(db, conversation_id, attachments)
            draft = Draft(SenderType.CUSTOMER, said, sender_id=brought_by, client_message_id=client_message_id)
            conversation, (message,) = await store.append_messages(
                db, conversation_id, [draft], now=now, new_id=context.new_id
            )
            if conversation.status is ConversationStatus.CLOSED:
                raise ConversationClosed("This conversation was ended. Begin a new one.")
            message = await attach(db, message, attachments)
            events: list[Event] = [MessagesStored(conversation_id, (message,))]
            if conversation.owner.is_bot:
                if attachments:
                    events.append(MessagesStored(conversation_id, await _say_files_are_kept(context, db, conversation)))
                if payload is not None:
                    turn = Turn(message.id, conversation_id, message.seq, payload, TurnStatus.PENDING, now)
                    await store.insert_turn(db, turn)
                    events.append(TurnPending(turn, conversation.owner.version))
            else:
                case = await case_store.open_case_of(db, conversation_id)
                if case is not None:
                    await add_change(db, case.id)
                    # First, as what follows may be a step, which makes of this case an older one.
                    await tell_customer_message(context, db, case, message, brought=brought_by is not None)
                    events.extend(await customer_answered(context, db, case, now))
                    events.append(CaseChanged(case.id, conversation_id))
                    events.extend(await email_from_message(context, db, case, message, now))
    except store.DuplicateMessage:
        async with context.db.read() as db:
            earlier = await store.message_by_client_id(db, conversation_id, client_message_id)
        if earlier is None:
            raise
        return Accepted(sent_before(earlier), duplicate=True)
    context.publish(tuple(events))
    return Accepted(message)


async def _say_files_are_kept(context: Context, db: AsyncConnection, conversation: Conversation) -> tuple[Message, ...]:
    """The bot cannot look into files and is not left to guess at them: the customer is told what becomes of them."""
    said = await store.notices_said(db, conversation.id)
    text = context.wording.to(conversation.language).notice("attachments_kept", context.random, said)
    notice = Draft(SenderType.SYSTEM, text, notice="attachments_kept")
    _, stored = await store.append_messages(db, conversation.id, [notice], now=context.clock(), new_id=context.new_id)
    return stored


def sent_before(earlier: Message) -> Message:
    """The customer's own message under this identifier; an agent's is not what they sent. Raises ``BadValue``."""
    if earlier.sender is not SenderType.CUSTOMER:
        raise BadValue(ID_TAKEN, field="client_message_id")
    return earlier
