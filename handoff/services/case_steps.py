"""What an agent does with a case: accept, release, transfer, escalate, resolve.

Every step reads the case, decides in the domain, writes case, owner, history row and the customer's notice in one
transaction, and publishes after the commit (P19, P20, P23).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category, EscalationKind
from handoff.domain.actors import Actor
from handoff.domain.cases import Case, CaseStatus, Step, require_owner, status_after
from handoff.domain.conversations import Turn, TurnStatus
from handoff.domain.errors import AlreadyAccepted, BadValue, WrongState
from handoff.domain.labels import WRONG_CATEGORY
from handoff.domain.levels import highest_level, is_for, level_after
from handoff.domain.notifications import NotificationKind
from handoff.domain.people import Agent
from handoff.domain.resolutions import checked_follow_up
from handoff.services.case_writing import case_to_change, handed_on, publish_step, save_step, step_events, tell
from handoff.services.context import Context
from handoff.services.events import Event, TurnPending
from handoff.services.notifications import notify
from handoff.services.opening_news import moving_news, tell_of_queue
from handoff.services.taking import overridden
from handoff.services.workload import moved_to
from handoff.store import conversations as store
from handoff.store import people
from handoff.wording import sentence

RESOLVED_PAYLOAD = "/EXTERNAL_case_resolved"
"""How the bot learns that a case ended; customers cannot send it (see ``text_for_bot``)."""


async def accept(context: Context, case_id: str, agent: Agent, *, override_reason: str | None = None) -> Case:
    """Take a waiting case. The first wins; the others get ``AlreadyAccepted`` with the owner's name.

    Unasked it needs what an offer needs; a lead may take it all the same, with a reason. Raises ``NotEligible``,
    ``LevelTooLow``, ``Reserved``.
    """
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        after, events = await accept_in(context, db, case, agent, now, override_reason=override_reason)
    context.publish(events)
    return after


async def accept_in(
    context: Context, db: AsyncConnection, case: Case, agent: Agent, now: datetime, *, override_reason: str | None
) -> tuple[Case, tuple[Event, ...]]:
    """``accept`` inside the caller's transaction, which holds the conversation; publish the events after its commit."""
    if case.is_owned and case.agent_id == agent.id:
        return case, ()
    if case.is_owned and case.agent_id is not None:
        owner = await people.get_agent(db, case.agent_id)
        raise AlreadyAccepted(f"{owner.name} has already accepted case {case.number}.", agent_name=owner.name)
    status = status_after(case, Step.ACCEPT)
    over = await overridden(context, db, case, agent, reason=override_reason)
    after = replace(
        case, status=status, agent_id=agent.id, accepted_at=case.accepted_at or now, version=case.version + 1
    )
    saved = await save_step(
        context,
        db,
        case,
        after,
        Step.ACCEPT,
        Actor.of_agent(agent),
        now,
        text=(override_reason or "") if over else "",
        data={"overrides": [str(one) for one in over]} if over else {},
    )
    after = saved.case
    words = context.wording.to(case.language)
    stored = await tell(
        context,
        db,
        after,
        now,
        "case_assigned",
        agent=agent.name,
        problem=words.problem_of(case),
        queue=words.queue(case.category),
        next_update=words.within(after.next_word_due - now),
    )
    return after, (*step_events(after, stored, queues=frozenset({case.category})), *saved.events)


async def release(
    context: Context,
    case_id: str,
    agent: Agent,
    *,
    reason: str,
    tried: str | None = None,
    next_step: str | None = None,
) -> Case:
    """Give a case back to its queue, at its original position; the customer hears when the next word comes."""
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status = status_after(case, Step.RELEASE)
        require_owner(case, agent.id, may_override=agent.sees_all)
        after = replace(case, status=status, agent_id=None, version=case.version + 1)
        news = await moving_news(context, db, after, now)
        actor, data = Actor.of_agent(agent), handed_on(tried, next_step) | news.recorded()
        saved = await save_step(context, db, case, after, Step.RELEASE, actor, now, text=reason, data=data)
        after = saved.case
        stored = await tell_of_queue(context, db, after, news, now, "returned_to_queue")
    publish_step(context, after, stored, queues=frozenset({case.category}), more=saved.events)
    return after


