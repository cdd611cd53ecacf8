"""Offers in the database, and what agents have to do. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Exists, Row, Select, and_, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.cases import COMES_ANEW, INTO_QUEUE, CaseStatus, Step
from handoff.domain.errors import NotFound
from handoff.domain.offers import Offer, OfferStatus
from handoff.store.schema import agents, case_events, cases, offers, resolutions


@dataclass(frozen=True, slots=True)
class Load:
    """What one agent has: units in use, those of pending offers too; whether an offer waits; since when idle."""

    units: int = 0
    answering: bool = False
    last_busy: datetime | None = None


def offer_of(row: Row[Any]) -> Offer:
    """A row of ``offers`` as the domain knows it."""
    return Offer(
        id=row.id,
        case_id=row.case_id,
        agent_id=row.agent_id,
        status=OfferStatus(row.status),
        offered_at=row.offered_at,
        expires_at=row.expires_at,
        reserved=row.reserved,
        answered_at=row.answered_at,
        reason=row.reason,
    )


async def insert_offer(db: AsyncConnection, offer: Offer) -> None:
    """Store a new offer; raises ``IntegrityError`` when the case has a pending one already."""
    await db.execute(
        insert(offers).values(
            id=offer.id,
            case_id=offer.case_id,
            agent_id=offer.agent_id,
            status=offer.status,
            offered_at=offer.offered_at,
            expires_at=offer.expires_at,
            reserved=offer.reserved,
            answered_at=offer.answered_at,
            reason=offer.reason,
        )
    )


async def end_offer(db: AsyncConnection, ended: Offer) -> bool:
    """Compare-and-set a pending offer to how it ended; False when it had ended already."""
    result = await db.execute(
        update(offers)
        .where(offers.c.id == ended.id, offers.c.status == OfferStatus.PENDING)
        .values(status=ended.status, answered_at=ended.answered_at, reason=ended.reason)
    )
    return result.rowcount == 1


async def get_offer(db: AsyncConnection, offer_id: str) -> Offer:
    """Read one offer; raises ``NotFound``."""
    row = (await db.execute(select(offers).where(offers.c.id == offer_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such offer.")
    return offer_of(row)


async def pending_of_case(db: AsyncConnection, case_id: str) -> Offer | None:
    """The pending offer of a case; the database allows at most one."""
    query = select(offers).where(offers.c.case_id == case_id, offers.c.status == OfferStatus.PENDING)
    row = (await db.execute(query)).one_or_none()
    return offer_of(row) if row else None


async def pending_of_agent(db: AsyncConnection, agent_id: str) -> tuple[Offer, ...]:
    """What an agent has to answer, oldest first."""
    query = select(offers).where(offers.c.status == OfferStatus.PENDING, offers.c.agent_id == agent_id)
    return await _all(db, query.order_by(offers.c.offered_at, offers.c.id))


async def due_offers(db: AsyncConnection, now: datetime, *, limit: int = 100) -> tuple[Offer, ...]:
    """Pending offers whose time is over, oldest first."""
    query = select(offers).where(offers.c.status == OfferStatus.PENDING, offers.c.expires_at <= now)
    return await _all(db, query.order_by(offers.c.expires_at, offers.c.id).limit(limit))


async def offers_of_cases(db: AsyncConnection, case_ids: Iterable[str]) -> dict[str, tuple[Offer, ...]]:
    """All offers of these cases, newest first."""
    found: dict[str, list[Offer]] = {case_id: [] for case_id in case_ids}
    query = select(offers).where(offers.c.case_id.in_(found)).order_by(offers.c.offered_at.desc(), offers.c.id)
    for offer in await _all(db, query):
        found[offer.case_id].append(offer)
    return {case_id: tuple(listed) for case_id, listed in found.items()}


async def last_offers_of(db: AsyncConnection, agent_id: str, *, limit: int) -> tuple[Offer, ...]:
    """The latest offers to an agent, newest first."""
    query = select(offers).where(offers.c.agent_id == agent_id)
    return await _all(db, query.order_by(offers.c.offered_at.desc(), offers.c.id).limit(limit))


async def _all(db: AsyncConnection, query: Select[Any]) -> tuple[Offer, ...]:
    return tuple(offer_of(row) for row in (await db.execute(query)).all())


async def front_without_offer(db: AsyncConnection, categories: Sequence[Category], *, limit: int) -> tuple[str, ...]:
    """The fronts of these queues as one line, by identifier: waiting cases that are offered to nobody now.

    ``limit`` is for each queue. The order is that in which they are served.
    """
    front = []
    for category in categories:
        query = _without_offer(cases.c.id, cases.c.rank_at, cases.c.number).where(cases.c.category == category)
        front += (await db.execute(query.order_by(cases.c.rank_at, cases.c.number).limit(limit))).all()
    return tuple(row.id for row in sorted(front, key=lambda row: (row.rank_at, row.number)))


async def found_nobody(
    db: AsyncConnection, categories: Sequence[Category], *, since: datetime, limit: int
) -> tuple[str, ...]:
    """Waiting cases that have found nobody since a moment with that not told yet, those served next first."""
    answered = exists().where(offers.c.case_id == cases.c.id, offers.c.answered_at > since)
    query = (
        _without_offer(cases.c.id)
        .where(cases.c.category.in_(categories), cases.c.queued_at <= since, ~answered, ~_told_of_nobody(cases.c.id))
        .order_by(cases.c.rank_at, cases.c.number)
        .limit(limit)
    )
    return tuple((await db.execute(query)).scalars())


async def was_told_of_nobody(db: AsyncConnection, case_id: str) -> bool:
    """Whether it was told already that nobody could take this case."""
    return bool((await db.execute(select(_told_of_nobody(case_id)))).scalar_one())


def _without_offer(*columns: Column[Any]) -> Select[Any]:
    offered = exists().where(offers.c.case_id == cases.c.id, offers.c.status == OfferStatus.PENDING)
    return select(*columns).where(cases.c.status == CaseStatus.OPEN, ~offered)


def _told_of_nobody(case_id: ColumnElement[Any] | str) -> Exists:
    """Once a stay in a queue: what comes into another one, or comes back, may find nobody again."""
    return _happened(case_id, case_events.c.step == Step.NOBODY, unless_after=INTO_QUEUE)


def _happened(case_id: ColumnElement[Any] | str, what: ColumnElement[bool], *, unless_after: frozenset[Step]) -> Exists:
    """Whether a case's history has such a row with none of those steps after it."""
    later = case_events.alias()
    ended = exists().where(
        later.c.case_id == case_events.c.case_id, later.c.id > case_events.c.id, later.c.step.in_(unless_after)
    )
    return exists().where(case_events.c.case_id == case_id, what, ~ended)


