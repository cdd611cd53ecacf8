"""Writes to the outbox what other systems are told, in the transaction in which it happens (P24)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Case, Step
from handoff.domain.conversations import Message, SenderType
from handoff.domain.deadlines import Deadline
from handoff.domain.incidents import Incident
from handoff.domain.outbox import Channel, Delivery, EventName
from handoff.domain.outside import EventAgent, EventBody, EventCase, EventCustomer
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.store import incidents, people, webhooks
from handoff.store import outbox as store
from handoff.store.schema import messages

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken

_EVENTS: Final[Mapping[Step, EventName]] = {
    Step.OPEN: EventName.CASE_OPENED,
    Step.ACCEPT: EventName.CASE_ASSIGNED,
    Step.TAKE_OVER: EventName.CASE_ASSIGNED,
    Step.RELEASE: EventName.CASE_MOVED,
    Step.TRANSFER: EventName.CASE_MOVED,
    Step.ESCALATE: EventName.CASE_MOVED,
    Step.WAIT: EventName.CASE_WAITING,
    Step.RESUME: EventName.CASE_UPDATED,
    Step.NEXT_UPDATE: EventName.CASE_UPDATED,
    Step.PLAN: EventName.CASE_UPDATED,
    Step.SEVERITY: EventName.CASE_UPDATED,
    Step.WORD: EventName.CASE_MESSAGE,
    Step.NOBODY: EventName.CASE_NOBODY_ELIGIBLE,
    Step.RESOLVE: EventName.CASE_RESOLVED,
    Step.RETURN_TO_BOT: EventName.CASE_RESOLVED,
    Step.MERGE: EventName.CASE_RESOLVED,
    Step.REOPEN_TO_QUEUE: EventName.CASE_REOPENED,
    Step.REOPEN_TO_AGENT: EventName.CASE_REOPENED,
    Step.SURVEY: EventName.CASE_RATED,
}
"""What a step is called outside. Notes, offers and the like stay inside; see ``_DEADLINES`` for theirs."""
_DEADLINES: Final = {
    "_near": EventName.DEADLINE_NEAR,
    "_missed": EventName.DEADLINE_MISSED,
    Deadline.STALLED: EventName.DEADLINE_STALLED,
}
_PLAIN: Final = frozenset(
    {"deadline", "due_at", "from", "to", "waiting_for", "disposition", "root_cause", "csat", "nps"}
)
"""What of a step's data is no text that somebody wrote."""


async def tell_outside(context: Context, db: AsyncConnection, taken: StepTaken) -> tuple[Event, ...]:
    """Queue what a step means to other systems."""
    event = _event_of(taken)
    if event is None:
        return ()
    texts = context.policy.telling.webhooks_with_texts
    data: dict[str, Any] = {"step": taken.step, "by": taken.actor.type}
    data |= {key: value for key, value in taken.data.items() if texts or key in _PLAIN}
    if texts and taken.text:
        data["text"] = taken.text
    await queue_event(context, db, event, taken.after, data)
    return ()


def _event_of(taken: StepTaken) -> EventName | None:
    if taken.step is not Step.DEADLINE:
        return _EVENTS.get(taken.step)
    deadline = str(taken.data.get("deadline", ""))
    return next((event for ending, event in _DEADLINES.items() if deadline.endswith(ending)), None)


async def tell_customer_message(
    context: Context, db: AsyncConnection, case: Case, message: Message, *, brought: bool
) -> None:
    """Queue that the customer wrote in a case; ``brought`` by another system, which knows of it then.

    It is asked at each message, so as long as no webhook wants it the database is asked only now and then.
    """
    event, known = EventName.CASE_CUSTOMER_MESSAGE, context.wanted_outside
    if known.is_due(context.clock()):
        known.read(context.clock(), await webhooks.active_webhooks(db))
    if event in known.events:
        data: dict[str, Any] = {"by": SenderType.CUSTOMER, "message_id": message.id, "brought": brought}
        if context.policy.telling.webhooks_with_texts:
            data["text"] = message.text
        await queue_event(context, db, event, case, data)


