"""Who may take a waiting case unasked: whoever it might be offered to, and a lead who says why (P16, P17)."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.assignment import Candidate, Obstacle, against_taking
from handoff.domain.cases import Case
from handoff.domain.errors import LevelTooLow, NotEligible
from handoff.domain.people import Agent
from handoff.domain.presence import PresenceState
from handoff.services.context import Context
from handoff.services.offer_ends import is_offered_to
from handoff.store import offers, presences

_MENDS: Final = {
    Obstacle.SKILL: "leave it to a colleague who has it, or ask your lead to add it to yours",
    Obstacle.LANGUAGE: "leave it to a colleague who speaks it, or ask your lead to add it to yours",
    Obstacle.ROOM: "solve a case or hand one on first",
}


async def overridden(
    context: Context, db: AsyncConnection, case: Case, agent: Agent, *, reason: str | None
) -> tuple[Obstacle, ...]:
    """What stands against the agent and is overridden by the ``reason`` of a lead; nothing for who is eligible.

    Whom it is offered to may take it as it is. A level is never overridden: limits of authority hang on it. Raises
    ``LevelTooLow``, ``NotEligible`` and ``Reserved``.
    """
    if await is_offered_to(db, case, agent):
        return ()
    # Held, so that one who takes two cases at the same moment does not fill the room that is left twice.
    await presences.get_presence(db, agent.id, for_change=True)
    load = (await offers.loads(db, [agent.id]))[agent.id]
    candidate = Candidate(agent, PresenceState.ONLINE, load.units, context.clock(), load.answering)
    against = against_taking(case, candidate, house_language=context.policy.assignment.language)
    if Obstacle.LEVEL in against:
        raise LevelTooLow(
            f"Case {case.number} needs somebody of level {case.level}; yours is {agent.level}.", level=case.level
        )
    leads = agent.leads(case.category)
    if not against or (leads and reason):
        return against
    raise NotEligible(
        _in_words(context, case, candidate, against, leads=leads), obstacles=[str(one) for one in against], lead=leads
    )


def _in_words(context: Context, case: Case, candidate: Candidate, against: tuple[Obstacle, ...], *, leads: bool) -> str:
    known, agent = context.policy.assignment.skills, candidate.agent
    lacking = [known[name].label if name in known else name for name in case.skills if name not in agent.skills]
    why = {
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
