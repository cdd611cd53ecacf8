"""The front of each queue is put before the best agent; where nobody of the team can take it, before the next best."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.actors import SYSTEM
from handoff.domain.assignment import Candidate, Choice, Round
from handoff.domain.cases import Case, CaseStatus
from handoff.domain.offers import Offer, tries_made
from handoff.domain.presence import PresenceState
from handoff.services.context import Context
from handoff.services.offers import make_offer
from handoff.services.pacing import paced
from handoff.services.workload import candidates, choice_for, highest_of
from handoff.store import cases as case_store
from handoff.store import conversations, presences
from handoff.store import offers as offer_store

FRONT_OF_QUEUE: Final = 200
"""How many of a queue are looked at in one round: what stands further back has its turn later."""
READ_AT_ONCE: Final = 20
"""Cases that are read in one go: mostly the first few find everybody who is free, and messages wait for no more."""


def always() -> bool:
    """For work that nobody ends early."""
    return True


async def offer_waiting(context: Context, *, going: Callable[[], bool] = always) -> int:
    """Offer every queue's front once round; returns how many offers were made. Safe on several nodes at once.

    Of thousands that wait while everybody is asked already, none is read. A round over many takes long all the same, so
    it ends early once ``going`` says no: a service that stops waits for it.
    """
    if context.policy.offers.tries == 0:
        return 0
    async with context.db.read() as db:
        staff = await candidates(context, db)
        free = who_can_be_asked(staff)
        served = [category for category in Category if any(_serves(one, category) for one in free)]
        front = await offer_store.front_without_offer(db, served, limit=FRONT_OF_QUEUE) if served else ()
    made = 0
    async for case, offers in _in_turn(context, front):
        if not free or not going():
            break
        best = choice_now(context, case, free, offers, highest=highest_of(staff, case)).best
        if best is not None:
            async with paced():
                offered = await _offer(context, case.id, best.agent.id)
            if offered:
                made += 1
                free = tuple(one for one in free if one.agent.id != best.agent.id)
    return made


def who_can_be_asked(among: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Those who are at the desk, and have no other offer to answer."""
    return tuple(one for one in among if one.state is PresenceState.ONLINE and not one.answering)


def _serves(candidate: Candidate, category: Category) -> bool:
    return category in candidate.agent.queues or candidate.agent.leads(category)


async def _in_turn(context: Context, case_ids: tuple[str, ...]) -> AsyncIterator[tuple[Case, tuple[Offer, ...]]]:
    """Each case with its offers, read a few at a time."""
    for first in range(0, len(case_ids), READ_AT_ONCE):
        ids = case_ids[first : first + READ_AT_ONCE]
        async with context.db.read() as db:
            cases = await case_store.get_cases(db, ids)
            offers = await offer_store.offers_of_cases(db, ids)
        for case_id in ids:
            yield cases[case_id], offers[case_id]
        await asyncio.sleep(0)


def choice_now(
    context: Context, case: Case, among: tuple[Candidate, ...], offers: tuple[Offer, ...], *, highest: int
) -> Choice:
    """Who is asked next. Nobody once enough offers came to nothing: then the case waits to be taken."""
    if tries_made(offers) >= context.policy.offers.tries:
        return Choice(None, Round.TEAM, {})
    too_long = _is_too_long(context, case, offers)
    return choice_for(context, case, among, offers, highest=highest, next_best=too_long)


def _is_too_long(context: Context, case: Case, offers: tuple[Offer, ...]) -> bool:
    """Whether the case has found nobody for longer than the policy allows, since it came or an offer ended."""
    since = max([case.queued_at, *(offer.answered_at for offer in offers if offer.answered_at is not None)])
    return context.clock() - since >= context.policy.assignment.nobody_after


async def _offer(context: Context, case_id: str, agent_id: str) -> bool:
    """Offer one case to this agent; False where, once it is held, somebody else was first or would be better."""
    now = context.clock()
    try:
        async with context.db.write() as db:
            case = await case_without_offer(db, case_id)
            if case is None:
                return False
            # Held, so that two nodes with two cases do not both fill the room that this agent has left.
            await presences.get_presence(db, agent_id, for_change=True)
            offers = (await offer_store.offers_of_cases(db, [case.id]))[case.id]
            staff = await candidates(context, db)
            choice = choice_now(context, case, staff, offers, highest=highest_of(staff, case))
            if choice.best is None or choice.best.agent.id != agent_id:
                return False
            saved = await make_offer(context, db, case, choice.best.agent, SYSTEM, now, round_name=choice.asked)
    except IntegrityError:
        return False
    context.publish(saved.events)
    return True


async def case_without_offer(db: AsyncConnection, case_id: str) -> Case | None:
    """A waiting case, with its conversation held; None once it does not wait or is offered to somebody."""
    found = await case_store.get_case(db, case_id)
    await conversations.get_conversation(db, found.conversation_id, for_change=True)
    case = await case_store.get_case(db, case_id)
    if case.status is not CaseStatus.OPEN or await offer_store.pending_of_case(db, case_id) is not None:
        return None
    return case