async def queue_incident(context: Context, db: AsyncConnection, event: EventName, incident: Incident) -> None:
    """Queue what happened to an incident; its title is ours, or a lead's for customers."""
    links = await incidents.links_of(db, incident.id)
    conversations = {link.conversation_id for link in links}
    data = {
        "incident_id": incident.id,
        "title": incident.title,
        "category": incident.category,
        "count": len(conversations),
    }
    await queue_event(context, db, event, None, data)


async def queue_event(
    context: Context,
    db: AsyncConnection,
    event: EventName,
    case: Case | None = None,
    data: Mapping[str, Any] | None = None,
) -> str | None:
    """Queue an event for every webhook that wants it; it is sent once the transaction is committed.

    ``data`` goes out as it is: nothing that somebody wrote may be in it unless the policy lets texts out. Returns the
    event's id, None where nobody wants it.
    """
    wanting = [webhook for webhook in await webhooks.active_webhooks(db) if event in webhook.events]
    if not wanting:
        return None
    now, event_id = context.clock(), context.new_id()
    told = dict(data or {})
    if event is EventName.CASE_MESSAGE and case is not None and context.policy.telling.webhooks_with_texts:
        told["text"] = await _last_word(db, case.conversation_id)
    body = EventBody(
        id=event_id,
        event=event,
        at=now,
        case=await event_case(context, db, case) if case is not None else None,
        data=told,
    )
    payload = body.model_dump(mode="json")
    await store.add_deliveries(
        db,
        [
            Delivery(
                id=context.new_id(),
                channel=Channel.WEBHOOK,
                webhook_id=webhook.id,
                event_id=event_id,
                event=event,
                case_id=case.id if case is not None else None,
                payload=payload,
                created_at=now,
                next_try_at=now,
            )
            for webhook in wanting
        ],
    )
    return event_id


async def event_case(context: Context, db: AsyncConnection, case: Case) -> EventCase:
    """The case as other systems see it."""
    customer = await people.get_customer(db, case.customer_id)
    owner = await people.get_agent(db, case.agent_id) if case.agent_id is not None else None
    return EventCase(
        id=case.id,
        number=case.number,
        version=case.version,
        status=case.status,
        category=case.category,
        severity=case.severity,
        level=case.level,
        reason=case.reason,
        problem=case.problem if context.policy.telling.webhooks_with_texts else _problem_in_our_words(context, case),
        contact_number=case.contact_number,
        source=case.source,
        agent=EventAgent(id=owner.id, name=owner.name) if owner is not None else None,
        customer=EventCustomer(
            id=customer.external_id or customer.id,
            tier=customer.tier,
            verified=customer.verified,
            name=customer.name if context.policy.telling.webhooks_with_texts else None,
        ),
        waiting_for=case.waiting_for,
        opened_at=case.opened_at,
        accepted_at=case.accepted_at,
        first_response_at=case.first_response_at,
        first_response_due=case.targets.first_response_due,
        next_update_due=case.next_word_due,
        resolution_due=case.targets.resolution_due,
        resolved_at=case.resolved_at,
        disposition=case.disposition,
        root_cause=case.root_cause,
        csat=case.csat,
        nps=case.nps,
    )


def _problem_in_our_words(context: Context, case: Case) -> str:
    """What the case is about as our wording names it: who opens a case from outside states its problem freely."""
    ours = context.wording.problem(case.topic, case.context.facts, case.category)
    return ours if case.problem == ours else context.wording.problem(case.topic, {}, case.category)


async def _last_word(db: AsyncConnection, conversation_id: str) -> str:
    query = (
        select(messages.c.text)
        .where(messages.c.conversation_id == conversation_id)
        .order_by(messages.c.seq.desc())
        .limit(1)
    )
    return str((await db.execute(query)).scalar_one_or_none() or "")
