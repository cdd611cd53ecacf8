"""What the customer does once a case is closed and it did not work: reopen it, with the same owner."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.cases import Case, CaseStatus, Step, status_after
from handoff.domain.conversations import ConversationStatus, Draft, Message, SenderType
from handoff.domain.errors import ConversationClosed, NotFound, NotReopenable
from handoff.domain.notifications import NotificationKind
from handoff.services.case_writing import handed_on, owner_name, save_step, step_events, tell
from handoff.services.context import Context
from handoff.services.conversations import sent_before
from handoff.services.events import Event, MessagesStored
from handoff.services.milestones import customer_answered
from handoff.services.notifications import notify
from handoff.services.open_anew import open_anew
from handoff.services.opening_news import opening_news, tell_of_queue
from handoff.services.presence import is_present
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import people

FRONT = timedelta(milliseconds=1)
"""How far before the first of its queue a reopened case stands."""
RATABLE_FOR = timedelta(hours=24)
"""How long after the resolution the widget takes a rating."""


def can_rate(case: Case, now: datetime) -> bool:
    """Whether a rating is open now: of a resolution, not of a case that went back to the bot or into another one."""
    if case.status is not CaseStatus.CLOSED or case.disposition is None:
        return False
    return case.resolved_at is not None and now < case.resolved_at + RATABLE_FOR


def can_reopen(case: Case) -> bool:
    """Whether "it did not work" is open now; a merged case goes on in the other one."""
    return case.status is CaseStatus.CLOSED and case.merged_into is None


async def reopen(
    context: Context,
    conversation_id: str,
    case_id: str,
    *,
    note: str,
    client_message_id: str | None = None,
    by: Actor | None = None,
) -> tuple[Case, Message | None]:
    """Open the latest case again: with the same owner if they are at the desk, else at the front of its queue (P26).

    Of a case that was solved too long ago (``after_resolution.reopen_within``) comes a new one, which is returned.
    With ``client_message_id`` the wish stands in the conversation as the customer's own line, once. Of a case that is
    open already, only the note is kept. ``by`` is who says so, where it is not the customer. Raises ``NotReopenable``,
    ``ConversationClosed``, ``NotFound``.
    """
    now = context.clock()
    async with context.db.write() as db:
        conversation = await store.get_conversation(db, conversation_id, for_change=True)
        case = await _own_case(db, conversation_id, case_id)
        if client_message_id is not None:
            earlier = await store.message_by_client_id(db, conversation_id, client_message_id)
            if earlier is not None:
                return case, sent_before(earlier)
        if case.status is not CaseStatus.CLOSED:
            said = await _say(context, db, case, note, client_message_id, now)
            events: tuple[Event, ...] = (MessagesStored(case.conversation_id, said),) if said else ()
            events += await customer_answered(context, db, case, now) if said else ()
            after = await case_store.get_case(db, case_id)
        elif conversation.status is ConversationStatus.CLOSED:
            raise ConversationClosed("This conversation was ended. Begin a new one.")
        else:
            wish = note or context.wording.to(case.language).labels["reopen_request"]
            said = await _say(context, db, case, wish, client_message_id, now)
            latest = await case_store.latest_case(db, case.conversation_id)
            if latest is None or latest.id != case.id or not can_reopen(case):
                raise NotReopenable("Only the latest case of a conversation can be reopened.")
            actor = by or await customer_actor(db, case)
            after, events = await reopen_in(context, db, case, actor, said, note, now)
    context.publish(events)
    return after, said[0] if said else None


async def reopen_in(
    context: Context,
    db: AsyncConnection,
    case: Case,
    actor: Actor,
    said: tuple[Message, ...],
    note: str,
    now: datetime,
) -> tuple[Case, tuple[Event, ...]]:
    """``reopen`` inside the caller's transaction, by whoever found that it did not work; ``said`` are their lines.

    What was told as the solution then is what was tried (P20).
    After ``after_resolution.reopen_within`` a new case is opened instead, which names the old one. The case must be the
    latest of its conversation, which must be open and held for change.
    """
    if case.resolved_at is not None and now >= case.resolved_at + context.policy.after_resolution.reopen_within:
        return await open_anew(context, db, case, said, note, now)
    there = case.agent_id is not None and await is_present(context, db, case.agent_id)
    agent_id = case.agent_id if there else None
    after = _reopened(context, case, now, to_agent=there)
    front = None if there else await case_store.front_of_queue(db, case.category)
    if front is not None:
        after = replace(after, rank_at=min(after.rank_at, front - FRONT))
    news = await opening_news(context, db, after, await people.get_customer(db, case.customer_id), now)
    saved = await save_step(
        context,
        db,
        case,
        after,
        Step.REOPEN_TO_QUEUE if agent_id is None else Step.REOPEN_TO_AGENT,
        actor,
        now,
        text=note,
        data=handed_on(case.outcome, None) | (news.recorded() if agent_id is None else {}),
    )
    after = saved.case
    await store.hand_off_pending_turns(db, case.conversation_id, now=now)
    if agent_id is not None:
        name = await owner_name(context, db, case)
        within = context.wording.to(after.language).within(after.next_word_due - now)
        told = await tell(context, db, after, now, "case_reopened", agent=name, next_update=within)
        owner = await notify(context, db, [agent_id], NotificationKind.CASE_REOPENED, case=after)
        return after, (*step_events(after, (*said, *told)), *saved.events, *owner)
    told = await tell_of_queue(context, db, after, news, now, "case_reopened_queue")
    return after, (*step_events(after, (*said, *told), queues=frozenset({after.category})), *saved.events)


async def _say(
    context: Context, db: AsyncConnection, case: Case, text: str, client_message_id: str | None, now: datetime
) -> tuple[Message, ...]:
    """The customer's own line, when there is one and their client sent it."""
    if not text or client_message_id is None:
        return ()
    line = Draft(SenderType.CUSTOMER, text, client_message_id=client_message_id)
    _, said = await store.append_messages(db, case.conversation_id, [line], now=now, new_id=context.new_id)
    return said


def _reopened(context: Context, case: Case, now: datetime, *, to_agent: bool) -> Case:
    status = status_after(case, Step.REOPEN_TO_AGENT if to_agent else Step.REOPEN_TO_QUEUE)
    return replace(
        case,
        status=status,
        agent_id=case.agent_id if to_agent else None,
        targets=context.sla_of(case).reopened(case, now),
        resolved_at=None,
        version=case.version + 1,
    )


async def _own_case(db: AsyncConnection, conversation_id: str, case_id: str) -> Case:
    case = await case_store.get_case(db, case_id)
    if case.conversation_id != conversation_id:
        raise NotFound("There is no such case.")
    return case


async def customer_actor(db: AsyncConnection, case: Case) -> Actor:
    """The customer of a case as who does a step."""
    return Actor.of_customer(await people.get_customer(db, case.customer_id))
