"""The handoff: case, owner and the customer's notice in one transaction, or nothing at all.

Asking twice is harmless. The request's key is unique, and a conversation has at most one case that is not closed; a
second request gets the case that stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import (
    Category,
    Decision,
    DecisionAction,
    EscalationKind,
    HandoffAccepted,
    HandoffReason,
    HandoffRequest,
    Mood,
    TurnRecord,
)
from handoff.domain.actors import BOT, Actor
from handoff.domain.cases import FROM_BOT, Case, CaseContext, CaseStatus, Step
from handoff.domain.conversations import Conversation, ConversationStatus, Draft, SenderType, TurnStatus
from handoff.domain.errors import ConversationClosed
from handoff.domain.ownership import owner_after
from handoff.domain.people import Customer
from handoff.domain.queue_order import priority_points
from handoff.services.case_writing import save_opening, with_paragraph
from handoff.services.context import Context
from handoff.services.events import CaseChanged, ConversationChanged, Event, MessagesStored, QueueMoved
from handoff.services.opening_news import below_notice, next_word, opening_news
from handoff.store import cases as case_store
from handoff.store import contacts, people
from handoff.store import conversations as store


async def open_case(context: Context, request: HandoffRequest) -> HandoffAccepted:
    """Open the case that the bot asks for, or say which one stands already.

    Raises ``NotFound``, or ``ConversationClosed`` when the customer has begun a fresh conversation meanwhile.
    """
    async with context.db.write() as db:
        accepted, events = await write_case(context, db, request, now=context.clock())
    context.publish(events)
    return accepted


async def write_case(
    context: Context,
    db: AsyncConnection,
    request: HandoffRequest,
    *,
    now: datetime,
    follows: Case | None = None,
    actor: Actor = BOT,
    source: str = FROM_BOT,
    language: str | None = None,
) -> tuple[HandoffAccepted, tuple[Event, ...]]:
    """``open_case`` inside the caller's transaction; the events are to be published after its commit.

    ``follows`` is an earlier case about the same, which the history of the new one names. ``actor`` and ``source`` say
    who asks, where it is not the bot.
    """
    conversation = await store.get_conversation(db, request.conversation_id, for_change=True)
    standing = await case_store.case_by_key(db, request.idempotency_key)
    if standing is None:
        standing = await case_store.open_case_of(db, conversation.id)
    if standing is not None:
        return await _accepted(db, standing, created=False), ()
    if conversation.status is ConversationStatus.CLOSED:
        raise ConversationClosed("This conversation was ended: the customer has begun a new one.")
    customer = await people.get_customer(db, conversation.customer_id)
    case = await _new_case(context, db, conversation, customer, request, now)
    case = replace(case, source=source, language=language or conversation.language)
    news = await opening_news(context, db, case, customer, now)
    data = {"reason": case.reason, "category": case.category, "severity": case.severity, **news.recorded()}
    if case.context.kind is not None:
        data["kind"] = case.context.kind
    if follows is not None:
        data |= {"follows": follows.id, "follows_number": follows.number}
    saved = await save_opening(context, db, case, actor, idempotency_key=request.idempotency_key, data=data)
    case = saved.case
    await store.change_owner(db, conversation, owner_after(conversation.owner, Step.OPEN, None))
    await store.hand_off_pending_turns(db, conversation.id, now=now)
    for record in request.turns:
        if record.message_id == request.message_id:
            await store.finish_turn(db, record.message_id, TurnStatus.HANDED_OFF, now=now, record=record)
    if case.topic is not None:
        await contacts.note_contact(
            db,
            conversation_id=conversation.id,
            customer_id=customer.id,
            topic=case.topic,
            category=case.category,
            at=now,
        )
    accepted = await _accepted(db, case, created=True)
    said = await store.notices_said(db, conversation.id)
    next_update = next_word(context, case, news, now)
    notice = _notice(context, case, customer, request.decision.mood, accepted.position, next_update, said)
    below = await below_notice(context, db, case, news, accepted.position, now)
    notice = replace(notice, text=with_paragraph(notice.text, below))
    _, stored = await store.append_messages(db, conversation.id, [notice], now=now, new_id=context.new_id)
    return accepted, (
        MessagesStored(conversation.id, stored),
        ConversationChanged(conversation.id),
        CaseChanged(case.id, conversation.id),
        QueueMoved(case.category),
        *saved.events,
    )


async def _new_case(
    context: Context,
    db: AsyncConnection,
    conversation: Conversation,
    customer: Customer,
    request: HandoffRequest,
    now: datetime,
) -> Case:
    decision = request.decision
    records = [turn.record for turn in await store.scored_turns(db, conversation.id) if turn.record]
    frustration = [record.frustration for record in (*records, *request.turns)]
    points = priority_points(
        context.weights(),
        severity=decision.severity,
        tier=customer.tier,
        frustration=frustration[-1] if frustration else 0.0,
        contact_number=decision.contact_number,
    )
    return Case(
        id=context.new_id(),
        number=case_store.case_number(await case_store.next_case_number(db)),
        conversation_id=conversation.id,
        customer_id=customer.id,
        status=CaseStatus.OPEN,
        category=decision.category,
        severity=decision.severity,
        level=decision.level,
        priority=points,
        reason=decision.reason or HandoffReason.POLICY,
        problem=request.problem or context.wording.labels["unknown_problem"],
        topic=request.topic,
        triage=decision.triage,
        contact_number=decision.contact_number,
        targets=context.sla(decision.category, decision.severity, customer.tier).opening(now),
        tier=customer.tier,
        context=CaseContext(
            kind=decision.kind,
            reasons=decision.reasons,
            facts=dict(request.facts),
            attempts=request.attempts,
            policy_version=decision.policy_version,
        ),
        handoff_message_id=request.message_id,
        opened_at=now,
        queued_at=now,
        rank_at=now,  # until ``placed_in_queue`` knows everything that it depends on
        version=1,
    )


async def _accepted(db: AsyncConnection, case: Case, *, created: bool) -> HandoffAccepted:
    return HandoffAccepted(
        case_id=case.id,
        case_number=case.number,
        category=case.category,
        position=await case_store.queue_position(db, case) or 0,
        created=created,
    )


def _notice(
    context: Context,
    case: Case,
    customer: Customer,
    mood: Mood | None,
    position: int,
    next_update: str,
    said: Sequence[str],
) -> Draft:
    """The customer hears at once: by name and problem, which queue, what position, when the next word comes (P22)."""
    if case.source != FROM_BOT:
        key = "opened_by_system"
    elif case.reason is HandoffReason.BOT_ERROR:
        key = "bot_handoff"
    elif (risk := _risk_with_a_notice(context, case)) is not None:
        key = risk
    elif case.contact_number > 1:
        key = "handoff_priority"
    else:
        key = "handoff_opened"
    first_name = (customer.name or "").split(" ")[0]
    words = context.wording.to(case.language)
    text = words.notice(
        words.toned(key, case.severity, mood),
        context.random,
        said,
        name_greeting=f"{first_name}, " if first_name else "",
        problem=words.problem_of(case),
        queue=words.queue(case.category),
        position=position,
        next_update=next_update,
        case_number=case.number,
        contact_number=case.contact_number,
    )
    return Draft(SenderType.SYSTEM, text, notice=key)


def _risk_with_a_notice(context: Context, case: Case) -> str | None:
    """The notice of a risk that the customer must be told something about before anything else (P5)."""
    keys = (f"handoff_{reason.signal}" for reason in case.context.reasons)
    return next((key for key in keys if key in context.wording.notices), None)


def request_from_record(context: Context, conversation_id: str, record: TurnRecord) -> HandoffRequest:
    """The request that a recorded decision stands for, when the bot's own one never arrived."""
    return HandoffRequest(
        conversation_id=conversation_id,
        message_id=record.message_id,
        idempotency_key=record.message_id,
        decision=record.decision,
        problem=context.wording.problem(record.topic, record.entities, record.decision.category),
        topic=record.topic,
        facts=record.entities,
        turns=(record,),
    )