async def not_told_of_empty_desks(
    db: AsyncConnection, empty: Collection[tuple[Category, int]], *, limit: int
) -> tuple[str, ...]:
    """Cases that wait in one of these queues, at its level, and whose customer never heard that nobody is there.

    Those served next come first.
    """
    levels: dict[Category, list[int]] = {}
    for category, level in empty:
        levels.setdefault(category, []).append(level)
    waiting = or_(*(and_(cases.c.category == one, cases.c.level.in_(listed)) for one, listed in levels.items()))
    heard = _happened(cases.c.id, case_events.c.data[Step.NOBODY_THERE].as_boolean(), unless_after=COMES_ANEW)
    query = _without_offer(cases.c.id).where(waiting, ~heard).order_by(cases.c.rank_at, cases.c.number)
    return tuple((await db.execute(query.limit(limit))).scalars())


async def loads(db: AsyncConnection, agent_ids: Sequence[str]) -> dict[str, Load]:
    """What these agents have to do. Every part is read from an index of what is not closed, or from its end."""
    owned = (
        select(cases.c.agent_id, func.sum(cases.c.weight).label("units"), func.max(cases.c.accepted_at).label("last"))
        .where(cases.c.agent_id.in_(agent_ids), cases.c.status != CaseStatus.CLOSED)
        .group_by(cases.c.agent_id)
    )
    offered = (
        select(offers.c.agent_id, func.sum(cases.c.weight).label("units"))
        .join(cases, cases.c.id == offers.c.case_id)
        .where(offers.c.status == OfferStatus.PENDING, offers.c.agent_id.in_(agent_ids))
        .group_by(offers.c.agent_id)
    )
    last = select(
        agents.c.id,
        select(func.max(offers.c.offered_at)).where(offers.c.agent_id == agents.c.id).scalar_subquery().label("offer"),
        select(func.max(resolutions.c.resolved_at))
        .where(resolutions.c.agent_id == agents.c.id)
        .scalar_subquery()
        .label("resolution"),
    ).where(agents.c.id.in_(agent_ids))
    units: dict[str, int] = dict.fromkeys(agent_ids, 0)
    busy: dict[str, list[datetime]] = {agent_id: [] for agent_id in agent_ids}
    for row in (await db.execute(owned)).all():
        units[row.agent_id] += int(row.units)
        if row.last is not None:
            busy[row.agent_id].append(row.last)
    answering = set()
    for asked in (await db.execute(offered)).all():
        units[asked.agent_id] += int(asked.units)
        answering.add(asked.agent_id)
    for ended in (await db.execute(last)).all():
        busy[ended.id] += [moment for moment in (ended.offer, ended.resolution) if moment is not None]
    return {key: Load(units[key], key in answering, max(busy[key], default=None)) for key in agent_ids}
