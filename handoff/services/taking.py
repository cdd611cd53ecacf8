"""Who may take a waiting case unasked: whoever it might be offered to, and a lead who says why (P16, P17)."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.assignment import Candidate, Obstacle, against_taking
from handoff.domain.cases import Case
from handoff.domain.errors import LevelTooLow, NotEligible
from handoff.domain.levels import demanded_level, highest_level
from handoff.domain.people import Agent
from handoff.domain.presence import PresenceState
from handoff.services.context import Context
from handoff.services.offer_ends import is_offered_to
from handoff.services.presence import present_of
from handoff.store import offers, people, presences

_MENDS: Final = {
    Obstacle.LEVEL: "leave it until they are back",
    Obstacle.SKILL: "leave it to a colleague who has it, or ask your lead to add it to yours",
    Obstacle.LANGUAGE: "leave it to a colleague who speaks it, or ask your lead to add it to yours",
    Obstacle.ROOM: "solve a case or hand one on first",
}


async def overridden(
    context: Context, db: AsyncConnection, case: Case, agent: Agent, *, reason: str | None
) -> tuple[Obstacle, ...]:
    """What stands against the agent and is overridden by the ``reason`` of a lead; nothing for who is eligible.

    Whom it is offered to may take it as it is. A level is overridden only while nobody who has it takes cases: what one
    may decide hangs on one's own level. Raises ``LevelTooLow``, ``NotEligible`` and ``Reserved``.
    """
    if await is_offered_to(db, case, agent):
        return ()
    # Held, so that one who takes two cases at the same moment does not fill the room that is left twice.
    await presences.get_presence(db, agent.id, for_change=True)
    load = (await offers.loads(db, [agent.id]))[agent.id]
    candidate = Candidate(agent, PresenceState.ONLINE, load.units, context.clock(), load.answering)
    leads, staff = agent.leads(case.category), await _staff_above(db, case, agent)
    demanded = demanded_level(case, highest_level((agent, *staff), case.category))
    against = against_taking(case, candidate, demanded=demanded, house_language=context.policy.assignment.language)
    if Obstacle.LEVEL in against:
        able = [one.id for one in staff if one.level >= demanded and case.category in one.visible_queues()]
        if not leads or await present_of(context, db, able):
            raise _too_low(case, agent, demanded)
    if not against or (leads and reason):
        return against
    raise NotEligible(
        _in_words(context, case, candidate, against, leads=leads), obstacles=[str(one) for one in against], lead=leads
    )


async def require_level(db: AsyncConnection, case: Case, agent: Agent) -> None:
    """Raise ``LevelTooLow`` for who is below what the case demands of those who serve its queue."""
    staff = await _staff_above(db, case, agent)
    demanded = demanded_level(case, highest_level((agent, *staff), case.category))
    if agent.level < demanded:
        raise _too_low(case, agent, demanded)


async def _staff_above(db: AsyncConnection, case: Case, agent: Agent) -> tuple[Agent, ...]:
    """Everybody else, where the case is above the agent; who is of its level need not ask who else is."""
    return await people.active_agents(db) if agent.level < case.level else ()


def _too_low(case: Case, agent: Agent, demanded: int) -> LevelTooLow:
    return LevelTooLow(
        f"Case {case.number} needs somebody of level {demanded}; yours is {agent.level}.", level=demanded
    )


def _in_words(context: Context, case: Case, candidate: Candidate, against: tuple[Obstacle, ...], *, leads: bool) -> str:
    known, agent = context.policy.assignment.skills, candidate.agent
    lacking = [known[name].label if name in known else name for name in case.skills if name not in agent.skills]
    why = {
        Obstacle.LEVEL: f"it is of level {case.level}, yours is {agent.level}, and nobody above takes cases now",
        Obstacle.SKILL: f"it needs {', '.join(lacking)}, which is not among your skills",
        Obstacle.LANGUAGE: f"its customer speaks {case.language}, which is not among your languages",
        Obstacle.ROOM: (
            f"{candidate.load} of your {agent.capacity} units are taken or offered and it takes {case.weight}"
        ),
    }
    told = "; ".join(f"{why[one]}: {_MENDS[one]}" for one in against)
    lead = "As you lead the queue, you may take it all the same: say why in override_reason."
    others = "Whoever leads the queue may take it all the same."
    return f"Case {case.number} cannot be taken by you now: {told}. {lead if leads else others}"
