"""Days that are added up: their cells, which of them are to be added up anew, and who does it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, union_all, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.kpis.observations import ALL, CellKey, Sum, day_of
from handoff.store.cases import case_number
from handoff.store.schema import (
    answer_ratings,
    cases,
    conversations,
    kpi_days,
    kpi_rollups,
    offers,
    promises,
    resolutions,
    wait_estimates,
)

ROWS_AT_ONCE: Final = 2000
IDS_AT_ONCE: Final = 400
"""SQLite takes a limited number of values in one statement."""


@dataclass(frozen=True, slots=True)
class Rollup:
    """Where a day stands. It changed since it was added up while ``changes`` and ``changes_rolled`` differ."""

    day: date
    changes: int
    changes_rolled: int
    rolled_at: datetime | None
    version: int
    zone: str | None
    """By whose clock the day was cut; None where that was UTC, before another could be."""

    @property
    def has_changed(self) -> bool:
        """Whether something of this day changed since it was added up."""
        return self.changes != self.changes_rolled


@dataclass(frozen=True, slots=True)
class Stamp:
    """How many of some days were ever looked at, and the sum of their versions, each of which only grows."""

    days: int
    versions: int


async def rollups_of(db: AsyncConnection, first: date, last: date) -> dict[date, Rollup]:
    """Where these days stand; one that was never looked at is missing."""
    query = select(kpi_rollups).where(kpi_rollups.c.day.between(first, last))
    return {
        row.day: Rollup(row.day, row.changes, row.changes_rolled, row.rolled_at, row.version, row.zone)
        for row in (await db.execute(query)).all()
    }


async def stamp_of(db: AsyncConnection, first: date, last: date) -> Stamp:
    """The stamp of these days: another one whenever a day of them is added up anew."""
    query = select(func.count(), func.coalesce(func.sum(kpi_rollups.c.version), 0))
    days, versions = (await db.execute(query.where(kpi_rollups.c.day.between(first, last)))).one()
    return Stamp(int(days), int(versions))


async def changed_days(db: AsyncConnection) -> tuple[date, ...]:
    """The days that changed since they were added up, newest first."""
    query = select(kpi_rollups.c.day).where(kpi_rollups.c.changes != kpi_rollups.c.changes_rolled)
    return tuple((await db.execute(query.order_by(kpi_rollups.c.day.desc()))).scalars())


async def mark_changed(db: AsyncConnection, days: Iterable[date]) -> None:
    """Note in this transaction that something of these days changes; taken in order, so that two never deadlock."""
    make = sqlite_insert if db.dialect.name == "sqlite" else postgres_insert
    for day in sorted(set(days)):
        await db.execute(
            make(kpi_rollups)
            .values(day=day, changes=1, changes_rolled=0, rolled_at=None, version=1)
            .on_conflict_do_update(index_elements=["day"], set_={"changes": kpi_rollups.c.changes + 1})
        )


async def begin_day(db: AsyncConnection, day: date) -> None:
    """Make sure that a day has its row, so that it can be added up."""
    make = sqlite_insert if db.dialect.name == "sqlite" else postgres_insert
    row = make(kpi_rollups).values(day=day, changes=0, changes_rolled=0, rolled_at=None, version=1)
    await db.execute(row.on_conflict_do_nothing())


async def save_day(
    db: AsyncConnection, read: Rollup, cells: Mapping[CellKey, Sum], zone: tzinfo, *, as_of: datetime
) -> bool:
    """Put the cells of a day in place of those that stood, unless another process did so since ``read``.

    ``read`` is the row as it stood when the facts were read: what changed meanwhile stays noted.
    """
    taken = await db.execute(
        update(kpi_rollups)
        .where(kpi_rollups.c.day == read.day, kpi_rollups.c.version == read.version)
        .values(changes_rolled=read.changes, rolled_at=as_of, zone=str(zone), version=read.version + 1)
    )
    if taken.rowcount != 1:
        return False
    await db.execute(delete(kpi_days).where(kpi_days.c.day == read.day))
    rows = [
        {
            "category": key.place.category,
            "level": key.place.level,
            "agent_id": key.place.agent_id,
            "day": key.day,
            "measure": key.measure,
            "bucket": key.bucket,
            "how_many": found.how_many,
            "total": found.total,
        }
        for key, found in cells.items()
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await db.execute(insert(kpi_days), rows[start : start + ROWS_AT_ONCE])
    return True


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which places count: those of a category, a level, an agent, or (where None) of all."""

    category: str | None = None
    level: int | None = None
    agent_id: str | None = None


class By(StrEnum):
    """What sums are parted by."""

    DAY = "day"
    CATEGORY = "category"
    LEVEL = "level"
    AGENT = "agent"


