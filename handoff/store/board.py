"""What the board of those who lead reads. Every function works inside the caller's transaction.

Nothing here reads what is closed: each query is served by an index of open cases, live conversations or promises.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.board import Mood
from handoff.domain.cases import Case, CaseStatus, WaitingFor
from handoff.domain.conversations import ConversationStatus, SenderType
from handoff.domain.deadlines import Deadline
from handoff.domain.ownership import OwnerType
from handoff.domain.promises import Promise, PromiseStatus
from handoff.store.cases import case_number, case_of
from handoff.store.promises import promise_of
from handoff.store.schema import agents, cases, conversations, customers, messages, promises, turns

_MISSES: Final = tuple(what for what in Deadline if what.is_missed)
_EARLIEST_DUE: Final = case(
    (cases.c.next_update_due < cases.c.resolution_due, cases.c.next_update_due), else_=cases.c.resolution_due
)


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """One queue: how many wait and are in hand, since when the oldest waits, how many are near or past a deadline."""

    waiting: int = 0
    active: int = 0
    oldest_queued_at: datetime | None = None
    at_risk: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class LiveConversation:
    """A conversation in which somebody wrote a short while ago; ``case_id`` is that of its open case, if it has one."""

    id: str
    customer_name: str | None
    owner_type: OwnerType
    agent_id: str | None
    agent_name: str | None
    case_id: str | None
    case_number: str | None
    category: Category | None
    started_at: datetime
    last_activity_at: datetime


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A promise with the case that it belongs to."""

    promise: Promise
    case_number: str
    problem: str
    agent_name: str | None


def _not_paused() -> ColumnElement[bool]:
    waits = and_(cases.c.status == CaseStatus.WAITING, cases.c.waiting_for == WaitingFor.CUSTOMER)
    return and_(cases.c.status != CaseStatus.CLOSED, ~waits | cases.c.waiting_for.is_(None))


def _missed(now: datetime) -> ColumnElement[bool]:
    """A target that runs is past."""
    first = and_(cases.c.first_response_at.is_(None), cases.c.first_response_due < now)
    return and_(_not_paused(), or_(first, cases.c.next_update_due < now, cases.c.resolution_due < now))


def _at_risk(now: datetime) -> ColumnElement[bool]:
    """The warning is past, and what happens next by itself is the miss."""
    return and_(_not_paused(), cases.c.next_deadline.in_(_MISSES), cases.c.next_deadline_at >= now, ~_missed(now))


async def queue_loads(db: AsyncConnection, categories: Sequence[Category], now: datetime) -> dict[Category, QueueLoad]:
    """The load of these queues, read in one pass over what is not closed."""
    query = (
        select(
            cases.c.category,
            func.sum(case((cases.c.status == CaseStatus.OPEN, 1), else_=0)).label("waiting"),
            func.sum(case((cases.c.status != CaseStatus.OPEN, 1), else_=0)).label("active"),
            func.min(case((cases.c.status == CaseStatus.OPEN, cases.c.queued_at))).label("oldest"),
            func.sum(case((_at_risk(now), 1), else_=0)).label("at_risk"),
            func.sum(case((_missed(now), 1), else_=0)).label("missed"),
        )
        .where(cases.c.category.in_(categories), cases.c.status != CaseStatus.CLOSED)
        .group_by(cases.c.category)
    )
    found = dict.fromkeys(categories, QueueLoad())
    for row in (await db.execute(query)).all():
        found[Category(row.category)] = QueueLoad(
            int(row.waiting), int(row.active), row.oldest, int(row.at_risk), int(row.missed)
        )
    return found


async def missed_cases(
    db: AsyncConnection, categories: Sequence[Category], now: datetime, *, limit: int
) -> tuple[Case, ...]:
    """Cases with a target that is past, the longest past first."""
    return await _cases(db, categories, _missed(now), _EARLIEST_DUE, limit)


async def cases_at_risk(
    db: AsyncConnection, categories: Sequence[Category], now: datetime, *, limit: int
) -> tuple[Case, ...]:
    """Cases whose next deadline is near, the nearest first."""
    return await _cases(db, categories, _at_risk(now), cases.c.next_deadline_at, limit)


async def _cases(
    db: AsyncConnection,
    categories: Sequence[Category],
    wanted: ColumnElement[bool],
    order: ColumnElement[Any],
    limit: int,
) -> tuple[Case, ...]:
    query = (
        select(cases)
        .where(cases.c.category.in_(categories), cases.c.status != CaseStatus.CLOSED, wanted)
        .order_by(order, cases.c.number)
        .limit(limit)
    )
    return tuple(case_of(row) for row in (await db.execute(query)).all())