async def open_case_without_bot(
    context: Context, conversation_id: str, message_id: str, reason: HandoffReason
) -> HandoffAccepted:
    """Hand over what the bot did not answer within its patience, with what earlier turns told."""
    async with context.db.read() as db:
        request = await request_without_bot(context, db, conversation_id, message_id, reason)
    return await open_case(context, request)


async def request_without_bot(
    context: Context, db: AsyncConnection, conversation_id: str, message_id: str, reason: HandoffReason
) -> HandoffRequest:
    """The request for a case that the bot itself does not ask for, with what earlier turns told."""
    records = [turn.record for turn in await store.scored_turns(db, conversation_id) if turn.record]
    facts = {name: value for record in records for name, value in record.entities.items()}
    topic = next((record.topic for record in reversed(records) if record.topic), None)
    category = Category(context.policy.category_of(topic))
    return HandoffRequest(
        conversation_id=conversation_id,
        message_id=message_id,
        idempotency_key=f"{message_id}:without_bot",
        decision=Decision(
            action=DecisionAction.NOW,
            reason=reason,
            kind=EscalationKind.FUNCTIONAL,
            category=category,
            severity=3,
            policy_version=context.policy.version,
        ),
        problem=context.wording.problem(topic, facts, category),
        topic=topic,
        facts=facts,
    )
