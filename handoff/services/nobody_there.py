"""Where nobody can take a case for too long, the customer hears the truth and the queue's leads are alerted (P16)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.actors import SYSTEM
from handoff.domain.cases import Case, Step, status_after
from handoff.domain.conversations import Message
from handoff.domain.notifications import NotificationKind
from handoff.services.case_writing import save_step, step_events, tell
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.services.notifications import leads_of, notify
from handoff.services.offering import always, case_without_offer, choice_now, who_can_be_asked
from handoff.services.opening_news import NOBODY_THERE
from handoff.services.pacing import paced
from handoff.services.workload import candidates, highest_of
from handoff.store import cases as case_store
from handoff.store import notifications
from handoff.store import offers as offer_store
from handoff.store.case_events import events_of

AT_ONCE: Final = 20
"""Customers who are told in one round; the others hear it in the next ones."""
INTO_QUEUE: Final = frozenset(
    {
        Step.OPEN,
        Step.REOPEN_TO_QUEUE,
        Step.TRANSFER,
        Step.ESCALATE,
        Step.RELEASE,
        Step.DECLINE,
        Step.OFFER_EXPIRE,
    }
)
"""The steps at which the customer hears whether anybody is there."""


async def tell_of_nobody(context: Context, *, going: Callable[[], bool] = always) -> int:
    """Tell of the cases that have found nobody for longer than the policy allows; returns of how many.

    Each is told of once, those who are served next first, a few in one round. Out of hours nobody is expected. Safe on
    several nodes at once; ends early once ``going`` says no.
    """
    if context.policy.offers.tries == 0:
        return 0
    now = context.clock()
    served = [category for category in Category if context.policy.hours_of(category).is_open(now)]
    since = now - context.policy.assignment.nobody_after
    async with context.db.read() as db:
        ids = await offer_store.found_nobody(db, served, since=since, limit=AT_ONCE)
        if not ids:
            return 0
        staff = await candidates(context, db)
        free = who_can_be_asked(staff)
        cases = await case_store.get_cases(db, ids)
        offers = await offer_store.offers_of_cases(db, ids)
    told, alerted = 0, set[Category]()
    for case_id in ids:
        case = cases[case_id]
        choice = choice_now(context, case, free, offers[case_id], highest=highest_of(staff, case))
        if going() and choice.best is None:
            async with paced():
                if await _tell(context, case_id, alert=case.category not in alerted):
                    told += 1
                    alerted.add(case.category)
    return told


async def _tell(context: Context, case_id: str, *, alert: bool) -> bool:
    now = context.clock()
    async with context.db.write() as db:
        case = await case_without_offer(db, case_id)
        if case is None or await offer_store.was_told_of_nobody(db, case_id):
            return False
        status_after(case, Step.NOBODY)
        after = replace(case, version=case.version + 1)
        saved = await save_step(context, db, case, after, Step.NOBODY, SYSTEM, now)
        told = await _tell_customer(context, db, saved.case, now)
        events = saved.events + (await _alert_leads(context, db, saved.case, now) if alert else ())
    context.publish((*step_events(saved.case, told), *events))
    return True


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
    leads = [lead.id for lead in await leads_of(db, case.category)]
    told = await notifications.told_since(db, leads, kind, since=since, category=case.category)
    due = [lead for lead in leads if lead not in told]
    return await notify(context, db, due, kind, case=case, data={"category": case.category})
