"""Words around a case: the agent's messages to the customer, private notes, promises of the next word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handoff.domain.actors import Actor
from handoff.domain.cases import Case, CaseStatus, Step, require_owner, status_after
from handoff.domain.conversations import Draft, Message, SenderType
from handoff.domain.errors import BadValue, CaseClosed, WrongState
from handoff.domain.people import Agent
from handoff.services.case_writing import case_to_change, publish_step, save_step, tell, visible_case
from handoff.services.context import Context
from handoff.services.events import CaseChanged
from handoff.store import conversations as store
from handoff.store.supervising import has_joined

ID_TAKEN = "This client_message_id stands for another message already. Make a new one for every message."


async def send_agent_message(
    context: Context, case_id: str, agent: Agent, *, client_message_id: str, text: str
) -> tuple[Case, Message]:
    """The agent's word to the customer; owner and who joined may speak. Sending the same id again is harmless."""
    try:
        return await _send_agent_message(context, case_id, agent, client_message_id, text)
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
    context: Context, case_id: str, agent: Agent, client_message_id: str, text: str
) -> tuple[Case, Message]:
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        if case.status is CaseStatus.CLOSED:
            raise CaseClosed(f"Case {case.number} is closed. Reopen it first.")
        if not case.is_owned:
            raise WrongState(f"Case {case.number} waits in its queue. Accept it first.", status=case.status)
        if not await has_joined(db, case.id, agent.id):
            require_owner(case, agent.id)
        draft = Draft(
            SenderType.AGENT,
            text,
            sender_name=agent.name,
            sender_id=agent.id,
            client_message_id=client_message_id,
        )
        _, (message,) = await store.append_messages(db, case.conversation_id, [draft], now=now, new_id=context.new_id)
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
    """Keep a private note: colleagues read it, the customer never does."""
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status_after(case, Step.NOTE)
        after = replace(case, version=case.version + 1)
        saved = await save_step(context, db, case, after, Step.NOTE, Actor.of_agent(agent), now, text=text)
    context.publish((CaseChanged(case.id, case.conversation_id), *saved.events))
    return saved.case


async def promise_next_update(context: Context, case_id: str, agent: Agent, *, span: timedelta, reason: str) -> Case:
    """Promise the next word for another time, and tell the customer (P23)."""
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status_after(case, Step.NEXT_UPDATE)
        require_owner(case, agent.id, may_override=agent.sees_all)
        after = replace(case, targets=replace(case.targets, next_update_due=now + span), version=case.version + 1)
        saved = await save_step(context, db, case, after, Step.NEXT_UPDATE, Actor.of_agent(agent), now, text=reason)
        after = saved.case
        within = context.wording.within(span)
        stored = await tell(context, db, after, now, "next_update_renewed", agent=agent.name, next_update=within)
    publish_step(context, after, stored, more=saved.events)
    return after
