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
from handoff.services.availability import deserted, served_levels
from handoff.services.case_writing import save_step, step_events, tell_with
from handoff.services.context import Context
from handoff.services.events import Event, QueueMoved
from handoff.services.notifications import leads_of, notify
from handoff.services.offering import always, case_without_offer, choice_now, who_can_be_asked
from handoff.services.opening_news import OpeningNews, contact_words, moving_news, tell_nobody_there
from handoff.services.pacing import paced
from handoff.services.workload import candidates, highest_of
from handoff.store import cases as case_store
from handoff.store import notifications
from handoff.store import offers as offer_store

AT_ONCE: Final = 20
"""Customers who are told in one round; the others hear it in the next ones."""


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
        news = await moving_news(context, db, case, now)
        saved = await save_step(context, db, case, after, Step.NOBODY, SYSTEM, now, data=news.recorded())
        told = await _tell_customer(context, db, saved.case, news, now)
        events = saved.events + (await _alert_leads(context, db, saved.case, now) if alert else ())
    context.publish((*step_events(saved.case, told), *events))
    return True


async def _tell_customer(
    context: Context, db: AsyncConnection, case: Case, news: OpeningNews, now: datetime
) -> tuple[Message, ...]:
    """Nothing, where they heard already that nobody is there."""
    if news.heard:
        return ()
    queue = context.wording.to(case.language).queue(case.category)
    position = await case_store.queue_position(db, case)
    below = "" if news.there.somebody else contact_words(context, case, news)
    return await tell_with(context, db, case, now, "nobody_eligible", below, queue=queue, position=position)


async def tell_of_changed_desks(context: Context, seen: dict[Category, tuple[bool, frozenset[int]]]) -> None:
    """Let those who wait see their wait anew where their queue opened or closed, or its first agent came or last left.

    ``seen`` is what the round before saw, by this node for its own widgets; it is brought up to date.
    """
    async with context.db.read() as db:
        served = await served_levels(context, db, context.clock())
    changed = {category for category, now in served.items() if seen.get(category, now) != now}
    seen.update(served)
    for key in [key for key in context.recent_waits.somebody if key[0] in changed]:
        del context.recent_waits.somebody[key]
    if changed:
        context.publish(tuple(QueueMoved(category) for category in sorted(changed)))


async def tell_who_is_left_waiting(context: Context, *, going: Callable[[], bool] = always) -> int:
    """Tell those who waited already when their queue closed, or when the last who could take them left; of how many.

    Who comes later hears it with the notice of their case. Each hears it once, a few in one round, and an e-mail
    address that they then write is taken. Safe on several nodes at once; ends early once ``going`` says no.
    """
    async with context.db.read() as db:
        empty = await deserted(context, db, context.clock())
        ids = await offer_store.not_told_of_empty_desks(db, empty, limit=AT_ONCE) if empty else ()
    told = 0
    for case_id in ids:
        if going():
            async with paced():
                told += await _tell_left_waiting(context, case_id)
    return told


async def _tell_left_waiting(context: Context, case_id: str) -> bool:
    now = context.clock()
    async with context.db.write() as db:
        case = await case_without_offer(db, case_id)
        if case is None:
            return False
        news = await moving_news(context, db, case, now)
        if news.there.somebody or news.heard:
            return False
        status_after(case, Step.NOBODY_THERE)
        after = replace(case, version=case.version + 1)
        saved = await save_step(context, db, case, after, Step.NOBODY_THERE, SYSTEM, now, data=news.recorded())
        told = await tell_nobody_there(context, db, saved.case, news, now)
    context.publish((*step_events(saved.case, told, queues=frozenset({case.category})), *saved.events))
    return True


async def _alert_leads(context: Context, db: AsyncConnection, case: Case, now: datetime) -> tuple[Event, ...]:
    """Each lead of the queue once in a while, not for every case of a busy hour."""
    since = now - context.policy.assignment.alert_every
    kind = NotificationKind.NOBODY_ELIGIBLE
    leads = [lead.id for lead in await leads_of(db, case.category)]
    told = await notifications.told_since(db, leads, kind, since=since, category=case.category)
    due = [lead for lead in leads if lead not in told]
    return await notify(context, db, due, kind, case=case, data={"category": case.category})
