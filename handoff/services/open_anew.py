"""A case that turns out unsolved too late to be opened again: a new one takes its place and names it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import (
    Attempt,
    Decision,
    DecisionAction,
    EscalationKind,
    HandoffReason,
    HandoffRequest,
    Reason,
)
from handoff.domain.cases import Case
from handoff.domain.conversations import Message
from handoff.services.context import Context
from handoff.services.events import Event, MessagesStored
from handoff.services.open_case import write_case
from handoff.store import cases as case_store

SIGNAL = "solved_before"


async def open_anew(
    context: Context, db: AsyncConnection, old: Case, said: tuple[Message, ...], note: str, now: datetime
) -> tuple[Case, tuple[Event, ...]]:
    """Open a case with everything that the old one held, and what was told then as what was tried (P18, P20).

    The customer's contact counts one up, so that it comes as one who had to come back. Run inside the transaction of
    ``reopen``.
    """
    key = said[-1].id if said else f"{old.id}:{old.resolution_count}"
    told = f"{old.number}: {old.outcome}" if old.outcome else old.number
    reason = Reason(
        signal=SIGNAL,
        reason=HandoffReason.REPEAT_CONTACT,
        value=float(old.contact_number + 1),
        threshold=1.0,
        evidence=(note,) if note else (),
    )
    request = HandoffRequest(
        conversation_id=old.conversation_id,
        message_id=key,
        idempotency_key=f"{key}:anew",
        decision=Decision(
            action=DecisionAction.NOW,
            reason=HandoffReason.REPEAT_CONTACT,
            kind=EscalationKind.FUNCTIONAL,
            category=old.category,
            severity=old.severity,
            level=old.level,
            contact_number=old.contact_number + 1,
            reasons=(reason,),
            policy_version=context.policy.version,
            triage=old.triage,
        ),
        problem=old.problem,
        topic=old.topic,
        facts=old.context.facts,
        attempts=(*old.context.attempts, Attempt(action=SIGNAL, outcome=told, at=old.resolved_at)),
    )
    accepted, events = await write_case(context, db, request, now=now, follows=old)
    case = await case_store.get_case(db, accepted.case_id)
    if said:
        events = (MessagesStored(old.conversation_id, said), *events)
    return case, events
