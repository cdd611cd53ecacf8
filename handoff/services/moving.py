"""Moves of a case that name somebody: to a colleague, to a lead who takes over, back to the assistant (P19, P20)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category, EscalationKind
from handoff.domain.actors import Actor
from handoff.domain.assignment import Obstacle, obstacles
from handoff.domain.cases import Case, Step, require_owner, status_after
from handoff.domain.errors import AgentNotAvailable, AlreadyAccepted, BadValue, NotAllowed
from handoff.domain.levels import demanded_level
from handoff.domain.notifications import NotificationKind
from handoff.domain.people import LEAD_LEVEL, Agent
from handoff.services.case_steps import waiting_again
from handoff.services.case_writing import case_to_change, handed_on, publish_step, save_step, tell
from handoff.services.context import Context
from handoff.services.notifications import notify
from handoff.services.offers import make_offer
from handoff.services.taking import require_level
from handoff.services.workload import candidates, highest_of, moved_to
from handoff.store import people, presences
from handoff.wording import sentence

NO_REFUSAL: Final = frozenset({Obstacle.ROOM, Obstacle.ANSWERING, Obstacle.LEAD})
"""What does not stand against somebody who is asked by name: they can decline."""
NAMED: Final = "named"
"""The round of an offer that a colleague made."""


async def transfer_to_agent(
    context: Context,
    case_id: str,
    agent: Agent,
    *,
    to_agent: str,
    tried: str,
    next_step: str,
    category: Category | None = None,
) -> Case:
    """Ask a named colleague to go on, in the case's queue or in ``category`` (P20).

    The case waits at its place with an offer reserved for them; once they decline, it stands in the queue. Raises
    ``AgentNotAvailable`` with all reasons when they are not at the desk or cannot take such a case.
    """
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status = status_after(case, Step.TRANSFER)
        if case.is_owned:
            require_owner(case, agent.id, may_override=agent.sees_all)
        moved = moved_to(context, case, category or case.category)
        colleague = await _available(context, db, moved, to_agent, agent)
        data: dict[str, Any] = {"from": case.category, "to": moved.category, "tried": tried, "next_step": next_step}
        data |= {"kind": EscalationKind.FUNCTIONAL, "to_agent": colleague.id, "to_agent_name": colleague.name}
        after = waiting_again(context, moved, status, now)
        actor = Actor.of_agent(agent)
        saved = await save_step(context, db, case, after, Step.TRANSFER, actor, now, data=data)
        offered = await make_offer(context, db, saved.case, colleague, actor, now, round_name=NAMED, reserved=True)
        after = offered.case
        stored = await tell(
            context,
            db,
            after,
            now,
            "case_transferred_to_agent",
            agent=colleague.name,
            queue=context.wording.to(after.language).queue(after.category),
            next_update=context.wording.to(after.language).within(after.next_word_due - now),
        )
    left = case.category if after.category is not case.category else None
    queues = frozenset({case.category, after.category})
    publish_step(context, after, stored, queues=queues, left=left, more=(*saved.events, *offered.events))
    return after


async def _available(context: Context, db: AsyncConnection, case: Case, to_agent: str, asking: Agent) -> Agent:
    if to_agent == asking.id:
        raise BadValue("Name somebody else: that is you. Accept the case to take it yourself.", field="agent_id")
    await presences.get_presence(db, to_agent, for_change=True)
    staff = await candidates(context, db)
    found = next((one for one in staff if one.agent.id == to_agent), None)
    if found is None:
        raise BadValue("There is no such colleague who deals with cases.", field="agent_id")
    if to_agent == case.agent_id:
        raise BadValue(f"{found.agent.name} has case {case.number} already.", field="agent_id")
    demanded = demanded_level(case, highest_of(staff, case))
    against = obstacles(case, found, demanded=demanded, house_language=context.policy.assignment.language)
    refused = [one for one in against if one not in NO_REFUSAL and not (one is Obstacle.QUEUE and found.agent.sees_all)]
    if refused:
        raise AgentNotAvailable(
            f"{found.agent.name} cannot take case {case.number} now: {', '.join(_IN_WORDS[one] for one in refused)}. "
            "Choose somebody else, or leave it to the queue.",
            agent_name=found.agent.name,
            obstacles=[str(one) for one in refused],
        )
    return found.agent


_IN_WORDS: Final = {
    Obstacle.OFFLINE: "is offline",
    Obstacle.AWAY: "is away",
    Obstacle.DO_NOT_DISTURB: "does not want to be disturbed",
    Obstacle.QUEUE: "does not serve its queue",
    Obstacle.LEVEL: "is of a lower level than it needs",
    Obstacle.SKILL: "lacks a skill that it needs",
    Obstacle.LANGUAGE: "does not speak the customer's language",
    Obstacle.ASKED: "has declined it",
}


async def take_over(
    context: Context,
    case_id: str,
    lead: Agent,
    *,
    reason: str,
    tried: str | None = None,
    next_step: str | None = None,
) -> Case:
    """A lead takes an owned case from its agent; customer and former owner are told. Raises ``NotAllowed``."""
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, lead)
        if not lead.leads(case.category):
            raise NotAllowed(
                "Only who leads the queue takes a case over. Ask its owner to transfer it.", level=LEAD_LEVEL
            )
        status = status_after(case, Step.TAKE_OVER)
        if case.agent_id is None or case.agent_id == lead.id:
            raise AlreadyAccepted(f"You have case {case.number} already.", agent_name=lead.name)
        await require_level(db, case, lead)
        former = await people.get_agent(db, case.agent_id)
        after = replace(
            case, status=status, agent_id=lead.id, waiting_for=None, waiting_since=None, version=case.version + 1
        )
        data = {"from_agent": former.id, "from_agent_name": former.name, **handed_on(tried, next_step)}
        saved = await save_step(
            context,
            db,
            case,
            after,
            Step.TAKE_OVER,
            Actor.of_agent(lead),
            now,
            text=reason,
            data=data,
        )
        after = saved.case
        stored = await tell(
            context,
            db,
            after,
            now,
            "case_taken_over",
            agent=lead.name,
            former=former.name,
            next_update=context.wording.to(after.language).within(after.next_word_due - now),
        )
        kind = NotificationKind.CASE_TAKEN_OVER
        told = await notify(context, db, [former.id], kind, case=after, values={"agent": lead.name})
    publish_step(context, after, stored, queues=frozenset({case.category}), more=(*saved.events, *told))
    return after


async def return_to_bot(
    context: Context,
    case_id: str,
    agent: Agent,
    *,
    line: str,
    reason: str,
    tried: str | None = None,
    next_step: str | None = None,
) -> Case:
    """Close a case because the assistant can go on, with a line for the customer; nothing is replayed to the bot."""
    now = context.clock()
    async with context.db.write() as db:
        case = await case_to_change(db, case_id, agent)
        status = status_after(case, Step.RETURN_TO_BOT)
        if case.is_owned:
            require_owner(case, agent.id, may_override=agent.sees_all)
        after = replace(
            case,
            status=status,
            resolved_at=now,
            disposition=None,
            root_cause=None,
            outcome=line,
            waiting_for=None,
            waiting_since=None,
            version=case.version + 1,
        )
        actor = Actor.of_agent(agent)
        data = {"line": line, **handed_on(tried, next_step)}
        saved = await save_step(context, db, case, after, Step.RETURN_TO_BOT, actor, now, text=reason, data=data)
        stored = await tell(context, db, saved.case, now, "returned_to_bot", agent=agent.name, line=sentence(line))
    publish_step(context, saved.case, stored, queues=frozenset({case.category}), more=saved.events)
    return saved.case
