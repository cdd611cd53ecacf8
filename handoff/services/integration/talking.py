"""Words that come from another system: to the customer, from the customer, and between colleagues."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.api_keys import ApiKey, Scope
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.cases import Case, CaseStatus, Step, status_after
from handoff.domain.conversations import Draft, Message, SenderType
from handoff.domain.errors import BadValue, CaseClosed, NotOwner
from handoff.services import conversations
from handoff.services.case_talk import ID_TAKEN
from handoff.services.case_writing import publish_step, save_step
from handoff.services.context import Context
from handoff.services.events import CaseChanged
from handoff.services.integration.reading import OutsideCase, case_to_change, outside_cases, visible_case
from handoff.services.integration.versions import require_version
from handoff.store import case_events, people
from handoff.store import conversations as store
from handoff.store.audit import add_entry


def actor_of(key: ApiKey, author: str | None) -> Actor:
    """The system as who does a step, with the colleague's name where it gives one."""
    return replace(key.actor, name=f"{author} ({key.name})") if author else key.actor


async def send_as_agent(
    context: Context,
    key: ApiKey,
    case_id: str,
    *,
    client_message_id: str,
    text: str,
    author: str | None,
    version: int | None,
) -> tuple[OutsideCase, Message]:
    """A person's word to the customer, written in the other system; it counts as the first response and as an update.

    While an agent here owns the case only they speak (P19): ``NotOwner``. Sending the same id again is harmless. Raises
    ``ScopeMissing``, ``NotFound``, ``CaseClosed``, ``CaseChanged``.
    """
    key.require(Scope.MESSAGES_WRITE)
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, key)
        earlier = await store.message_by_client_id(db, case.conversation_id, client_message_id)
        if earlier is not None:
            if earlier.sender_id != key.id:
                raise BadValue(ID_TAKEN, field="client_message_id")
            return (await outside_cases(db, [case], key))[0], earlier
        require_version(case, version)
        status = status_after(case, Step.WORD)
        if case.is_owned and case.agent_id is not None:
            owner = await people.get_agent(db, case.agent_id)
            raise NotOwner(
                f"Case {case.number} belongs to {owner.name}, who alone writes to the customer. Send a note instead.",
                agent_id=owner.id,
            )
        draft = Draft(
            SenderType.AGENT,
            text,
            sender_name=author or context.wording.to(case.language).labels["some_agent"],
            sender_id=key.id,
            client_message_id=client_message_id,
        )
        _, (message,) = await store.append_messages(db, case.conversation_id, [draft], now=now, new_id=context.new_id)
        after = replace(
            case,
            status=status,
            targets=context.sla_of(case).spoken(case, now),
            first_response_at=case.first_response_at or now,
            last_agent_word_at=now,
            version=case.version + 1,
        )
        saved = await save_step(context, db, case, after, Step.WORD, actor_of(key, author), now)
        found = (await outside_cases(db, [saved.case], key))[0]
    publish_step(context, saved.case, (message,), more=saved.events)
    return found, message


async def bring_from_customer(
    context: Context, key: ApiKey, case_id: str, *, client_message_id: str, text: str, version: int | None
) -> tuple[OutsideCase, Message]:
    """What the customer wrote in the other system, as their own line here. The same id again is harmless.

    Raises ``ScopeMissing``, ``NotFound``, ``CaseClosed`` (the bot would answer it: reopen the case first),
    ``CaseChanged``.
    """
    key.require(Scope.MESSAGES_WRITE)
    async with context.db.read() as db:
        case = await visible_case(db, case_id, key)
        earlier = await store.message_by_client_id(db, case.conversation_id, client_message_id)
    if earlier is None:
        require_version(case, version)
        if case.status is CaseStatus.CLOSED:
            raise CaseClosed(f"Case {case.number} is closed. Reopen it first.", status=case.status)
    accepted = await conversations.receive_text(
        context, case.conversation_id, client_message_id, text, brought_by=key.id
    )
    async with context.db.write() as db:
        if not accepted.duplicate:
            told = {"case_id": case.id}
            entry = AuditEntry(context.clock(), key.actor, Did.MESSAGE_BROUGHT, "message", accepted.message.id, told)
            await add_entry(db, entry)
        found = (await outside_cases(db, [await visible_case(db, case_id, key)], key))[0]
    return found, accepted.message


async def add_note(
    context: Context,
    key: ApiKey,
    case_id: str,
    *,
    client_message_id: str,
    text: str,
    author: str | None,
    version: int | None,
) -> OutsideCase:
    """A private note. The same id again is harmless. Raises ``ScopeMissing``, ``NotFound``, ``CaseChanged``."""
    key.require(Scope.CASES_WRITE)
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, key)
        if await _note_stands(db, case, key, client_message_id):
            return (await outside_cases(db, [case], key))[0]
        require_version(case, version)
        after = replace(case, status=status_after(case, Step.NOTE), version=case.version + 1)
        data = {"client_message_id": client_message_id, "system": key.name}
        saved = await save_step(context, db, case, after, Step.NOTE, actor_of(key, author), now, text=text, data=data)
        found = (await outside_cases(db, [saved.case], key))[0]
    context.publish((CaseChanged(case.id, case.conversation_id), *saved.events))
    return found


async def _note_stands(db: AsyncConnection, case: Case, key: ApiKey, client_message_id: str) -> bool:
    sent = {"client_message_id": client_message_id, "system": key.name}
    history = await case_events.events_of(db, case.id)
    return any(event.step is Step.NOTE and event.data == sent for event in history)
