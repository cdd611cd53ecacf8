"""Offering a case to one agent, and what becomes of it: accepted, declined, expired.

Each takes the case's conversation first, so that accepting and expiring at the same moment wait for each other; the
database holds at most one pending offer a case, and an offer ends by compare-and-set.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import SYSTEM, Actor
from handoff.domain.cases import Case, CaseStatus, Step, status_after
from handoff.domain.errors import AlreadyAccepted, NotFound, OfferGone
from handoff.domain.notifications import NotificationKind
from handoff.domain.offers import Offer, OfferStatus, OfferStep, expired_in_a_row, offer_status_after
from handoff.domain.people import Agent
from handoff.domain.presence import PresenceState, PresenceStep
from handoff.services.case_steps import accept
from handoff.services.case_writing import Saved, save_step
from handoff.services.context import Context
from handoff.services.events import CaseChanged, ConversationChanged, Event, MessagesStored, OfferEnded, OfferMade
from handoff.services.notifications import notify
from handoff.services.opening_news import moving_news, tell_of_queue
from handoff.services.presence import step_presence
from handoff.store import cases as case_store
from handoff.store import conversations, people, presences
from handoff.store import offers as store


async def make_offer(
    context: Context,
    db: AsyncConnection,
    case: Case,
    agent: Agent,
    actor: Actor,
    now: datetime,
    *,
    round_name: str,
    reserved: bool = False,
) -> Saved:
    """Put a waiting case before an agent, inside the caller's transaction, which holds the conversation."""
    policy = context.policy.offers
    until = now + (policy.reserved_for if reserved else policy.stands_for)
    offer = Offer(context.new_id(), case.id, agent.id, OfferStatus.PENDING, now, until, reserved)
    status_after(case, Step.OFFER)
    await store.insert_offer(db, offer)
    data = {"agent_id": agent.id, "agent_name": agent.name, "round": round_name, "expires_at": until.isoformat()}
    saved = await save_step(
        context, db, case, replace(case, version=case.version + 1), Step.OFFER, actor, now, data=data
    )
    return Saved(saved.case, (*saved.events, OfferMade(offer, saved.case), _changed(saved.case)))


async def own_offers(context: Context, agent: Agent) -> tuple[tuple[Offer, Case], ...]:
    """What the agent has to answer, each with its case."""
    async with context.db.read() as db:
        return tuple(
            [
                (offer, await case_store.get_case(db, offer.case_id))
                for offer in await store.pending_of_agent(db, agent.id)
            ]
        )


async def accept_offer(context: Context, offer_id: str, agent: Agent) -> Case:
    """Take the case of an offer. Raises ``AlreadyAccepted`` with the name of who was first, or ``OfferGone``."""
    async with context.db.read() as db:
        offer = await _own(db, offer_id, agent)
        case = await case_store.get_case(db, offer.case_id)
        owner = await people.get_agent(db, case.agent_id) if case.agent_id is not None else None
    if offer.status is not OfferStatus.PENDING:
        if owner is not None and owner.id != agent.id and case.is_owned:
            raise AlreadyAccepted(f"{owner.name} has already accepted case {case.number}.", agent_name=owner.name)
        if owner is None or owner.id != agent.id:
            offer_status_after(offer, OfferStep.ACCEPT)
    return await accept(context, offer.case_id, agent)


async def decline_offer(context: Context, offer_id: str, agent: Agent, *, reason: str) -> Case:
    """Give an offer back, with the reason for colleagues: the case keeps its place. Raises ``OfferGone``."""
    async with context.db.read() as db:
        offer = await _own(db, offer_id, agent)
    ended = await _end(context, offer.id, OfferStep.DECLINE, Step.DECLINE, Actor.of_agent(agent), reason)
    if ended is None:
        raise OfferGone("This offer has ended already.")
    return ended


async def expire_offers(context: Context) -> int:
    """End the offers whose time is over, oldest first; returns how many. Safe on several nodes at once."""
    async with context.db.read() as db:
        due = await store.due_offers(db, context.clock())
    ended = [await _end(context, offer.id, OfferStep.EXPIRE, Step.OFFER_EXPIRE, SYSTEM, "") for offer in due]
    return sum(case is not None for case in ended)


async def _own(db: AsyncConnection, offer_id: str, agent: Agent) -> Offer:
    offer = await store.get_offer(db, offer_id)
    if offer.agent_id != agent.id:
        raise NotFound("There is no such offer.")
    return offer


async def _end(
    context: Context, offer_id: str, offer_step: OfferStep, step: Step, actor: Actor, reason: str
) -> Case | None:
    """End a pending offer without its case being taken; None where it ended otherwise meanwhile."""
    now = context.clock()
    async with context.db.write() as db:
        seen = await store.get_offer(db, offer_id)
        found = await case_store.get_case(db, seen.case_id)
        await conversations.get_conversation(db, found.conversation_id, for_change=True)
        offer, case = await store.get_offer(db, offer_id), await case_store.get_case(db, seen.case_id)
        if offer.status is not OfferStatus.PENDING or case.status is not CaseStatus.OPEN:
            return None
        ended = replace(offer, status=offer_status_after(offer, offer_step), answered_at=now, reason=reason)
        if not await store.end_offer(db, ended):
            return None
        status_after(case, step)
        agent = await people.get_agent(db, offer.agent_id)
        data: dict[str, Any] = {"agent_id": agent.id, "agent_name": agent.name}
        after = replace(case, version=case.version + 1)
        news = None
        if offer.reserved:
            # The customer was told a name: now that this one does not come, they hear that their place is kept, and
            # when the next word comes.
            after = replace(after, targets=context.sla_of(case).taken_up(case, now))
            news = await moving_news(context, db, after, now)
            data |= news.recorded()
        saved = await save_step(context, db, case, after, step, actor, now, text=reason, data=data)
        events: tuple[Event, ...] = (*saved.events, OfferEnded(ended), _changed(saved.case))
        if news is not None:
            told = await tell_of_queue(context, db, saved.case, news, now, "returned_to_queue")
            events += (MessagesStored(case.conversation_id, told), ConversationChanged(case.conversation_id))
        if offer_step is OfferStep.EXPIRE:
            events += await _away_if_silent(context, db, agent, saved.case)
    context.publish(events)
    return saved.case


async def _away_if_silent(context: Context, db: AsyncConnection, agent: Agent, case: Case) -> tuple[Event, ...]:
    """Who let so many offers expire in a row is not at the desk, whatever it says; they are told."""
    most = context.policy.offers.away_after_expired
    presence = await presences.get_presence(db, agent.id, for_change=True)
    if presence is None or presence.state is not PresenceState.ONLINE:
        return ()
    # Those before the agent came back last say nothing any more.
    latest = [
        offer
        for offer in await store.last_offers_of(db, agent.id, limit=most)
        if offer.offered_at >= presence.changed_at
    ]
    if expired_in_a_row(latest) < most:
        return ()
    _, events = await step_presence(context, db, agent.id, PresenceStep.GO_AWAY)
    told = await notify(context, db, [agent.id], NotificationKind.SET_AWAY, case=case, values={"count": most})
    return (*events, *told)


def _changed(case: Case) -> CaseChanged:
    return CaseChanged(case.id, case.conversation_id)
