"""Another system opens a case: customer, conversation, what was said so far, case and reference, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import (
    Category,
    Decision,
    DecisionAction,
    EscalationKind,
    HandoffReason,
    HandoffRequest,
    Reason,
    Tier,
)
from handoff.domain.api_keys import ApiKey, Scope
from handoff.domain.conversations import Conversation, Draft, SenderType, new_conversation
from handoff.domain.errors import BadValue, CaseStands, KeyReused
from handoff.domain.people import Customer
from handoff.services.context import Context
from handoff.services.events import Event, MessagesStored
from handoff.services.integration.reading import OutsideCase, outside_cases
from handoff.services.integration.references import GivenReference, tie
from handoff.services.open_case import write_case
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import people

SIGNAL = "opened_by_system"
"""The reason of such a case; ``data/wording/agents.yml`` says it in words."""


@dataclass(frozen=True, slots=True)
class GivenCustomer:
    """Whose case it is. ``external_id`` is the website's own identifier, not the other system's."""

    external_id: str | None
    email: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """A line that was said elsewhere."""

    sender: SenderType
    text: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """What another system knows of a new case."""

    idempotency_key: str
    customer: GivenCustomer
    category: Category
    severity: int
    level: int
    problem: str
    facts: dict[str, str]
    transcript: tuple[Said, ...]
    language: str | None
    reference: GivenReference | None


async def open_outside(context: Context, key: ApiKey, opening: Opening) -> tuple[OutsideCase, bool]:
    """Open a case, or return the one that this idempotency key opened before; and whether it is new.

    Raises ``ScopeMissing``, ``CategoryNotAllowed``, ``CaseStands`` (the customer has an open one), ``ReferenceTaken``,
    ``KeyReused`` (the key stands for another problem), ``BadValue`` (an e-mail that several customers have).
    """
    key.require(Scope.CASES_WRITE)
    key.require_category(opening.category)
    try:
        return await _open(context, key, opening)
    except IntegrityError:
        # The same request, or the same customer's widget, was a moment faster; now it stands.
        return await _open(context, key, opening)


async def _open(context: Context, key: ApiKey, opening: Opening) -> tuple[OutsideCase, bool]:
    now = context.clock()
    # The empty part in front says that no message of the customer's is known to have led to the case.
    stored_key = f":{key.name}:{opening.idempotency_key}"
    async with context.db.write() as db:
        standing = await case_store.case_by_key(db, stored_key)
        if standing is not None:
            if standing.problem != opening.problem:
                raise KeyReused("This idempotency_key opened a case with another problem. Make one for each.")
            key.require_to_see(standing.category)
            return (await outside_cases(db, [standing], key))[0], False
        customer = await _customer(context, db, opening.customer, now)
        conversation = await _conversation(context, db, customer, now, opening.language)
        await _require_none_stands(db, conversation, key)
        events = await _say(context, db, conversation, opening.transcript, key, now)
        request = _request(key, conversation, opening, stored_key)
        accepted, opened = await write_case(
            context, db, request, now=now, actor=key.actor, source=key.name, language=opening.language
        )
        if opening.reference is not None:
            await tie(db, key, accepted.case_id, opening.reference, now)
        case = await case_store.get_case(db, accepted.case_id)
        found = (await outside_cases(db, [case], key))[0]
    context.publish((*events, *opened))
    return found, True


async def _customer(context: Context, db: AsyncConnection, given: GivenCustomer, now: datetime) -> Customer:
    """The customer with this identifier, else the one with this e-mail, else a new one.

    What the website signed of a customer stays as it is. A new one counts as verified if the system names the website's
    own identifier: the key vouches for it as the website does.
    """
    if given.external_id is not None:
        known = await people.customer_by_external_id(db, given.external_id)
        if known is not None:
            return known
    elif given.email is not None:
        found = await people.customers_by_email(db, given.email)
        verified = [customer for customer in found if customer.verified]
        if len(verified) > 1:
            raise BadValue("Several customers have this e-mail. Name the one by external_id.", field="customer.email")
        if found:
            return (verified or list(found))[0]
    customer = Customer(
        id=context.new_id(),
        external_id=given.external_id,
        name=given.name,
        email=given.email,
        tier=Tier.STANDARD,
        verified=given.external_id is not None,
        created_at=now,
    )
    await people.insert_customer(db, customer)
    return customer


async def _conversation(
    context: Context, db: AsyncConnection, customer: Customer, now: datetime, language: str | None
) -> Conversation:
    current = await store.latest_open_conversation(db, customer.id)
    if current is not None:
        return await store.get_conversation(db, current.id, for_change=True)
    conversation = new_conversation(context.new_id(), customer.id, now, language=language)
    await store.insert_conversation(db, conversation)
    return conversation


async def _require_none_stands(db: AsyncConnection, conversation: Conversation, key: ApiKey) -> None:
    standing = await case_store.open_case_of(db, conversation.id)
    if standing is None:
        return
    if standing.category not in key.visible:
        raise CaseStands("This customer has an open case in a queue that this key is not for.")
    raise CaseStands(
        f"This customer has the open case {standing.number}. Add a message, a note or a reference to it.",
        case_id=standing.id,
        case_number=standing.number,
    )


async def _say(
    context: Context,
    db: AsyncConnection,
    conversation: Conversation,
    transcript: Sequence[Said],
    key: ApiKey,
    now: datetime,
) -> tuple[Event, ...]:
    drafts = [Draft(said.sender, said.text, sender_name=said.name, sender_id=key.id) for said in transcript]
    if not drafts:
        return ()
    _, stored = await store.append_messages(db, conversation.id, drafts, now=now, new_id=context.new_id)
    return (MessagesStored(conversation.id, stored),)


def _request(key: ApiKey, conversation: Conversation, opening: Opening, stored_key: str) -> HandoffRequest:
    reason = HandoffReason.EXPLICIT_REQUEST
    refers = opening.reference
    evidence = f"{key.name} {refers.id}" if refers is not None else key.name
    return HandoffRequest(
        conversation_id=conversation.id,
        message_id=stored_key,
        idempotency_key=stored_key,
        decision=Decision(
            action=DecisionAction.NOW,
            reason=reason,
            kind=EscalationKind.HIERARCHICAL if opening.level > 1 else EscalationKind.FUNCTIONAL,
            category=opening.category,
            severity=opening.severity,
            level=opening.level,
            reasons=(Reason(signal=SIGNAL, reason=reason, value=1.0, threshold=1.0, evidence=(evidence,)),),
        ),
        problem=opening.problem,
        facts=opening.facts,
    )
