"""The ledger of promises in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.promises import Kept, Promise, PromiseKind, PromiseStatus
from handoff.store.schema import promises

# Every word of an agent renews a promise: built once, as building a statement takes longer than running it.
_ADD: Final = insert(promises)
_SAVE: Final = update(promises).where(promises.c.id == bindparam("saved"))
_STANDING: Final = select(promises).where(
    promises.c.case_id == bindparam("wanted"), promises.c.status == PromiseStatus.OPEN
)


def promise_of(row: Row[Any]) -> Promise:
    """A row of ``promises`` as the domain knows it."""
    return Promise(
        id=row.id,
        case_id=row.case_id,
        kind=PromiseKind(row.kind),
        status=PromiseStatus(row.status),
        category=Category(row.category),
        agent_id=row.agent_id,
        made_at=row.made_at,
        due_at=row.due_at,
        settled_at=row.settled_at,
        reason=row.reason,
    )


async def add_promise(db: AsyncConnection, promise: Promise) -> None:
    """Keep a new promise; raises ``IntegrityError`` while another one of its case stands."""
    await db.execute(
        _ADD,
        {
            "id": promise.id,
            "case_id": promise.case_id,
            "kind": promise.kind,
            "status": promise.status,
            "category": promise.category,
            "agent_id": promise.agent_id,
            "made_at": promise.made_at,
            "due_at": promise.due_at,
            "settled_at": promise.settled_at,
            "reason": promise.reason,
        },
    )


async def save_promise(db: AsyncConnection, promise: Promise) -> None:
    """Store what became of a promise, or who has to keep it now."""
    await db.execute(
        _SAVE,
        {
            "saved": promise.id,
            "status": promise.status,
            "category": promise.category,
            "agent_id": promise.agent_id,
            "settled_at": promise.settled_at,
            "reason": promise.reason,
        },
    )


async def standing_promise(db: AsyncConnection, case_id: str) -> Promise | None:
    """The promise of a case that is not settled; the database allows at most one."""
    row = (await db.execute(_STANDING, {"wanted": case_id})).first()
    return promise_of(row) if row else None


async def promises_of(db: AsyncConnection, case_id: str) -> tuple[Promise, ...]:
    """All promises of a case, oldest first."""
    query = select(promises).where(promises.c.case_id == case_id).order_by(promises.c.made_at, promises.c.due_at)
    return tuple(promise_of(row) for row in (await db.execute(query)).all())


async def kept_between(
    db: AsyncConnection,
    begin: datetime,
    end: datetime,
    *,
    categories: Sequence[Category] | None = None,
    agent_id: str | None = None,
) -> Kept:
    """How many promises that were due from ``begin`` to before ``end`` were kept and broken (P30)."""
    query = (
        select(promises.c.status, func.count().label("how_many"))
        .where(
            promises.c.due_at >= begin,
            promises.c.due_at < end,
            promises.c.status.in_([PromiseStatus.KEPT, PromiseStatus.BROKEN]),
        )
        .group_by(promises.c.status)
    )
    if categories is not None:
        query = query.where(promises.c.category.in_(categories))
    if agent_id is not None:
        query = query.where(promises.c.agent_id == agent_id)
    found = {row.status: row.how_many for row in (await db.execute(query)).all()}
    return Kept(found.get(PromiseStatus.KEPT, 0), found.get(PromiseStatus.BROKEN, 0))
