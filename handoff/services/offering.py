"""The front of each queue is put before the best agent; where nobody can take it, the next best, lead and customer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.actors import SYSTEM
from handoff.domain.assignment import Candidate, Choice, Round
from handoff.domain.cases import Case, CaseStatus, Step, status_after
from handoff.domain.conversations import Message
from handoff.domain.notifications import NotificationKind
from handoff.domain.offers import Offer, tries_made
from handoff.domain.presence import PresenceState
from handoff.services.case_writing import save_step, step_events, tell
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.services.notifications import leads_of, notify
from handoff.services.offers import make_offer
from handoff.services.opening_news import NOBODY_THERE
from handoff.services.pacing import paced
from handoff.services.workload import candidates, choice_for
from handoff.store import cases as case_store
from handoff.store import conversations, notifications, presences
from handoff.store import offers as offer_store
from handoff.store.case_events import events_of
from handoff.store.schema import case_events

FRONT_OF_QUEUE = 200
"""How many of a queue are looked at in one round: what stands further back has its turn later."""


INTO_QUEUE: Final = frozenset({Step.OPEN, Step.REOPEN_TO_QUEUE, Step.TRANSFER, Step.ESCALATE})
"""The steps at which the customer hears whether anybody is there."""


def _always() -> bool:
    return True


async def offer_waiting(context: Context, *, going: Callable[[], bool] = _always) -> int:
    """Offer every queue's front once round; returns how many offers were made. Safe on several nodes at once.

    A round over thousands takes minutes, so it ends early once ``going`` says no: a service that stops waits for it.
    """
    if context.policy.offers.tries == 0:
        return 0
    async with context.db.read() as db:
        among = await candidates(context, db)
        waiting = [
            case
            for category in Category
            for case in await offer_store.waiting_without_offer(db, category, limit=FRONT_OF_QUEUE)
        ]
        offers = await offer_store.offers_of_cases(db, [case.id for case in waiting])
        told = await _told_already(db, [case.id for case in waiting])
    made = 0
    # Who could be asked at all: of thousands that wait while everybody is asked already, nothing else is looked at.
    free = tuple(one for one in among if one.state is PresenceState.ONLINE and not one.answering)
    for case in sorted(waiting, key=lambda one: (one.rank_at, one.number)):
        if not going():
            break
        best = _choice(context, case, free, offers[case.id]).best
        if best is not None:
            async with paced():
                offered = await _offer(context, case.id)
            if offered:
                made += 1
                free = tuple(one for one in free if one.agent.id != best.agent.id)
        elif case.id not in told and _is_too_long(context, case, offers[case.id]):
            async with paced():
                await _tell_of_nobody(context, case.id)
        else:
            await asyncio.sleep(0)
    return made


def _choice(context: Context, case: Case, among: tuple[Candidate, ...], offers: tuple[Offer, ...]) -> Choice:
    """Nobody once enough offers came to nothing: then the case waits to be taken."""
    if tries_made(offers) >= context.policy.offers.tries:
        return Choice(None, Round.TEAM, {})
    return choice_for(context, case, among, offers, next_best=_is_too_long(context, case, offers))


def _is_too_long(context: Context, case: Case, offers: tuple[Offer, ...]) -> bool:
    """Whether the case has found nobody for longer than the policy allows, since it came or an offer ended."""
    since = max([case.queued_at, *(offer.answered_at for offer in offers if offer.answered_at is not None)])
    return context.clock() - since >= context.policy.assignment.nobody_after


async def _offer(context: Context, case_id: str) -> bool:
    """Offer one case as things stand once it is held; False where somebody else was first or everything changed."""
    now = context.clock()
    try:
        async with context.db.write() as db:
            case = await _held(db, case_id)
            if case is None:
                return False
            offers = (await offer_store.offers_of_cases(db, [case.id]))[case.id]
            best = _choice(context, case, await candidates(context, db), offers).best
            if best is None:
                return False
            # Held, so that two nodes with two cases do not both fill the room that this agent has left.
            await presences.get_presence(db, best.agent.id, for_change=True)
            choice = _choice(context, case, await candidates(context, db), offers)
            if choice.best is None or choice.best.agent.id != best.agent.id:
                return False
            saved = await make_offer(context, db, case, best.agent, SYSTEM, now, round_name=choice.asked)
    except IntegrityError:
        return False
    context.publish(saved.events)
    return True


async def _held(db: AsyncConnection, case_id: str) -> Case | None:
    """The case, with its conversation held; None once it does not wait or is offered to somebody."""
    found = await case_store.get_case(db, case_id)
    await conversations.get_conversation(db, found.conversation_id, for_change=True)
    case = await case_store.get_case(db, case_id)
    if case.status is not CaseStatus.OPEN or await offer_store.pending_of_case(db, case_id) is not None:
        return None
    return case


async def _told_already(db: AsyncConnection, case_ids: list[str]) -> set[str]:
    query = select(case_events.c.case_id).where(case_events.c.case_id.in_(case_ids), case_events.c.step == Step.NOBODY)
    return set((await db.execute(query)).scalars())


async def _tell_of_nobody(context: Context, case_id: str) -> None:
    """Once a case: the customer hears the truth, the queue's leads are alerted. Out of hours nobody is expected."""
    now = context.clock()
    async with context.db.write() as db:
        case = await _held(db, case_id)
        if case is None or not context.policy.hours_of(case.category).is_open(now):
            return
        row = exists().where(case_events.c.case_id == case.id, case_events.c.step == Step.NOBODY)
        if (await db.execute(select(row))).scalar_one():
            return
        status_after(case, Step.NOBODY)
        after = replace(case, version=case.version + 1)
        saved = await save_step(context, db, case, after, Step.NOBODY, SYSTEM, now)
        told = await _tell_customer(context, db, saved.case, now)
        events = saved.events + await _alert_leads(context, db, saved.case, now)
    context.publish((*step_events(saved.case, told), *events))


async def _tell_customer(context: Context, db: AsyncConnection, case: Case, now: datetime) -> tuple[Message, ...]:
    """Nothing, where they heard already, when the case came into the queue, that nobody is there."""
    into_queue = [e for e in await events_of(db, case.id) if e.step in INTO_QUEUE]
    last = max((n for n, e in enumerate(into_queue) if e.step in (Step.OPEN, Step.REOPEN_TO_QUEUE)), default=0)
    if any(event.data.get(NOBODY_THERE) for event in into_queue[last:]):
        return ()
    queue = context.wording.to(case.language).queue(case.category)
    position = await case_store.queue_position(db, case)
    return await tell(context, db, case, now, "nobody_eligible", queue=queue, position=position)


async def _alert_leads(context: Context, db: AsyncConnection, case: Case, now: datetime) -> tuple[Event, ...]:
    """Each lead of the queue once in a while, not for every case of a busy hour."""
    since = now - context.policy.assignment.alert_every
    kind = NotificationKind.NOBODY_ELIGIBLE
    due = [
        lead.id
        for lead in await leads_of(db, case.category)
        if not await notifications.was_told(db, lead.id, kind, since=since, category=case.category)
    ]
    return await notify(context, db, due, kind, case=case, data={"category": case.category})
