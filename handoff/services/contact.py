"""Taking down where a customer can be written to, when nobody is there to answer them now (pain 11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.cases import Case, CaseStatus, Step, status_after
from handoff.domain.conversations import ConversationStatus, Message
from handoff.domain.email_address import WrongEmail, checked_email, email_in
from handoff.domain.errors import ConversationClosed, EmailInvalid
from handoff.services.case_writing import save_step, step_events, tell
from handoff.services.context import Context
from handoff.services.events import Event, MessagesStored
from handoff.store import case_events, people, reach
from handoff.store import cases as case_store
from handoff.store import conversations as store

ASKED: Final = "contact_asked"
"""In the history row of an opening: the customer was asked for an e-mail address."""


async def take_email(context: Context, conversation_id: str, text: str) -> str:
    """Keep the address that the customer gives; the same one again changes nothing.

    Raises ``EmailInvalid`` for what cannot be an address, ``ConversationClosed``, ``NotFound``.
    """
    now = context.clock()
    found = checked_email(text)
    if isinstance(found, WrongEmail):
        told = f"This cannot be an e-mail address: {context.wording.email_faults[found.fault]}"
        raise EmailInvalid(told, why=found.fault, field="email")
    async with context.db.write() as db:
        conversation = await store.get_conversation(db, conversation_id, for_change=True)
        if conversation.status is ConversationStatus.CLOSED:
            raise ConversationClosed("This conversation was ended. Begin a new one.")
        case = await case_store.open_case_of(db, conversation_id)
        events = await _keep(context, db, conversation_id, case, found.address, now)
    context.publish(events)
    return found.address


async def email_from_message(
    context: Context, db: AsyncConnection, case: Case, message: Message, now: datetime
) -> tuple[Event, ...]:
    """Take the address out of what the customer wrote, while they are asked for one and nobody has taken the case."""
    found = email_in(message.text)
    if found is None or not await _is_asked(db, case):
        return ()
    if isinstance(found, WrongEmail):
        fault = context.wording.to(case.language).email_faults[found.fault]
        told = await tell(context, db, case, now, "contact_wrong", email=found.text, fault=fault)
        return (MessagesStored(case.conversation_id, told),)
    return await _keep(context, db, case.conversation_id, case, found.address, now)


async def _is_asked(db: AsyncConnection, case: Case) -> bool:
    if case.status is not CaseStatus.OPEN or await reach.contact_email(db, case.conversation_id) is not None:
        return False
    return any(event.data.get(ASKED) for event in await case_events.events_of(db, case.id))


async def _keep(
    context: Context, db: AsyncConnection, conversation_id: str, case: Case | None, address: str, now: datetime
) -> tuple[Event, ...]:
    if await reach.contact_email(db, conversation_id) == address:
        return ()
    await reach.keep_contact_email(db, conversation_id, address)
    if case is None:
        return ()
    status_after(case, Step.CONTACT)
    actor = Actor.of_customer(await people.get_customer(db, case.customer_id))
    after = replace(case, version=case.version + 1)
    saved = await save_step(context, db, case, after, Step.CONTACT, actor, now)
    # Where nothing is sent by e-mail, the address is for colleagues, and nothing is promised.
    told = await tell(context, db, saved.case, now, "contact_taken", email=address) if context.mails else ()
    return (*step_events(saved.case, told), *saved.events)
