"""Following up (P27): on the planned day somebody is told once, asks the customer, and says what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.cases import Case, CaseStatus, Step, status_after
from handoff.domain.conversations import ConversationStatus
from handoff.domain.errors import BadValue, WrongState
from handoff.domain.notifications import NotificationKind
from handoff.domain.people import Agent
from handoff.domain.resolutions import FollowUpResult, Resolution, checked_follow_up
from handoff.services.after_case import reopen_in
from handoff.services.case_writing import can_see, case_to_change, save_step
from handoff.services.context import Context
from handoff.services.events import CaseChanged, Event
from handoff.services.notifications import leads_of, notify
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store import people, resolutions

LOOK_EVERY_SECONDS: Final = 60.0
A_DAY: Final = timedelta(days=1)
"""No time zone is further from UTC: what is due somewhere today is due by tomorrow in UTC."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A customer whom somebody is still to ask; ``due`` once the day has come in the queue's time zone."""

    case: Case
    resolution: Resolution
    agent_name: str | None
    due: bool


async def follow_ups(context: Context, agent: Agent) -> tuple[FollowUp, ...]:
    """The follow-ups that nobody has done yet, of the cases that the agent may see, the earliest first."""
    now = context.clock()
    async with context.db.read() as db:
        found = await resolutions.awaited_follow_ups(db)
        cases = await case_store.get_cases(db, [resolution.case_id for resolution in found])
        names = await people.agent_names(db) if found else {}
    return tuple(
        FollowUp(
            cases[resolution.case_id],
            resolution,
            names.get(resolution.agent_id) if resolution.agent_id else None,
            _has_come(context, cases[resolution.case_id], resolution.follow_up_on, now),
        )
        for resolution in found
        if can_see(agent, cases[resolution.case_id])
    )


async def follow_up(
    context: Context,
    case_id: str,
    agent: Agent,
    *,
    result: FollowUpResult,
    note: str,
    again_on: date | None = None,
) -> Case:
    """Write down what came of following up. ``did_not_work`` opens the case again, with the same owner if present.

    A customer who was not reached may be asked again on another day. Raises ``WrongState`` when the case has no
    follow-up to do, ``BadValue`` for the day, ``CaseClosed`` and ``NotFound``.
    """
    now = context.clock()
    if again_on is not None and result is not FollowUpResult.NOT_REACHED:
        raise BadValue("Another day is set only for a customer who was not reached.", field="again_on")
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status_after(case, Step.FOLLOW_UP)
        resolution = await _awaited(db, case)
        within = context.policy.after_resolution.follow_up_within_days
        again = checked_follow_up(again_on, _today(context, case, now), within_days=within)
        done = replace(resolution, followed_up_at=now)
        if again is not None:
            done = replace(resolution, follow_up_on=again, follow_up_told_at=None)
        await resolutions.save_resolution(db, done)
        data: dict[str, object] = {"result": result, "resolution": resolution.number}
        if again is not None:
            data["again_on"] = again.isoformat()
        actor = Actor.of_agent(agent)
        after = replace(case, follow_up_on=again, version=case.version + 1)
        saved = await save_step(context, db, case, after, Step.FOLLOW_UP, actor, now, text=note, data=data)
        after, events = saved.case, saved.events
        if result is FollowUpResult.DID_NOT_WORK:
            after, more = await _open_again(context, db, after, actor, note, now)
            events = (*events, *more)
    context.publish((CaseChanged(case.id, case.conversation_id), *events))
    return after


async def _awaited(db: AsyncConnection, case: Case) -> Resolution:
    found = await resolutions.resolutions_of(db, case.id)
    if not found or not found[-1].awaits_follow_up:
        raise WrongState(f"Case {case.number} has no follow-up to do; plan one with follow_up_on when you resolve it.")
    return found[-1]


async def _open_again(
    context: Context, db: AsyncConnection, case: Case, actor: Actor, note: str, now: datetime
) -> tuple[Case, tuple[Event, ...]]:
    """Reopen where there is a conversation to go on in; else the result alone stands, and the leads are told."""
    conversation = await store.get_conversation(db, case.conversation_id, for_change=True)
    latest = await case_store.latest_case(db, case.conversation_id)
    if conversation.status is ConversationStatus.OPEN and latest is not None and latest.id == case.id:
        return await reopen_in(context, db, case, actor, (), note, now)
    leads = await leads_of(db, case.category)
    ids = [lead.id for lead in leads]
    return case, await notify(context, db, ids, NotificationKind.FOLLOW_UP_FAILED, case=case)


async def tell_due(context: Context) -> int:
    """Tell of every follow-up whose day has come and whose queue is there now; returns how many were told.

    Each is taken by compare-and-set, so of several nodes one tells it; after an outage those that came due meanwhile
    are told in their order, once.
    """
    now = context.clock()
    until = (now + A_DAY).date()
    async with context.db.read() as db:
        found = await resolutions.awaited_follow_ups(db, until=until, untold=True)
    told = 0
    for resolution in found:
        async with context.db.write() as db:
            found_case = await case_store.get_case(db, resolution.case_id)
            await store.get_conversation(db, found_case.conversation_id, for_change=True)
            case = await case_store.get_case(db, resolution.case_id)
            if case.status is not CaseStatus.CLOSED or not _is_time(context, case, resolution.follow_up_on, now):
                continue
            if not await resolutions.take_follow_up(db, resolution, now):
                continue
            ids = await _whom_to_tell(db, case, resolution)
            events = await notify(context, db, ids, NotificationKind.FOLLOW_UP_DUE, case=case)
        context.publish(events)
        told += 1
    return told


async def _whom_to_tell(db: AsyncConnection, case: Case, resolution: Resolution) -> Sequence[str]:
    """The owner of that time; the queue's leads when there was none, or they are gone."""
    active = {agent.id for agent in await people.active_agents(db)}
    if resolution.agent_id in active and resolution.agent_id is not None:
        return [resolution.agent_id]
    return [lead.id for lead in await leads_of(db, case.category)]


def _today(context: Context, case: Case, now: datetime) -> date:
    return now.astimezone(context.policy.hours_of(case.category).zone).date()


def _has_come(context: Context, case: Case, day: date | None, now: datetime) -> bool:
    return day is not None and day <= _today(context, case, now)


def _is_time(context: Context, case: Case, day: date | None, now: datetime) -> bool:
    return _has_come(context, case, day, now) and context.policy.hours_of(case.category).is_open(now)
