"""What an agent decides within their authority, carried out in the shop once, written down and told (P4, P21, P23).

The decision is written before the shop is asked, so that it counts against the limit however many are made at once, and
settled afterwards. The shop is asked outside of any transaction. What is not known to have happened stays uncertain,
and the same key asks again: the shop does it once for each key, whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from handoff.contract import AuthorityKind, AuthorityOptions, AuthorityRequest
from handoff.domain.actors import Actor
from handoff.domain.audit import AuditEntry
from handoff.domain.authority import ASKED_AGAIN, AuthorityUse, UseStatus, limit_of, require_authority, used
from handoff.domain.cases import Case, Step, require_owner, status_after
from handoff.domain.conversations import Message
from handoff.domain.errors import BadValue, ShopRefused, ShopUnreachable
from handoff.domain.people import Agent, Customer
from handoff.services.case_writing import case_to_change, publish_step, save_step, tell, visible_case
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.services.shop import Shop, ShopUncertain
from handoff.store import audit, people
from handoff.store import authority as store
from handoff.store import cases as case_store
from handoff.store import conversations as conversation_store

NEEDED = {AuthorityKind.REFUND: ("order_number", "sku"), AuthorityKind.FEE_WAIVER: ("charge_id",)}
"""What a decision of each kind must name."""


@dataclass(frozen=True, slots=True)
class Authority:
    """What the agent may still decide in this case: by kind the limit, what is used, and the decisions so far."""

    limits: dict[AuthorityKind, Decimal]
    used: dict[AuthorityKind, Decimal]
    uses: tuple[AuthorityUse, ...]
    options: AuthorityOptions
    shop_problem: str | None
    """Why there are no options: the shop cannot be reached, or the customer is a visitor."""


async def read_authority(context: Context, shop: Shop, case_id: str, agent: Agent) -> Authority:
    """Raise ``NotFound`` for a case that the agent may not see."""
    async with context.db.read() as db:
        case = await visible_case(db, case_id, agent)
        uses = await store.uses_of(db, case.id)
        customer = await people.get_customer(db, case.customer_id)
    options, problem = AuthorityOptions(), None
    if customer.external_id is None:
        problem = "This customer is a visitor: give the order number and the e-mail address that they ordered with."
    else:
        try:
            options = await shop.options(customer.external_id)
        except ShopUnreachable as error:
            problem = error.message
    return Authority(
        limits={kind: _limit(context, kind, agent) for kind in AuthorityKind},
        used={kind: used(uses, kind) for kind in AuthorityKind},
        uses=uses,
        options=options,
        shop_problem=problem,
    )


def _limit(context: Context, kind: AuthorityKind, agent: Agent) -> Decimal:
    entry = context.policy.authority.get(kind)
    return limit_of(entry.by_level if entry else {}, agent.level)


async def use_authority(
    context: Context, shop: Shop, case_id: str, agent: Agent, wanted: AuthorityUse
) -> tuple[Case, AuthorityUse]:
    """Decide and carry out. With a key that was used before, what became of it, asking the shop again where unknown.

    Raises ``OverAuthority``, ``ShopRefused``, ``ShopUnreachable``, ``NotOwner``, ``WrongState``, ``CaseClosed``,
    ``BadValue`` or ``NotFound``.
    """
    begun, customer = await _begin(context, case_id, agent, wanted)
    if begun.status not in ASKED_AGAIN:
        return await _as_it_is(context, begun, agent)
    request = AuthorityRequest(
        idempotency_key=f"{case_id}:{begun.key}",
        kind=begun.kind,
        amount=begun.amount,
        reason=begun.reason,
        # Of a customer whom the website vouched for, nothing of anybody else can be reached.
        customer_id=customer.external_id,
        email=begun.email if customer.external_id is None else None,
        order_number=begun.order_number,
        sku=begun.sku,
        charge_id=begun.charge_id,
    )
    try:
        done = await shop.use(request)
    except ShopRefused:
        await _settle(context, agent, begun, status=UseStatus.REFUSED)
        raise
    except ShopUnreachable:
        # The first try may have got through all the same: an uncertain decision stays one.
        if begun.status is not UseStatus.UNCERTAIN:
            await _settle(context, agent, begun, status=UseStatus.UNREACHED)
        raise
    except ShopUncertain:
        return await _settle(context, agent, begun, status=UseStatus.UNCERTAIN)
    return await _settle(
        context, agent, begun, status=UseStatus.DONE, reference=done.reference, arrives_by=done.arrives_by
    )


async def _begin(context: Context, case_id: str, agent: Agent, wanted: AuthorityUse) -> tuple[AuthorityUse, Customer]:
    """Write the decision down, if the agent may make it; or the one that stands under the same key."""
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        customer = await people.get_customer(db, case.customer_id)
        uses = await store.uses_of(db, case.id)
        standing = next((use for use in uses if use.key == wanted.key), None)
        if standing is not None:
            if not standing.asks_the_same(wanted):
                raise BadValue("This key stands for another decision. Make a new one for every decision.", field="key")
            if standing.status is not UseStatus.UNREACHED:
                return standing, customer
        status_after(case, Step.AUTHORITY)
        require_owner(case, agent.id, may_override=agent.sees_all)
        _check_named(wanted, customer)
        entry = context.policy.authority.get(wanted.kind)
        require_authority(
            wanted.kind,
            wanted.amount,
            used(uses, wanted.kind),
            level=agent.level,
            limits=entry.by_level if entry else {},
            level_names={level: named.name for level, named in context.policy.levels.items()},
        )
        if standing is None:
            await store.begin_use(db, wanted)
        else:
            await store.settle_use(db, replace(standing, status=UseStatus.BEGUN))
        return replace(wanted, status=UseStatus.BEGUN), customer


def _check_named(wanted: AuthorityUse, customer: Customer) -> None:
    for field in NEEDED.get(wanted.kind, ()):
        if getattr(wanted, field) is None:
            raise BadValue(f"A {wanted.kind.replace('_', ' ')} needs {field}.", field=field)
    if customer.external_id is None and (wanted.email is None or wanted.order_number is None):
        raise BadValue(
            "This customer is a visitor: give the order number and the e-mail address that they ordered with.",
            field="email",
        )


async def _as_it_is(context: Context, use: AuthorityUse, agent: Agent) -> tuple[Case, AuthorityUse]:
    async with context.db.read() as db:
        case = await visible_case(db, use.case_id, agent)
    if use.status is UseStatus.REFUSED:
        raise ShopRefused("The shop did not allow it, and nothing was changed. Decide anew with a new key.")
    return case, use


async def _settle(
    context: Context, agent: Agent, begun: AuthorityUse, *, status: UseStatus, **became: Any
) -> tuple[Case, AuthorityUse]:
    """Write what became of the decision; what happened, or may have, stands in history and audit log.

    The case may have moved on meanwhile, even have been closed: what the shop did is written down all the same.
    """
    now = context.clock()
    settled = replace(begun, status=status, settled_at=now, **became)
    events: tuple[Event, ...] = ()
    stored: tuple[Message, ...] = ()
    async with context.db.write() as db:
        case = await case_store.get_case(db, begun.case_id)
        await conversation_store.get_conversation(db, case.conversation_id, for_change=True)
        case = await case_store.get_case(db, begun.case_id)
        latest = next(use for use in await store.uses_of(db, case.id) if use.key == begun.key)
        if latest.status in (UseStatus.DONE, status):
            # Somebody asked with the same key at the same moment and was first to write.
            return case, latest
        await store.settle_use(db, settled)
        if status in (UseStatus.DONE, UseStatus.UNCERTAIN):
            data = {
                "kind": begun.kind,
                "amount": f"{begun.amount:.2f}",
                "status": status,
                "reference": settled.reference,
                "key": begun.key,
            }
            actor = Actor.of_agent(agent)
            after = replace(case, version=case.version + 1)
            saved = await save_step(context, db, case, after, Step.AUTHORITY, actor, now, text=begun.reason, data=data)
            case, events = saved.case, saved.events
            entry = AuditEntry(now, actor, f"authority.{begun.kind}", "case", case.id, {**data, "reason": begun.reason})
            await audit.add_entry(db, entry)
        if status is UseStatus.DONE:
            stored = await tell(
                context, db, case, now, f"authority_{begun.kind}", **_words(context, case, agent, settled)
            )
    publish_step(context, case, stored, more=events)
    return case, settled


def _words(context: Context, case: Case, agent: Agent, use: AuthorityUse) -> dict[str, object]:
    words: dict[str, object] = {"agent": agent.name, "amount": f"£{use.amount:.2f}", "reference": use.reference}
    if use.arrives_by is not None:
        days = (use.arrives_by - context.clock().date()).days
        words["arrives"] = context.wording.to(case.language).within(timedelta(days=max(1, days)))
    return words
