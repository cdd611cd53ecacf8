"""What time does to every step of a case: clocks that go on after a pause, next deadline, ledger of promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Case, CaseStatus, Step
from handoff.domain.deadlines import Rules, Target, marks_after, running_targets, upcoming
from handoff.domain.notifications import NotificationKind
from handoff.domain.outbox import EventName
from handoff.domain.promises import PromiseStatus, made, settled
from handoff.domain.sla import is_paused
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.services.notifications import leads_of, notify
from handoff.services.telling import queue_event
from handoff.store import promises as store

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken


TAKES_UP: Final = frozenset({Step.ACCEPT, Step.TAKE_OVER, Step.RESUME, Step.RELEASE})
"""The steps at which the customer is told when the next word comes, from whoever has the case now or is to have it:
where the one that stood is overdue, a promise that can be kept."""


def rules_of(context: Context, case: Case) -> Rules:
    """What the policy says of the deadlines of one case."""
    sla, spans = context.policy.sla, context.sla_of(case).spans
    return Rules(
        near={target: sla.near.span(target, getattr(spans, target)) for target in Target},
        stalled_after=sla.stalled_after[case.severity],
        remind_after=sla.customer_silent.remind_after,
        close_after=sla.customer_silent.close_after,
    )


def near_times(context: Context, case: Case) -> dict[Target, datetime]:
    """From when on each target that runs is near: when its owner or its leads are told."""
    clock, near = context.sla_of(case), rules_of(context, case).near
    return {target: clock.before(due_at, near[target]) for target, due_at in running_targets(case).items()}


def with_next_deadline(context: Context, case: Case) -> Case:
    """The case with the next thing that happens to it by itself."""
    found = upcoming(case, context.sla_of(case), rules_of(context, case))
    if not found:
        return replace(case, next_deadline_at=None, next_deadline=None)
    return replace(case, next_deadline_at=found[0].at, next_deadline=found[0].what)


def prepare_clocks(context: Context, taken: StepTaken) -> Case:
    """The case of a step as its clocks stand afterwards, whatever the step was.

    A wait for the customer that the step ended moves what is due by the open time that passed meanwhile, unless the
    step set it itself.
    """
    before, case = taken.before, taken.after
    if before is not None and is_paused(before) and not is_paused(case):
        resumed = context.sla_of(before).resumed(before, taken.now)
        word, solved = case.targets.next_update_due, case.targets.resolution_due
        targets = replace(
            case.targets,
            next_update_due=resumed.next_update_due if word == before.targets.next_update_due else word,
            resolution_due=resumed.resolution_due if solved == before.targets.resolution_due else solved,
        )
        case = replace(case, targets=targets)
    if taken.step in TAKES_UP:
        case = replace(case, targets=context.sla_of(case).taken_up(case, taken.now))
    if case.status is not CaseStatus.WAITING:
        case = replace(case, waiting_for=None, waiting_since=None)
    case = replace(case, in_hand_since=_in_hand_since(taken, case))
    marks = marks_after(before, case, context.sla_of(case), rules_of(context, case), taken.now)
    return with_next_deadline(context, replace(case, deadline_marks=marks))


def _in_hand_since(taken: StepTaken, case: Case) -> datetime | None:
    before = taken.before
    if not case.is_owned:
        return None
    same = before is not None and before.is_owned and before.agent_id == case.agent_id
    if same and before is not None and not (is_paused(before) and not is_paused(case)):
        return before.in_hand_since
    return taken.now


async def keep_ledger(context: Context, db: AsyncConnection, taken: StepTaken) -> tuple[Event, ...]:
    """Settle what was promised to the customer, and keep what is promised now (P23).

    A promise that is found broken is told to those who lead the queue, once (P24).
    """
    case, events = taken.after, tuple[Event, ...]()
    standing = await store.standing_promise(db, case.id)
    if standing is not None:
        now_is = settled(standing, case, taken.step, taken.now, taken.text)
        if now_is != standing:
            await store.save_promise(db, now_is)
        if now_is.status is PromiseStatus.OPEN:
            return events
        if now_is.status is PromiseStatus.BROKEN:
            leads = [agent.id for agent in await leads_of(db, case.category)]
            data = {"promise": now_is.id, "due_at": now_is.due_at.isoformat()}
            events = await notify(context, db, leads, NotificationKind.PROMISE_BROKEN, case=case, data=data)
            await queue_event(context, db, EventName.PROMISE_BROKEN, case, {"due_at": data["due_at"]})
    if taken.step is Step.DEADLINE:
        return events
    promise = made(case, taken.now, context.new_id())
    if promise is not None:
        await store.add_promise(db, promise)
    return events
