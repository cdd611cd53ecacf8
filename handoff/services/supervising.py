"""What those who lead do with conversations that go on: read along, flag, join (field.md's monitor, flag and join)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import HandoffReason
from handoff.domain.actors import Actor
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.cases import Case, Step, status_after
from handoff.domain.conversations import Message, SenderType, Turn
from handoff.domain.errors import NotAllowed, NotFound, WrongState
from handoff.domain.notifications import NotificationKind
from handoff.domain.people import LEAD_LEVEL, Agent
from handoff.domain.supervising import Flag, Participant
from handoff.services.case_steps import accept_in
from handoff.services.case_talk import add_note_in
from handoff.services.case_writing import case_to_change, owner_name, publish_step, save_step, tell
from handoff.services.context import Context
from handoff.services.events import CaseChanged, Event
from handoff.services.notifications import notify
from handoff.services.open_case import request_without_bot, write_case
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import supervising as supervised
from handoff.store.audit import add_entry

CONVERSATION = "conversation"


async def supervised_case(db: AsyncConnection, agent: Agent, conversation_id: str) -> Case | None:
    """The open case of a conversation that somebody may supervise, None where there is none.

    Who sees all queues supervises every conversation, who leads a queue those with an open case of it. Raises
    ``NotFound``, also for one that they may not know of.
    """
    await store.get_conversation(db, conversation_id)
    case = await case_store.open_case_of(db, conversation_id)
    if agent.works_cases and (agent.sees_all or (case is not None and agent.leads(case.category))):
        return case
    raise NotFound("There is no such conversation.")


async def monitor(
    context: Context, agent: Agent, conversation_id: str, *, after: int
) -> tuple[tuple[Message, ...], tuple[Turn, ...]]:
    """What was said after a number, read along by somebody who leads; what they saw stands in the audit log."""
    async with context.db.read() as db:
        await supervised_case(db, agent, conversation_id)
        found = await store.messages_after(db, conversation_id, after)
        turns = await store.scored_turns(db, conversation_id) if found else ()
    if found:
        seen = {"after": after, "upto": found[-1].seq}
        async with context.db.write() as db:
            entry = AuditEntry(
                context.clock(), Actor.of_agent(agent), Did.MONITORED, CONVERSATION, conversation_id, seen
            )
            await add_entry(db, entry)
    return found, turns


async def flag(context: Context, agent: Agent, conversation_id: str, *, reason: str) -> Flag:
    """Flag a conversation, and so its case, for others to look at; the case's owner is notified.

    Raises ``WrongState`` where a flag stands already.
    """
    now = context.clock()
    async with context.db.write() as db:
        case = await _held(db, agent, conversation_id)
        standing = (await supervised.standing_flags(db, [conversation_id])).get(conversation_id)
        if standing is not None:
            raise WrongState(f"{standing.agent_name} has flagged it already. Clear that flag first.")
        made = Flag(conversation_id, agent.id, agent.name, reason, now)
        await supervised.add_flag(db, context.new_id(), made)
        events = await _noted(context, db, case, conversation_id, agent, Step.FLAG, Did.FLAGGED, reason)
        if case is not None and case.agent_id not in (None, agent.id):
            values = {"agent": agent.name, "why": reason}
            owner = [str(case.agent_id)]
            events += await notify(context, db, owner, NotificationKind.CASE_FLAGGED, case=case, values=values)
    context.publish(events)
    return made


async def clear_flag(context: Context, agent: Agent, conversation_id: str) -> None:
    """Take the flag off again; where none stands nothing changes."""
    async with context.db.write() as db:
        case = await _held(db, agent, conversation_id)
        if conversation_id not in await supervised.standing_flags(db, [conversation_id]):
            return
        await supervised.clear_flag(db, conversation_id, agent.id, context.clock())
        events = await _noted(context, db, case, conversation_id, agent, Step.UNFLAG, Did.UNFLAGGED, "")
    context.publish(events)


async def _held(db: AsyncConnection, agent: Agent, conversation_id: str) -> Case | None:
    """The open case of a conversation that is held until the transaction ends; raises ``NotFound``."""
    await store.get_conversation(db, conversation_id, for_change=True)
    return await supervised_case(db, agent, conversation_id)


async def _noted(
    context: Context,
    db: AsyncConnection,
    case: Case | None,
    conversation_id: str,
    agent: Agent,
    step: Step,
    did: Did,
    text: str,
) -> tuple[Event, ...]:
    """A row in the case's history, which the audit log follows; without a case, the audit log's alone."""
    now, actor = context.clock(), Actor.of_agent(agent)
    if case is None:
        await add_entry(db, AuditEntry(now, actor, did, CONVERSATION, conversation_id, {}))
        return ()
    after = replace(case, status=status_after(case, step), version=case.version + 1)
    saved = await save_step(context, db, case, after, step, actor, now, text=text)
    return (CaseChanged(case.id, conversation_id), *saved.events)


async def join(context: Context, case_id: str, agent: Agent) -> Case:
    """Join a case that a colleague has: the customer is told, may be written to, and its owner stays the owner (P19).

    Raises ``NotAllowed`` for who does not lead its queue, ``WrongState`` where nobody has it. Again changes nothing.
    """
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        if not agent.leads(case.category):
            raise NotAllowed("Only who leads the queue joins a case.", level=LEAD_LEVEL)
        status = status_after(case, Step.JOIN)
        if case.agent_id == agent.id or await supervised.has_joined(db, case.id, agent.id):
            return case
        await supervised.add_participant(db, context.new_id(), Participant(case.id, agent.id, agent.name, now))
        after = replace(case, status=status, version=case.version + 1)
        saved = await save_step(context, db, case, after, Step.JOIN, Actor.of_agent(agent), now)
        owner = await owner_name(context, db, case)
        stored = await tell(context, db, saved.case, now, "supervisor_joined", agent=agent.name, owner=owner)
    publish_step(context, saved.case, stored, more=saved.events)
    return saved.case


async def leave(context: Context, case_id: str, agent: Agent) -> Case:
    """Leave a case that one has joined; the customer is told who goes on. Again changes nothing."""
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        if not await supervised.has_joined(db, case.id, agent.id):
            return case
        after = replace(case, status=status_after(case, Step.LEAVE), version=case.version + 1)
        await supervised.end_participation(db, case.id, now, agent_id=agent.id)
        saved = await save_step(context, db, case, after, Step.LEAVE, Actor.of_agent(agent), now)
        owner = await owner_name(context, db, case)
        stored = await tell(context, db, saved.case, now, "supervisor_left", agent=agent.name, owner=owner)
    publish_step(context, saved.case, stored, more=saved.events)
    return saved.case


async def take_from_bot(context: Context, agent: Agent, conversation_id: str, *, reason: str) -> Case:
    """Take a conversation from the assistant: a case is opened and accepted at once, so that one alone speaks.

    All of it happens or nothing does. ``reason`` is kept as a private note, and is why somebody takes it who lacks a
    skill that it needs. Raises ``WrongState`` where the assistant does not have it, or nobody wrote.
    """
    now = context.clock()
    async with context.db.write() as db:
        await _held(db, agent, conversation_id)
        conversation = await store.get_conversation(db, conversation_id)
        said = await store.messages_after(db, conversation_id, 0)
        last = next((message for message in reversed(said) if message.sender is SenderType.CUSTOMER), None)
        if not conversation.owner.is_bot or last is None:
            raise WrongState("The assistant does not have this conversation. Accept its case, or take it over.")
        request = await request_without_bot(context, db, conversation_id, last.id, HandoffReason.POLICY)
        opened, events = await write_case(context, db, request, now=now)
        case = await case_store.get_case(db, opened.case_id)
        case, more = await accept_in(context, db, case, agent, now, override_reason=reason)
        case, noted = await add_note_in(context, db, case, agent, now, text=reason)
    context.publish((*events, *more, *noted))
    return case
