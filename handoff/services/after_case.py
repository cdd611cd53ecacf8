"""What the customer does once a case is closed: rate it, or reopen it with the same owner."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Case, CaseStatus, Step, status_after
from handoff.domain.conversations import Draft, Message, SenderType
from handoff.domain.errors import NotFound, NotRatable, NotReopenable
from handoff.services.case_writing import Actor, publish_step, save_step, tell
from handoff.services.context import Context
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import people

RATABLE_FOR = timedelta(hours=24)
"""How long after the resolution a rating counts or may be replaced."""
UNHAPPY_UP_TO = 2
"""A rating of 1 or 2 out of 5 counts as unhappy (the usual CSAT reading: 4 and 5 are satisfied)."""


def can_rate(case: Case, now: datetime) -> bool:
    """Whether a rating is open now."""
    return case.status is CaseStatus.CLOSED and case.resolved_at is not None and now < case.resolved_at + RATABLE_FOR


def can_reopen(case: Case) -> bool:
    """Whether "it did not work" is open now."""
    return case.status is CaseStatus.CLOSED


async def rate(context: Context, conversation_id: str, case_id: str, *, csat: int, comment: str | None) -> Case:
    """Keep the customer's rating (P27), frozen to the owner of that resolution. Raises ``NotRatable``."""
    now = context.clock()
    async with context.db.write() as db:
        case = await _own_case(db, conversation_id, case_id)
        if not can_rate(case, now):
            raise NotRatable("This case can be rated within a day after it was solved.")
        status_after(case, Step.SURVEY)
        after = replace(case, csat=csat, csat_comment=comment, csat_agent_id=case.agent_id, version=case.version + 1)
        actor = await _customer_actor(db, case)
        await save_step(db, case, after, Step.SURVEY, actor, now, text=comment or "", data={"csat": csat})
        stored: tuple[Message, ...] = ()
        if case.csat is None:
            key = "survey_sorry" if csat <= UNHAPPY_UP_TO else "survey_thanks"
            stored = await tell(context, db, after, now, key, agent=await _agent_name(context, db, case))
    publish_step(context, after, stored)
    return after


async def reopen(
    context: Context,
    conversation_id: str,
    case_id: str,
    *,
    note: str,
    client_message_id: str | None = None,
) -> tuple[Case, Message | None]:
    """Open the latest case again: with the same owner if they are at the desk, else at the front of its queue (P26).

    With ``client_message_id`` the wish stands in the conversation as the customer's own line. Reopening what is
    open already changes nothing. Raises ``NotReopenable``.
    """
    now = context.clock()
    async with context.db.write() as db:
        case = await _own_case(db, conversation_id, case_id)
        if case.status is not CaseStatus.CLOSED:
            earlier = (
                await store.message_by_client_id(db, conversation_id, client_message_id) if client_message_id else None
            )
            return case, earlier
        latest = await case_store.latest_case(db, conversation_id)
        if latest is None or latest.id != case.id or not can_reopen(case):
            raise NotReopenable("Only the latest case of a conversation can be reopened.")
        said: tuple[Message, ...] = ()
        if client_message_id is not None:
            line = Draft(
                SenderType.CUSTOMER,
                note or context.wording.labels["reopen_request"],
                client_message_id=client_message_id,
            )
            _, said = await store.append_messages(db, conversation_id, [line], now=now, new_id=context.new_id)
        to_agent = case.agent_id is not None and context.is_present(case.agent_id)
        after = _reopened(context, case, now, to_agent=to_agent)
        actor = await _customer_actor(db, case)
        step = Step.REOPEN_TO_AGENT if to_agent else Step.REOPEN_TO_QUEUE
        agent_id = after.agent_id
        await save_step(
            db,
            case,
            after,
            step,
            actor,
            now,
            owner=lambda o: o.to_agent(agent_id) if agent_id is not None else o.to_queue(),
            text=note,
        )
        await store.hand_off_pending_turns(db, conversation_id, now=now)
        within = context.wording.within(after.next_word_due - now)
        if to_agent:
            name = await _agent_name(context, db, case)
            told = await tell(context, db, after, now, "case_reopened", agent=name, next_update=within)
        else:
            told = await tell(
                context,
                db,
                after,
                now,
                "case_reopened_queue",
                queue=context.wording.queue(after.category),
                position=await case_store.queue_position(db, after),
                next_update=within,
            )
    queues = frozenset() if to_agent else frozenset({after.category})
    publish_step(context, after, (*said, *told), queues=queues)
    return after, said[0] if said else None


def _reopened(context: Context, case: Case, now: datetime, *, to_agent: bool) -> Case:
    fresh = context.targets(case.category, case.severity, now)
    targets = replace(fresh, next_update_due=min(fresh.first_response_due, fresh.next_update_due))
    status = status_after(case, Step.REOPEN_TO_AGENT if to_agent else Step.REOPEN_TO_QUEUE)
    return replace(
        case,
        status=status,
        agent_id=case.agent_id if to_agent else None,
        targets=targets,
        resolved_at=None,
        version=case.version + 1,
    )


async def _own_case(db: AsyncConnection, conversation_id: str, case_id: str) -> Case:
    case = await case_store.get_case(db, case_id)
    if case.conversation_id != conversation_id:
        raise NotFound("There is no such case.")
    return case


async def _customer_actor(db: AsyncConnection, case: Case) -> Actor:
    customer = await people.get_customer(db, case.customer_id)
    return Actor(SenderType.CUSTOMER, customer.id, customer.name)


async def _agent_name(context: Context, db: AsyncConnection, case: Case) -> str:
    if case.agent_id is None:
        return context.wording.labels["some_agent"]
    return (await people.get_agent(db, case.agent_id)).name
