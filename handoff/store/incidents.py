"""Incidents and whom they touch, in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.cases import Case
from handoff.domain.conversations import SenderType
from handoff.domain.errors import CaseChanged, NotFound
from handoff.domain.incidents import OPEN, Incident, IncidentStatus
from handoff.store.cases import case_of
from handoff.store.schema import cases, counters, incident_links, incidents, messages, turns

LOOKED_AT: Final = "incident_looked_at"
"""The counter that holds the number of the last case that was compared with the others."""


@dataclass(frozen=True, slots=True)
class Link:
    """One conversation that an incident touches, with its case where it has one."""

    incident_id: str
    conversation_id: str
    case_id: str | None
    linked_at: datetime
    announced_at: datetime | None = None
    end_told_at: datetime | None = None


def incident_of(row: Row[Any]) -> Incident:
    """A row of ``incidents`` as the domain knows it."""
    return Incident(
        id=row.id,
        status=IncidentStatus(row.status),
        category=Category(row.category),
        topic=row.topic,
        title=row.title,
        announcement=row.announcement,
        resolution=row.resolution,
        centre=tuple(row.centre) if row.centre is not None else None,
        noticed_at=row.noticed_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        resolved_at=row.resolved_at,
        version=row.version,
    )


def _link_of(row: Row[Any]) -> Link:
    return Link(row.incident_id, row.conversation_id, row.case_id, row.linked_at, row.announced_at, row.end_told_at)


def _values(incident: Incident) -> dict[str, Any]:
    return {
        "status": incident.status,
        "category": incident.category,
        "topic": incident.topic,
        "title": incident.title,
        "announcement": incident.announcement,
        "resolution": incident.resolution,
        "centre": list(incident.centre) if incident.centre is not None else None,
        "noticed_at": incident.noticed_at,
        "decided_at": incident.decided_at,
        "decided_by": incident.decided_by,
        "resolved_at": incident.resolved_at,
        "version": incident.version,
    }


async def insert_incident(db: AsyncConnection, incident: Incident) -> None:
    """Store a new incident."""
    await db.execute(insert(incidents).values(id=incident.id, **_values(incident)))


async def save_incident(db: AsyncConnection, before: Incident, after: Incident) -> None:
    """Compare-and-set an incident; raises ``CaseChanged`` when somebody else changed it since it was read."""
    changed = await db.execute(
        update(incidents)
        .where(incidents.c.id == before.id, incidents.c.version == before.version)
        .values(**_values(after))
    )
    if changed.rowcount != 1:
        raise CaseChanged("This incident was changed by somebody else. Read it again.")


async def get_incident(db: AsyncConnection, incident_id: str) -> Incident:
    """Read one incident; raises ``NotFound``."""
    row = (await db.execute(select(incidents).where(incidents.c.id == incident_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such incident.")
    return incident_of(row)


async def list_incidents(
    db: AsyncConnection, statuses: Collection[IncidentStatus], *, limit: int = 100
) -> tuple[Incident, ...]:
    """Incidents that stand like this, the latest first."""
    query = (
        select(incidents)
        .where(incidents.c.status.in_(statuses))
        .order_by(incidents.c.noticed_at.desc(), incidents.c.id)
        .limit(limit)
    )
    return tuple(incident_of(row) for row in (await db.execute(query)).all())


_CONFIRMED: Final = (
    select(incidents).where(incidents.c.status == IncidentStatus.CONFIRMED).order_by(incidents.c.noticed_at.desc())
)


async def confirmed_incidents(db: AsyncConnection) -> tuple[Incident, ...]:
    """Those that a lead confirmed and that are not over, the latest first; asked at every turn of a customer."""
    return tuple(incident_of(row) for row in (await db.execute(_CONFIRMED)).all())


async def open_incidents(db: AsyncConnection) -> tuple[Incident, ...]:
    """Those that are noticed or confirmed and not over."""
    return await list_incidents(db, OPEN)


async def dismissed_since(db: AsyncConnection, since: datetime) -> tuple[Incident, ...]:
    """Those that a lead dismissed since then."""
    query = select(incidents).where(incidents.c.status == IncidentStatus.DISMISSED, incidents.c.decided_at >= since)
    return tuple(incident_of(row) for row in (await db.execute(query)).all())


async def add_link(db: AsyncConnection, link: Link) -> bool:
    """Link a conversation to an incident; returns whether it was not linked yet. A case that comes later is added."""
    make = sqlite_insert if db.dialect.name == "sqlite" else postgres_insert
    added = await db.execute(
        make(incident_links)
        .values(
            incident_id=link.incident_id,
            conversation_id=link.conversation_id,
            case_id=link.case_id,
            linked_at=link.linked_at,
            announced_at=link.announced_at,
        )
        .on_conflict_do_nothing()
    )
    if added.rowcount == 1:
        return True
    if link.case_id is not None:
        await db.execute(_of(link).where(incident_links.c.case_id.is_(None)).values(case_id=link.case_id))
    return False


async def mark_announced(db: AsyncConnection, link: Link, at: datetime) -> bool:
    """Say that the customer was told; returns False where they were told before."""
    marked = await db.execute(_of(link).where(incident_links.c.announced_at.is_(None)).values(announced_at=at))
    return marked.rowcount == 1


async def mark_end_told(db: AsyncConnection, link: Link, at: datetime) -> bool:
    """Say that the customer was told of the end; returns False where they were told before."""
    marked = await db.execute(_of(link).where(incident_links.c.end_told_at.is_(None)).values(end_told_at=at))
    return marked.rowcount == 1


async def links_to_tell(db: AsyncConnection, *, limit: int = 200) -> tuple[tuple[Incident, Link], ...]:
    """Whom nobody has told yet: of a confirmed incident, or of the end of one that they were told of."""
    untold = or_(
        and_(incidents.c.status == IncidentStatus.CONFIRMED, incident_links.c.announced_at.is_(None)),
        and_(incidents.c.status == IncidentStatus.RESOLVED, incident_links.c.end_told_at.is_(None)),
    )
    query = (
        select(incidents, incident_links)
        .join(incident_links, incident_links.c.incident_id == incidents.c.id)
        .where(untold)
        .order_by(incident_links.c.linked_at, incident_links.c.conversation_id)
        .limit(limit)
    )
    return tuple((incident_of(row), _link_of(row)) for row in (await db.execute(query)).all())


def _of(link: Link) -> Any:
    return update(incident_links).where(
        incident_links.c.incident_id == link.incident_id, incident_links.c.conversation_id == link.conversation_id
    )


async def links_of(db: AsyncConnection, incident_id: str) -> tuple[Link, ...]:
    """Whom an incident touches, oldest first."""
    query = (
        select(incident_links)
        .where(incident_links.c.incident_id == incident_id)
        .order_by(incident_links.c.linked_at, incident_links.c.conversation_id)
    )
    return tuple(_link_of(row) for row in (await db.execute(query)).all())


async def link_counts(db: AsyncConnection, ids: Sequence[str]) -> dict[str, int]:
    """How many conversations each of these touches."""
    query = (
        select(incident_links.c.incident_id, func.count().label("how_many"))
        .where(incident_links.c.incident_id.in_(ids))
        .group_by(incident_links.c.incident_id)
    )
    return {row.incident_id: row.how_many for row in (await db.execute(query)).all()}


async def last_looked_at(db: AsyncConnection) -> int | None:
    """The number up to which cases were compared; None before the first time."""
    found = (await db.execute(select(counters.c.value).where(counters.c.name == LOOKED_AT))).scalar()
    return int(found) if found is not None else None


async def cases_after(db: AsyncConnection, number: int, *, limit: int) -> tuple[Case, ...]:
    """The next cases by number.

    Numbers are taken inside the transaction that opens a case, under a lock: none comes later with a smaller one.
    """
    query = select(cases).where(cases.c.number > number).order_by(cases.c.number).limit(limit)
    return tuple(case_of(row) for row in (await db.execute(query)).all())


async def looked_at(db: AsyncConnection, *, seen: int | None, number: int) -> bool:
    """Compare-and-set the number up to which cases were compared; False where another node was first."""
    if seen is None:
        make = sqlite_insert if db.dialect.name == "sqlite" else postgres_insert
        first = await db.execute(make(counters).values(name=LOOKED_AT, value=number).on_conflict_do_nothing())
        return first.rowcount == 1
    moved = await db.execute(
        update(counters).where(counters.c.name == LOOKED_AT, counters.c.value == seen).values(value=number)
    )
    return moved.rowcount == 1


async def number_before(db: AsyncConnection, at: datetime) -> int:
    """The number of the last case that was opened before then, 0 where there was none."""
    newest = (cases.c.opened_at.desc(), cases.c.number.desc())
    query = select(cases.c.number).where(cases.c.opened_at < at).order_by(*newest).limit(1)
    return int((await db.execute(query)).scalar() or 0)


async def opened_between(
    db: AsyncConnection, category: Category, since: datetime, until: datetime, *, limit: int = 500
) -> tuple[Case, ...]:
    """Cases of a queue that were opened in this time, the latest first."""
    query = (
        select(cases)
        .where(cases.c.category == category, cases.c.opened_at >= since, cases.c.opened_at <= until)
        .order_by(cases.c.opened_at.desc())
        .limit(limit)
    )
    return tuple(case_of(row) for row in (await db.execute(query)).all())


async def count_opened(db: AsyncConnection, category: Category, since: datetime, until: datetime) -> int:
    """How many cases of a queue were opened from ``since`` to before ``until``."""
    query = (
        select(func.count())
        .select_from(cases)
        .where(cases.c.category == category, cases.c.opened_at >= since, cases.c.opened_at < until)
    )
    return int((await db.execute(query)).scalar_one())


async def words_of(db: AsyncConnection, case: Case, *, limit: int = 3) -> tuple[str, ...]:
    """What the customer wrote about their problem before the case was opened: their latest messages with a topic.

    Messages in which nothing but a person was asked for have no topic, and are no words about a problem.
    """
    query = (
        select(messages.c.text, turns.c.record)
        .join(turns, turns.c.message_id == messages.c.id)
        .where(
            messages.c.conversation_id == case.conversation_id,
            messages.c.sender == SenderType.CUSTOMER,
            messages.c.created_at <= case.opened_at,
            turns.c.record.is_not(None),
        )
        .order_by(messages.c.seq.desc())
        .limit(limit * 3)
    )
    found = [row.text for row in (await db.execute(query)).all() if row.record and row.record.get("topic")]
    return tuple(reversed(found[:limit]))
