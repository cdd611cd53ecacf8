"""Everything that is open at one moment, for those who lead (P32): read in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.assignment import Candidate
from handoff.domain.board import Mood, NextTarget, by_mood, next_target
from handoff.domain.cases import Case
from handoff.domain.errors import NotAllowed
from handoff.domain.incidents import OPEN
from handoff.domain.people import LEAD_LEVEL, Agent
from handoff.domain.supervising import Flag
from handoff.domain.wait_estimate import WaitRange
from handoff.services.context import Context
from handoff.services.reading import CaseRow, rows_of
from handoff.services.reading_incidents import IncidentRow, incident_rows
from handoff.services.waiting import range_at
from handoff.services.workload import candidates
from handoff.store import board as store
from handoff.store import presences
from handoff.store.board import LiveConversation, PromiseRow, QueueLoad
from handoff.store.supervising import standing_flags

MOST_CASES: Final = 50
"""So many cases of each kind are listed; the queues count all of them."""
MOST_LIVE: Final = 200
MOST_PROMISES: Final = 50
LAST_WORDS_CHARACTERS: Final = 160


@dataclass(frozen=True, slots=True)
class BoardQueue:
    """One queue now. ``wait`` is what the next one to come would be told; None while nothing can be said."""

    category: Category
    load: QueueLoad
    wait: WaitRange | None
    open_now: bool


@dataclass(frozen=True, slots=True)
class BoardAgent:
    """Somebody who deals with cases: load in units of their capacity, those of pending offers too."""

    candidate: Candidate
    since: datetime | None
    cases: int


@dataclass(frozen=True, slots=True)
class DueCase:
    """A case with the target of it that is due first."""

    row: CaseRow
    next: NextTarget | None


@dataclass(frozen=True, slots=True)
class LiveMood:
    """A live conversation with how the customer feels; no mood before the first turn that was scored."""

    conversation: LiveConversation
    mood: Mood | None
    alert: bool
    last_words: str
    flag: Flag | None


@dataclass(frozen=True, slots=True)
class Board:
    """The moment, as of ``at``, of the queues that somebody leads."""

    at: datetime
    queues: tuple[BoardQueue, ...]
    agents: tuple[BoardAgent, ...]
    missed: tuple[DueCase, ...]
    at_risk: tuple[DueCase, ...]
    live: tuple[LiveMood, ...]
    promises_near: tuple[PromiseRow, ...]
    promises_broken: tuple[PromiseRow, ...]
    incidents: tuple[IncidentRow, ...]
    mood_alert: float


def led_queues(agent: Agent) -> tuple[Category, ...]:
    """The queues that somebody leads. Raises ``NotAllowed`` where there is none."""
    found = tuple(category for category in agent.visible_queues() if agent.leads(category))
    if not found:
        raise NotAllowed("The board is for supervisors, admins and whoever leads a queue.", level=LEAD_LEVEL)
    return found


async def board(context: Context, agent: Agent) -> Board:
    """The moment for somebody who leads. Raises ``NotAllowed``."""
    queues, now, policy = led_queues(agent), context.clock(), context.policy.board
    async with context.db.read() as db:
        loads = await store.queue_loads(db, queues, now)
        missed = await store.missed_cases(db, queues, now, limit=MOST_CASES)
        at_risk = await store.cases_at_risk(db, queues, now, limit=MOST_CASES)
        live = await store.live_conversations(
            db, now - policy.live_within, categories=None if agent.sees_all else queues, limit=MOST_LIVE
        )
        found = Board(
            at=now,
            queues=tuple([await _queue(context, db, key, load, now) for key, load in loads.items()]),
            agents=await _agents(context, db, agent, queues),
            missed=await _due(context, db, missed),
            at_risk=await _due(context, db, at_risk),
            live=await _live(db, live, policy.mood_alert),
            promises_near=await store.promises_near(db, queues, now + policy.promise_near, limit=MOST_PROMISES),
            promises_broken=await store.promises_broken(db, queues, now - policy.broken_within, limit=MOST_PROMISES),
            incidents=(),
            mood_alert=policy.mood_alert,
        )
    incidents = [row for row in await incident_rows(context, agent, OPEN) if row.incident.category in queues]
    return replace(found, incidents=tuple(incidents))


async def _queue(
    context: Context, db: AsyncConnection, category: Category, load: QueueLoad, now: datetime
) -> BoardQueue:
    wait = await range_at(context, db, category, load.waiting + 1, now)
    return BoardQueue(category, load, wait, context.policy.hours_of(category).is_open(now))


async def _agents(
    context: Context, db: AsyncConnection, agent: Agent, queues: Sequence[Category]
) -> tuple[BoardAgent, ...]:
    among = [
        one for one in await candidates(context, db) if agent.sees_all or set(queues) & set(one.agent.visible_queues())
    ]
    ids = [one.agent.id for one in among]
    known, in_hand = await presences.presences_of(db, ids), await store.cases_in_hand(db, ids)
    return tuple(
        BoardAgent(
            one,
            known[one.agent.id].changed_at if one.agent.id in known else None,
            in_hand.get(one.agent.id, 0),
        )
        for one in among
    )


async def _due(context: Context, db: AsyncConnection, found: Sequence[Case]) -> tuple[DueCase, ...]:
    return tuple(DueCase(row, next_target(row.case)) for row in await rows_of(context, db, found))


async def _live(db: AsyncConnection, live: Sequence[LiveConversation], threshold: float) -> tuple[LiveMood, ...]:
    if not live:
        return ()
    ids = [one.id for one in live]
    moods, words = await store.moods(db, ids), await store.last_words(db, ids)
    flags = await standing_flags(db, ids)
    by_id = {
        one.id: LiveMood(
            one,
            moods.get(one.id),
            one.id in moods and moods[one.id].alerts(threshold),
            words.get(one.id, "")[:LAST_WORDS_CHARACTERS],
            flags.get(one.id),
        )
        for one in live
    }
    return tuple(by_id[key] for key in by_mood((one.id, moods.get(one.id), one.last_activity_at) for one in live))
