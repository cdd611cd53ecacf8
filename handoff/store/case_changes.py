"""The order in which cases changed, in the database: who reads it to the end has missed nothing.

SQLite commits one transaction after the other, so the rows become visible in the order of their ids. On PostgreSQL a
transaction that took a lower id may commit after one with a higher id was read, and its row would be missed. Rows are
therefore ordered by the number of the transaction that wrote them (``txid_current``) and read only up to the oldest
one that still runs (``txid_snapshot_xmin``): below it, nothing can appear any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.errors import BadValue
from handoff.store.schema import case_changes, cases


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the order of changes; what comes after it was changed later."""

    written_by: int
    id: int


BEGINNING = Place(0, 0)
_ADD_ON_SQLITE: Final = insert(case_changes).values(written_by=0, case_id=bindparam("case_id"))
_ADD_ON_POSTGRES: Final = insert(case_changes).values(written_by=func.txid_current(), case_id=bindparam("case_id"))


async def add_change(db: AsyncConnection, case_id: str) -> None:
    """Remember that a case changed, in the transaction that changes it."""
    await db.execute(_ADD_ON_SQLITE if db.dialect.name == "sqlite" else _ADD_ON_POSTGRES, {"case_id": case_id})


async def changed_after(
    db: AsyncConnection, place: Place, *, categories: frozenset[Category], limit: int
) -> tuple[tuple[str, ...], Place]:
    """Ids of cases that changed after a place, in that order, each once; and the place up to which was read.

    ``limit`` is how many changes are read, so it may be fewer cases. Raises ``BadValue`` for a place of the future: it
    is of another life of the database, from before a dump was read back.
    """
    query = (
        select(case_changes.c.written_by, case_changes.c.id, case_changes.c.case_id, cases.c.category)
        .join(cases, cases.c.id == case_changes.c.case_id)
        .where(tuple_(case_changes.c.written_by, case_changes.c.id) > tuple_(place.written_by, place.id))
        .order_by(case_changes.c.written_by, case_changes.c.id)
        .limit(limit)
    )
    if db.dialect.name == "sqlite":
        latest = (await db.execute(select(func.coalesce(func.max(case_changes.c.id), 0)))).scalar_one()
        is_ahead = place.written_by > 0 or place.id > latest
    else:
        running = func.txid_snapshot_xmin(func.txid_current_snapshot())
        query = query.where(case_changes.c.written_by < running)
        is_ahead = place.written_by >= (await db.execute(select(running))).scalar_one()
    if is_ahead:
        raise BadValue("This cursor is not one of this database. Begin again without a cursor.", field="cursor")
    rows = (await db.execute(query)).all()
    found = dict.fromkeys(row.case_id for row in rows if row.category in categories)
    return tuple(found), Place(rows[-1].written_by, rows[-1].id) if rows else place
