"""What follows from every step of a case, in its own transaction: promises, figures, what is told outside.

A step is prepared before it is written (``PREPARATIONS``: the case as it will be stored, with its next deadline) and
followed after it (``FOLLOWS``). Both see the same ``StepTaken``; what they raise undoes the whole step.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.cases import Case, Step
from handoff.services.audit import audit_step
from handoff.services.case_memory import remember_resolution
from handoff.services.changes import note_change
from handoff.services.clocks import keep_ledger, prepare_clocks
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.services.kpi_marks import mark_days
from handoff.services.mailing import mail_answer
from handoff.services.offer_ends import settle_offer
from handoff.services.participating import end_participations
from handoff.services.queue_place import placed_in_queue
from handoff.services.resolutions import count_resolution, keep_resolution
from handoff.services.suggestions import suggest_content
from handoff.services.telling import tell_outside
from handoff.services.waiting import follow_wait
from handoff.services.workload import weigh


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step: the case before it (None for the opening) and after it, who did it, when, why."""

    before: Case | None
    after: Case
    step: Step
    actor: Actor
    now: datetime
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


Preparation = Callable[[Context, StepTaken], Case]
Follow = Callable[[Context, AsyncConnection, StepTaken], Awaitable[tuple[Event, ...]]]

PREPARATIONS: Final[tuple[Preparation, ...]] = (
    weigh,
    prepare_clocks,
    count_resolution,
    # Last: it follows from what the others decide.
    placed_in_queue,
)
FOLLOWS: Final[tuple[Follow, ...]] = (
    settle_offer,
    end_participations,
    mark_days,
    keep_ledger,
    keep_resolution,
    suggest_content,
    remember_resolution,
    follow_wait,
    tell_outside,
    mail_answer,
    audit_step,
    note_change,
)


def prepared(context: Context, taken: StepTaken) -> StepTaken:
    """The step with its case as it is to be stored."""
    for prepare in PREPARATIONS:
        taken = replace(taken, after=prepare(context, taken))
    return taken


async def followed(context: Context, db: AsyncConnection, taken: StepTaken) -> tuple[Event, ...]:
    """Do what follows from a step that is written; the events are to be published after the commit."""
    events: tuple[Event, ...] = ()
    for follow in FOLLOWS:
        events += await follow(context, db, taken)
    return events
