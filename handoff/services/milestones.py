"""Waiting for somebody, going on, and the plan: milestones that the owner tells the customer (P23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.cases import Case, Step, WaitingFor, require_owner, status_after
from handoff.domain.errors import WrongState
from handoff.domain.notifications import NotificationKind
from handoff.domain.people import Agent
from handoff.domain.sla import is_paused
from handoff.services.case_writing import case_to_change, owner_name, publish_step, save_step, step_events, tell
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.services.notifications import notify
from handoff.store import people
from handoff.wording import sentence


async def wait(context: Context, case_id: str, agent: Agent, *, waiting_for: WaitingFor, what: str) -> Case:
    """Let a case wait until somebody has answered, and tell the customer for what.

    Waiting for the customer stops the clocks; they must have been written to before, or nothing was asked of them.
    Waiting for anybody else stops nothing, and the next word is promised anew. Raises ``WrongState``, ``NotOwner``.
    """
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status = status_after(case, Step.WAIT)
        require_owner(case, agent.id, may_override=agent.sees_all)
        if waiting_for is WaitingFor.CUSTOMER and case.first_response_at is None:
            raise WrongState(
                f"Nobody has written to the customer of case {case.number} yet. Ask them first, then wait.",
                status=case.status,
            )
        since = case.waiting_since if case.waiting_for is waiting_for else now
        after = replace(case, status=status, waiting_for=waiting_for, waiting_since=since, version=case.version + 1)
        if waiting_for is WaitingFor.THIRD_PARTY:
            after = replace(after, targets=context.sla_of(after).spoken(after, now))
        data = {"waiting_for": waiting_for}
        saved = await save_step(context, db, case, after, Step.WAIT, Actor.of_agent(agent), now, text=what, data=data)
        after = saved.case
        within = context.wording.to(after.language).within(after.next_word_due - now)
        key = f"waiting_{waiting_for}"
        stored = await tell(context, db, after, now, key, agent=agent.name, what=sentence(what), next_update=within)
    publish_step(context, after, stored, more=saved.events)
    return after


async def resume(context: Context, case_id: str, agent: Agent, *, reason: str) -> Case:
    """Go on with a case that waited; the customer is told, with when they hear next. Raises ``WrongState``."""
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status_after(case, Step.RESUME)
        require_owner(case, agent.id, may_override=agent.sees_all)
        after, events = await _resume(context, db, case, Actor.of_agent(agent), now, "case_resumed", reason)
    context.publish(events)
    return after


async def customer_answered(context: Context, db: AsyncConnection, case: Case, now: datetime) -> tuple[Event, ...]:
    """The customer wrote in a case, in the transaction that keeps their message: one that waited for them goes on.

    Its owner is told; the events are to be published after the commit.
    """
    if not is_paused(case):
        return ()
    actor = Actor.of_customer(await people.get_customer(db, case.customer_id))
    after, events = await _resume(context, db, case, actor, now, "answer_received", "")
    if after.agent_id is None:
        return events
    return (*events, *await notify(context, db, [after.agent_id], NotificationKind.CUSTOMER_REPLIED, case=after))


async def _resume(
    context: Context, db: AsyncConnection, case: Case, actor: Actor, now: datetime, notice: str, reason: str
) -> tuple[Case, tuple[Event, ...]]:
    after = replace(case, status=status_after(case, Step.RESUME), version=case.version + 1)
    saved = await save_step(context, db, case, after, Step.RESUME, actor, now, text=reason)
    after = saved.case
    within = context.wording.to(after.language).within(after.next_word_due - now)
    name = await owner_name(context, db, after)
    stored = await tell(context, db, after, now, notice, agent=name, next_update=within)
    return after, (*step_events(after, stored), *saved.events)


async def tell_plan(context: Context, case_id: str, agent: Agent, *, plan: str) -> Case:
    """Tell the customer what will be done. It is a milestone and no answer: the next word stays due as it was."""
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status_after(case, Step.PLAN)
        require_owner(case, agent.id, may_override=agent.sees_all)
        after = replace(case, plan=plan, version=case.version + 1)
        saved = await save_step(context, db, case, after, Step.PLAN, Actor.of_agent(agent), now, text=plan)
        after = saved.case
        stored = await tell(context, db, after, now, "plan_told", agent=agent.name, plan=sentence(plan))
    publish_step(context, after, stored, more=saved.events)
    return after
