"""Words around a case: the agent's messages to the customer, private notes, promises of the next word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.cases import Case, CaseStatus, Step, require_owner, status_after
from handoff.domain.conversations import Draft, Message, SenderType
from handoff.domain.errors import BadValue, CaseClosed, WrongState
from handoff.domain.mentions import mentioned
from handoff.domain.notifications import NotificationKind
from handoff.domain.people import Agent
from handoff.services.attachments import attach, names_of
from handoff.services.case_writing import can_see, case_to_change, publish_step, save_step, tell, visible_case
from handoff.services.context import Context
from handoff.services.events import CaseChanged, Event
from handoff.services.notifications import notify
from handoff.store import conversations as store
from handoff.store import people
from handoff.store.supervising import has_joined

ID_TAKEN = "This client_message_id stands for another message already. Make a new one for every message."


async def send_agent_message(
    context: Context,
    case_id: str,
    agent: Agent,
    *,
    client_message_id: str,
    text: str | None,
    attachments: Sequence[str] = (),
) -> tuple[Case, Message]:
    """The agent's word to the customer, files with it or files alone (``text`` None). Owner and who joined may speak.

    Sending the same id again is harmless. Raises ``AttachmentGone`` unless all of the files are there and this agent's.
    """
    try:
        return await _send_agent_message(context, case_id, agent, client_message_id, text, attachments)
    except store.DuplicateMessage:
        async with context.db.read() as db:
            case = await visible_case(db, case_id, agent)
            earlier = await store.message_by_client_id(db, case.conversation_id, client_message_id)
        if earlier is None:
            raise
        if earlier.sender_id != agent.id:
            raise BadValue(ID_TAKEN, field="client_message_id") from None
        return case, earlier


async def _send_agent_message(
    context: Context, case_id: str, agent: Agent, client_message_id: str, text: str | None, attachments: Sequence[str]
) -> tuple[Case, Message]:
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        if case.status is CaseStatus.CLOSED:
            raise CaseClosed(f"Case {case.number} is closed. Reopen it first.")
        if not case.is_owned:
            raise WrongState(f"Case {case.number} waits in its queue. Accept it first.", status=case.status)
        if case.agent_id != agent.id and not await has_joined(db, case.id, agent.id):
            require_owner(case, agent.id)
        draft = Draft(
            SenderType.AGENT,
            text if text is not None else await names_of(db, case.conversation_id, attachments),
            sender_name=agent.name,
            sender_id=agent.id,
            client_message_id=client_message_id,
        )
        _, (message,) = await store.append_messages(db, case.conversation_id, [draft], now=now, new_id=context.new_id)
        message = await attach(db, message, attachments, agent_id=agent.id)
        after = replace(
            case,
            targets=context.sla_of(case).spoken(case, now),
            first_response_at=case.first_response_at or now,
            last_agent_word_at=now,
            version=case.version + 1,
        )
        saved = await save_step(context, db, case, after, Step.WORD, Actor.of_agent(agent), now)
    publish_step(context, saved.case, (message,), more=saved.events)
    return saved.case, message


async def add_note(context: Context, case_id: str, agent: Agent, *, text: str) -> Case:
    """Keep a private note: colleagues read it, the customer never does. Whom it names with @ is notified (P24).

    Raises ``BadValue`` where one of those may not see the case.
    """
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        after, events = await add_note_in(context, db, case, agent, now, text=text)
    context.publish(events)
    return after


async def add_note_in(
    context: Context, db: AsyncConnection, case: Case, agent: Agent, now: datetime, *, text: str
) -> tuple[Case, tuple[Event, ...]]:
    """``add_note`` inside the caller's transaction; the events are to be published after its commit."""
    status_after(case, Step.NOTE)
    named = await _named_in(context, db, case, agent, text)
    after = replace(case, version=case.version + 1)
    saved = await save_step(context, db, case, after, Step.NOTE, Actor.of_agent(agent), now, text=text)
    told = await notify(context, db, named, NotificationKind.MENTIONED, case=saved.case, values={"agent": agent.name})
    return saved.case, (CaseChanged(case.id, case.conversation_id), *saved.events, *told)


async def _named_in(context: Context, db: AsyncConnection, case: Case, agent: Agent, text: str) -> tuple[str, ...]:
    """The ids of the colleagues that a note names, without its author."""
    named = mentioned(text, await people.active_agents(db)) if "@" in text else ()
    blind = [one.name for one in named if not can_see(one, case)]
    if blind:
        queue = context.wording.queue(case.category)
        raise BadValue(
            f"{' and '.join(blind)} cannot see cases of {queue}, so the note would not reach them. Take the name out, "
            "or name somebody who serves this queue.",
            field="text",
        )
    return tuple(one.id for one in named if one.id != agent.id)


async def promise_next_update(context: Context, case_id: str, agent: Agent, *, span: timedelta, reason: str) -> Case:
    """Promise the next word for another time, and tell the customer (P23)."""
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status_after(case, Step.NEXT_UPDATE)
        if not case.is_owned:
            raise WrongState(f"Case {case.number} waits in its queue. Accept it first.", status=case.status)
        require_owner(case, agent.id, may_override=agent.sees_all)
        after = replace(case, targets=replace(case.targets, next_update_due=now + span), version=case.version + 1)
        saved = await save_step(context, db, case, after, Step.NEXT_UPDATE, Actor.of_agent(agent), now, text=reason)
        after = saved.case
        within = context.wording.to(case.language).within(span)
        stored = await tell(context, db, after, now, "next_update_renewed", agent=agent.name, next_update=within)
    publish_step(context, after, stored, more=saved.events)
    return after
