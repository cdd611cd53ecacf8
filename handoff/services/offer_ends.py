"""How a pending offer ends with what happens to its case: taken by the one who was asked, or withdrawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import SYSTEM
from handoff.domain.cases import Case, CaseEvent, CaseStatus, Step
from handoff.domain.errors import Reserved
from handoff.domain.notifications import NotificationKind
from handoff.domain.offers import OfferStep, offer_status_after
from handoff.domain.people import Agent
from handoff.services.context import Context
from handoff.services.events import Event, OfferEnded
from handoff.services.notifications import notify
from handoff.store import case_events, people
from handoff.store import offers as store

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken

OFFER_STEPS: Final = frozenset({Step.OFFER, Step.DECLINE, Step.OFFER_EXPIRE, Step.OFFER_WITHDRAW})
MOVES: Final = frozenset({Step.TRANSFER, Step.ESCALATE})
"""What ends an offer although the case goes on waiting: somebody else is to have it."""


async def settle_offer(context: Context, db: AsyncConnection, taken: StepTaken) -> tuple[Event, ...]:
    """End the pending offer of a case that leaves its queue or its level: accepted by its agent, or withdrawn.

    The agent of a withdrawn one is told who took the case.
    """
    before, after = taken.before, taken.after
    if before is None or before.status is not CaseStatus.OPEN or taken.step in OFFER_STEPS:
        return ()
    stays = (before.category, before.level) == (after.category, after.level) and taken.step not in MOVES
    if after.status is CaseStatus.OPEN and stays:
        return ()
    pending = await store.pending_of_case(db, after.id)
    if pending is None:
        return ()
    own = after.is_owned and after.agent_id == pending.agent_id
    status = offer_status_after(pending, OfferStep.ACCEPT if own else OfferStep.WITHDRAW)
    ended = replace(pending, status=status, answered_at=taken.now)
    if not await store.end_offer(db, ended):
        return ()
    events: tuple[Event, ...] = (OfferEnded(ended),)
    if own:
        return events
    asked = await people.get_agent(db, pending.agent_id)
    data = {"agent_id": asked.id, "agent_name": asked.name, "because": str(taken.step)}
    row = CaseEvent(after.id, taken.now, Step.OFFER_WITHDRAW, SYSTEM.type, SYSTEM.id, SYSTEM.name, data=data)
    await case_events.add_event(db, row)
    if taken.step is Step.ACCEPT:
        values = {"agent": taken.actor.name or ""}
        events += await notify(context, db, [asked.id], NotificationKind.OFFER_LOST, case=after, values=values)
    return events


async def is_offered_to(db: AsyncConnection, case: Case, agent: Agent) -> bool:
    """Whether the case is offered to just this agent, who may then take it even if it is above their level.

    Raises ``Reserved`` while it is offered to a named colleague; who sees all queues may take it anyway.
    """
    pending = await store.pending_of_case(db, case.id)
    if pending is None:
        return False
    if pending.agent_id == agent.id:
        return True
    if not pending.reserved or agent.sees_all:
        return False
    asked = await people.get_agent(db, pending.agent_id)
    raise Reserved(
        f"Case {case.number} is being offered to {asked.name}, who was asked for it. Take it once they have answered.",
        agent_name=asked.name,
    )
