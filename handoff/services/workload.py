"""What cases take and agents have: a case's weight and skills, and the agents as candidates for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.assignment import Candidate, Choice, Round, choose
from handoff.domain.cases import Case, CaseStatus, Step
from handoff.domain.levels import demanded_level, highest_level
from handoff.domain.offers import Offer, asked_lately
from handoff.services.context import Context
from handoff.services.presence import state_of
from handoff.store import offers as offer_store
from handoff.store import people, presences

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken


def weigh(context: Context, taken: StepTaken) -> Case:
    """The case as it is to be stored: at the opening with the skills of its topic, always with its weight."""
    policy, case = context.policy.assignment, taken.after
    if case.status is CaseStatus.CLOSED:
        return case
    skills = case.skills
    if taken.step is Step.OPEN and not skills:
        skills = policy.skills_for(case.topic)
    return replace(case, skills=skills, weight=policy.weight(case.category, case.severity))


def moved_to(context: Context, case: Case, category: Category) -> Case:
    """The case in another queue, with what its people must be able to do.

    The skills of a topic are those of the queue that the topic belongs to. Who moves the case elsewhere found that it
    is about something else, and in that queue nobody need have them.
    """
    if category is case.category:
        return case
    own = context.policy.category_of(case.topic) == category
    return replace(case, category=category, skills=context.policy.assignment.skills_for(case.topic) if own else ())


async def candidates(context: Context, db: AsyncConnection) -> tuple[Candidate, ...]:
    """Everybody who deals with cases, as they are at this moment."""
    found = [agent for agent in await people.active_agents(db) if agent.works_cases]
    ids = [agent.id for agent in found]
    known = await presences.presences_of(db, ids)
    loads = await offer_store.loads(db, ids)
    now = context.clock()
    listed = []
    for agent in found:
        presence, load = known.get(agent.id), loads[agent.id]
        moments = [moment for moment in (load.last_busy, presence.changed_at if presence else None) if moment]
        idle_since = max(moments, default=now)
        listed.append(Candidate(agent, state_of(context, presence), load.units, idle_since, load.answering))
    return tuple(listed)


def choice_for(
    context: Context,
    case: Case,
    among: tuple[Candidate, ...],
    offers: Iterable[Offer],
    *,
    highest: int,
    next_best: bool,
) -> Choice:
    """Whom the case goes to, under the policy; ``next_best``: also those who are asked when the team has nobody.

    ``highest`` is the highest level that anybody has in its queue, at a desk or not.
    """
    policy = context.policy
    return choose(
        case,
        among,
        demanded=demanded_level(case, highest),
        house_language=policy.assignment.language,
        asked=asked_lately(tuple(offers), context.clock(), policy.offers.pause),
        next_best=[Round(name) for name in policy.assignment.next_best] if next_best else (),
    )


async def who_could_take(context: Context, db: AsyncConnection, case: Case) -> tuple[tuple[Candidate, ...], Choice]:
    """The agents and the choice among them now, for people who ask why nobody has the case yet."""
    among = await candidates(context, db)
    offers = (await offer_store.offers_of_cases(db, [case.id]))[case.id]
    return among, choice_for(context, case, among, offers, highest=highest_of(among, case), next_best=False)


def highest_of(among: Iterable[Candidate], case: Case) -> int:
    """The highest level that anybody of these has in the queue of the case."""
    return highest_level((one.agent for one in among), case.category)