async def transfer(
    context: Context,
    case_id: str,
    agent: Agent,
    *,
    category: Category,
    tried: str,
    next_step: str,
    wrong_category: bool = False,
) -> Case:
    """Move a case to another queue, with what was tried and what must happen next (P20).

    ``wrong_category`` says that the bot should have chosen this queue: it is kept as a label to learn from.
    """
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status = status_after(case, Step.TRANSFER)
        if case.is_owned:
            require_owner(case, agent.id, may_override=agent.sees_all)
        if category is case.category:
            raise BadValue(f"Case {case.number} is in that queue already.", field="category")
        after = waiting_again(context, moved_to(context, case, category), status, now)
        data: dict[str, Any] = {"from": case.category, "to": category, "tried": tried, "next_step": next_step}
        data["kind"] = EscalationKind.FUNCTIONAL
        data[WRONG_CATEGORY] = wrong_category
        news = await moving_news(context, db, after, now)
        data |= news.recorded()
        actor = Actor.of_agent(agent)
        saved = await save_step(context, db, case, after, Step.TRANSFER, actor, now, data=data)
        after = saved.case
        stored = await tell_of_queue(context, db, after, news, now, "case_transferred")
    publish_step(
        context, after, stored, queues=frozenset({case.category, category}), left=case.category, more=saved.events
    )
    return after


async def escalate(context: Context, case_id: str, agent: Agent, *, tried: str, next_step: str) -> Case:
    """Move a case one level up (P17); everything goes with it. Raises ``TopLevel`` where nobody is above."""
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status_after(case, Step.ESCALATE)
        if case.is_owned:
            require_owner(case, agent.id, may_override=agent.sees_all)
        after, events = await raise_level(
            context, db, case, Actor.of_agent(agent), now, tried=tried, next_step=next_step
        )
    context.publish(events)
    return after


async def raise_level(
    context: Context,
    db: AsyncConnection,
    case: Case,
    actor: Actor,
    now: datetime,
    *,
    tried: str,
    next_step: str,
    kind: EscalationKind = EscalationKind.HIERARCHICAL,
    data: Mapping[str, Any] | None = None,
    told: Collection[str] = (),
) -> tuple[Case, tuple[Event, ...]]:
    """Move a case one level up, in the caller's transaction; publish the events after it.

    The customer is told, and in the house those of the new level and those who lead the queue, but for ``told``, who
    know already. Raises ``TopLevel`` where nobody in its queue is of a higher level.
    """
    status = status_after(case, Step.ESCALATE)
    level = level_after(case, Step.ESCALATE, await highest_in_queue(db, case.category))
    after = waiting_again(context, replace(case, level=level), status, now)
    news = await moving_news(context, db, after, now)
    row = {"from": case.level, "to": after.level, "tried": tried, "next_step": next_step, "kind": kind, **(data or {})}
    row |= news.recorded()
    saved = await save_step(context, db, case, after, Step.ESCALATE, actor, now, data=row)
    after = saved.case
    level_name = context.wording.to(case.language).levels[after.level]
    stored = await tell_of_queue(context, db, after, news, now, "case_escalated", level_name=level_name)
    up_there = [one.id for one in await people.active_agents(db) if is_for(after, one) and one.id != actor.id]
    alerts = await notify(
        context,
        db,
        [agent_id for agent_id in up_there if agent_id not in told],
        NotificationKind.CASE_ESCALATED,
        case=after,
        values={"why": next_step},
    )
    return after, (*step_events(after, stored, queues=frozenset({case.category})), *saved.events, *alerts)


async def highest_in_queue(db: AsyncConnection, category: Category) -> int:
    """The highest level that anybody who may sign in has in this queue."""
    return highest_level(await people.active_agents(db), category)