async def cases_in_hand(db: AsyncConnection, agent_ids: Sequence[str]) -> dict[str, int]:
    """How many cases each of these agents has."""
    query = (
        select(cases.c.agent_id, func.count().label("how_many"))
        .where(cases.c.agent_id.in_(agent_ids), cases.c.status != CaseStatus.CLOSED)
        .group_by(cases.c.agent_id)
    )
    return {row.agent_id: row.how_many for row in (await db.execute(query)).all()}


async def live_conversations(
    db: AsyncConnection, since: datetime, *, categories: Sequence[Category] | None, limit: int
) -> tuple[LiveConversation, ...]:
    """Open conversations with a message since then, the latest first; with ``categories``: those of such cases only."""
    query = (
        select(
            conversations.c.id,
            conversations.c.owner_type,
            conversations.c.owner_agent_id,
            conversations.c.started_at,
            conversations.c.last_activity_at,
            customers.c.name.label("customer_name"),
            agents.c.name.label("agent_name"),
            cases.c.id.label("case_id"),
            cases.c.number,
            cases.c.category,
        )
        .join(customers, customers.c.id == conversations.c.customer_id)
        .outerjoin(agents, agents.c.id == conversations.c.owner_agent_id)
        .outerjoin(cases, and_(cases.c.conversation_id == conversations.c.id, cases.c.status != CaseStatus.CLOSED))
        .where(
            conversations.c.status == ConversationStatus.OPEN,
            conversations.c.last_activity_at >= since,
            conversations.c.last_seq > 0,
        )
        .order_by(conversations.c.last_activity_at.desc(), conversations.c.id)
        .limit(limit)
    )
    if categories is not None:
        query = query.where(cases.c.category.in_(categories))
    return tuple(
        LiveConversation(
            id=row.id,
            customer_name=row.customer_name,
            owner_type=OwnerType(row.owner_type),
            agent_id=row.owner_agent_id,
            agent_name=row.agent_name,
            case_id=row.case_id,
            case_number=case_number(row.number) if row.number is not None else None,
            category=Category(row.category) if row.category is not None else None,
            started_at=row.started_at,
            last_activity_at=row.last_activity_at,
        )
        for row in (await db.execute(query)).all()
    )


async def moods(db: AsyncConnection, ids: Sequence[str]) -> dict[str, Mood]:
    """The frustration of each scored turn of these conversations, oldest first."""
    query = (
        select(turns.c.conversation_id, turns.c.frustration)
        .where(turns.c.conversation_id.in_(ids), turns.c.frustration.is_not(None))
        .order_by(turns.c.created_at, turns.c.seq)
    )
    found: defaultdict[str, list[float]] = defaultdict(list)
    for row in (await db.execute(query)).all():
        found[row.conversation_id].append(row.frustration)
    return {key: Mood(tuple(values)) for key, values in found.items()}


async def last_words(db: AsyncConnection, ids: Sequence[str]) -> dict[str, str]:
    """What the customer wrote last in each of these conversations."""
    last = (
        select(messages.c.conversation_id, func.max(messages.c.seq).label("seq"))
        .where(messages.c.conversation_id.in_(ids), messages.c.sender == SenderType.CUSTOMER)
        .group_by(messages.c.conversation_id)
        .subquery()
    )
    query = select(messages.c.conversation_id, messages.c.text).join(
        last, and_(last.c.conversation_id == messages.c.conversation_id, last.c.seq == messages.c.seq)
    )
    return {row.conversation_id: row.text for row in (await db.execute(query)).all()}


async def promises_near(
    db: AsyncConnection, categories: Sequence[Category], until: datetime, *, limit: int
) -> tuple[PromiseRow, ...]:
    """Promises that stand and are due before a moment, the soonest first; those overdue are among them."""
    wanted = and_(promises.c.status == PromiseStatus.OPEN, promises.c.due_at < until)
    return await _promises(db, categories, wanted, promises.c.due_at, limit)


async def promises_broken(
    db: AsyncConnection, categories: Sequence[Category], since: datetime, *, limit: int
) -> tuple[PromiseRow, ...]:
    """Promises that were due since a moment and were broken, the latest first."""
    wanted = and_(promises.c.status == PromiseStatus.BROKEN, promises.c.due_at >= since)
    return await _promises(db, categories, wanted, promises.c.due_at.desc(), limit)


async def _promises(
    db: AsyncConnection,
    categories: Sequence[Category],
    wanted: ColumnElement[bool],
    order: ColumnElement[Any],
    limit: int,
) -> tuple[PromiseRow, ...]:
    query = (
        select(promises, cases.c.number, cases.c.problem, agents.c.name.label("agent_name"))
        .join(cases, cases.c.id == promises.c.case_id)
        .outerjoin(agents, agents.c.id == promises.c.agent_id)
        .where(wanted, promises.c.category.in_(categories))
        .order_by(order, promises.c.id)
        .limit(limit)
    )
    return tuple(
        PromiseRow(promise_of(row), case_number(row.number), row.problem, row.agent_name)
        for row in (await db.execute(query)).all()
    )