async def sums(
    db: AsyncConnection,
    first: date,
    last: date,
    chosen: Chosen,
    by: By,
    *,
    measures: Collection[str] | None = None,
) -> dict[tuple[str, str], dict[str, Sum]]:
    """The sums of these days by measure and part (a day in ISO 8601, a category, a level, an agent), by bucket."""
    table = kpi_days.c
    part = {By.DAY: table.day, By.CATEGORY: table.category, By.LEVEL: table.level, By.AGENT: table.agent_id}[by]
    query = (
        select(part, table.measure, table.bucket, func.sum(table.how_many), func.sum(table.total))
        .where(_places(chosen, by), table.day.between(first, last))
        .group_by(part, table.measure, table.bucket)
    )
    if measures is not None:
        query = query.where(table.measure.in_(measures))
    found: defaultdict[tuple[str, str], dict[str, Sum]] = defaultdict(dict)
    for key, measure, bucket, how_many, total in (await db.execute(query)).all():
        found[measure, str(key)][bucket] = Sum(int(how_many), float(total))
    return dict(found)


async def totals(db: AsyncConnection, first: date, last: date, chosen: Chosen) -> dict[str, dict[str, Sum]]:
    """The sums of all these days together, by measure and bucket: a busy day has thousands of cells, their sum few."""
    table = kpi_days.c
    query = (
        select(table.measure, table.bucket, func.sum(table.how_many), func.sum(table.total))
        .where(_places(chosen, By.DAY), table.day.between(first, last))
        .group_by(table.measure, table.bucket)
    )
    found: defaultdict[str, dict[str, Sum]] = defaultdict(dict)
    for measure, bucket, how_many, total in (await db.execute(query)).all():
        found[measure][bucket] = Sum(int(how_many), float(total))
    return dict(found)


def _places(chosen: Chosen, by: By) -> ColumnElement[bool]:
    """The rows that add up to what is asked for: a margin where one is kept for it, or else the single places."""
    table = kpi_days.c
    named = {
        By.CATEGORY: (table.category, chosen.category),
        By.LEVEL: (table.level, chosen.level),
        By.AGENT: (table.agent_id, chosen.agent_id),
    }
    fixed = {dimension for dimension, (_, value) in named.items() if value is not None}
    needed = fixed | ({by} & named.keys())
    left_out = {By.CATEGORY: ALL.category, By.LEVEL: ALL.level, By.AGENT: ALL.agent_id}
    held = [column == value for column, value in named.values() if value is not None]
    for dimension, (column, value) in named.items():
        if len(needed) <= 1 and dimension not in needed:
            held.append(column == left_out[dimension])
        elif value is None:
            # The categories by name, so that the primary key finds their rows.
            known = column.in_(("", *Category)) if dimension is By.CATEGORY else column != left_out[dimension]
            held.append(known)
    return and_(*held)


async def first_day(db: AsyncConnection, zone: tzinfo) -> date | None:
    """The day of the oldest fact by the clock of ``zone``; None in an empty database."""
    columns = (
        conversations.c.started_at,
        cases.c.opened_at,
        cases.c.first_response_due,
        resolutions.c.resolved_at,
        promises.c.due_at,
        wait_estimates.c.made_at,
        offers.c.offered_at,
        answer_ratings.c.rated_at,
    )
    oldest = [(await db.execute(select(func.min(column)))).scalar_one() for column in columns]
    return min((day_of(moment, zone) for moment in oldest if moment is not None), default=None)


async def days_of_case(db: AsyncConnection, case_id: str, zone: tzinfo) -> frozenset[date]:
    """The days to which anything of a case belongs, save the targets of its row."""
    of_case = [
        select(cases.c.opened_at).where(cases.c.id == case_id),
        select(conversations.c.started_at)
        .join(cases, cases.c.conversation_id == conversations.c.id)
        .where(cases.c.id == case_id),
        select(resolutions.c.resolved_at).where(resolutions.c.case_id == case_id),
        select(promises.c.due_at).where(promises.c.case_id == case_id),
        select(wait_estimates.c.made_at).where(wait_estimates.c.case_id == case_id),
        select(offers.c.offered_at).where(offers.c.case_id == case_id),
    ]
    return frozenset(day_of(moment, zone) for moment in (await db.execute(union_all(*of_case))).scalars())


async def days_of_earlier_resolutions(
    db: AsyncConnection, customer_id: str, since: datetime, zone: tzinfo
) -> frozenset[date]:
    """The days on which cases of a customer were resolved since a moment."""
    query = (
        select(resolutions.c.resolved_at)
        .join(cases, cases.c.id == resolutions.c.case_id)
        .where(cases.c.customer_id == customer_id, resolutions.c.resolved_at >= since)
    )
    return frozenset(day_of(moment, zone) for moment in (await db.execute(query)).scalars())


async def case_numbers(db: AsyncConnection, ids: Sequence[str]) -> dict[str, str]:
    """The numbers of these cases as people say them; what is no case's id is left out."""
    found: dict[str, str] = {}
    for start in range(0, len(ids), IDS_AT_ONCE):
        query = select(cases.c.id, cases.c.number).where(cases.c.id.in_(ids[start : start + IDS_AT_ONCE]))
        found |= {case_id: case_number(number) for case_id, number in (await db.execute(query)).all()}
    return found