def waiting_again(context: Context, moved: Case, status: CaseStatus, now: datetime) -> Case:
    """Back in a queue without losing the wait so far; the customer is promised the next word anew."""
    targets = context.sla_of(moved).moved(moved, now)
    return replace(moved, status=status, agent_id=None, targets=targets, version=moved.version + 1)


async def resolve(
    context: Context,
    case_id: str,
    agent: Agent,
    *,
    disposition: str,
    root_cause: str,
    outcome: str,
    follow_up_on: date | None = None,
) -> Case:
    """Close a case with resolution and root cause (P26); the bot owns again, knows it, asks whether it worked (P27).

    ``follow_up_on`` is the day on which a person is to ask the customer again, in the time zone of the queue.
    """
    now = context.clock()
    check_resolution(context, disposition, root_cause)
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status_after(case, Step.RESOLVE)
        if not case.is_owned:
            raise WrongState(f"Case {case.number} waits in its queue. Accept it first.", status=case.status)
        require_owner(case, agent.id, may_override=agent.sees_all)
        after, events = await resolve_in(
            context,
            db,
            case,
            Actor.of_agent(agent),
            agent.name,
            now,
            disposition=disposition,
            root_cause=root_cause,
            outcome=outcome,
            follow_up_on=follow_up_on,
        )
    context.publish(events)
    return after


def check_resolution(context: Context, disposition: str, root_cause: str) -> None:
    """Raise ``BadValue`` for a disposition or a root cause that the policy does not have."""
    if disposition not in context.policy.dispositions:
        raise BadValue(f"There is no disposition {disposition!r} in escalation.yml.", field="disposition")
    if not any(root_cause in group.causes for group in context.policy.root_causes.values()):
        raise BadValue(f"There is no root cause {root_cause!r} in escalation.yml.", field="root_cause")


async def resolve_in(
    context: Context,
    db: AsyncConnection,
    case: Case,
    actor: Actor,
    name: str,
    now: datetime,
    *,
    disposition: str,
    root_cause: str,
    outcome: str,
    follow_up_on: date | None = None,
) -> tuple[Case, tuple[Event, ...]]:
    """``resolve`` inside the caller's transaction, by whoever may; the customer is told that ``name`` solved it."""
    today = now.astimezone(context.policy.hours_of(case.category).zone).date()
    within_days = context.policy.after_resolution.follow_up_within_days
    after = replace(
        case,
        status=status_after(case, Step.RESOLVE),
        follow_up_on=checked_follow_up(follow_up_on, today, within_days=within_days),
        resolved_at=now,
        disposition=disposition,
        root_cause=root_cause,
        outcome=outcome,
        csat=None,
        csat_comment=None,
        csat_agent_id=None,
        nps=None,
        version=case.version + 1,
    )
    data = {"disposition": disposition, "root_cause": root_cause}
    if follow_up_on is not None:
        data["follow_up_on"] = follow_up_on.isoformat()
    saved = await save_step(context, db, case, after, Step.RESOLVE, actor, now, text=outcome, data=data)
    after = saved.case
    stored = await tell(
        context,
        db,
        after,
        now,
        "case_resolved",
        agent=name,
        outcome=sentence(outcome),
        cause=sentence(context.wording.to(case.language).cause(root_cause)),
    )
    told = {"outcome": sentence(outcome), "agent": name, "case": case.number}
    turn = Turn(
        message_id=context.new_id(),
        conversation_id=case.conversation_id,
        seq=0,
        payload=RESOLVED_PAYLOAD + json.dumps(told, ensure_ascii=False),
        status=TurnStatus.PENDING,
        created_at=now,
    )
    await store.insert_turn(db, turn)
    conversation = await store.get_conversation(db, case.conversation_id)
    # A case that nobody had accepted leaves its queue with this.
    queues = frozenset({case.category}) if not case.is_owned else frozenset()
    pending = TurnPending(turn, conversation.owner.version)
    return after, (*step_events(after, stored, queues=queues), *saved.events, pending)
