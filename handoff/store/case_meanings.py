"""The vectors of closed cases in the database: which wait for one, which came since, and the cases behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.cases import Case, CaseStatus
from handoff.domain.conversations import SenderType
from handoff.store.cases import case_of
from handoff.store.schema import case_meanings, cases, messages

LOT: Final = 2000
"""So many vectors are read at once: 1.5 MB."""

_HANDOFF_AT = (
    select(messages.c.seq)
    .where(messages.c.id == bindparam("handoff_message"), messages.c.conversation_id == bindparam("conversation"))
    .scalar_subquery()
)
_BEFORE_HANDOFF: Final = (
    select(messages.c.text)
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.sender == SenderType.CUSTOMER,
        or_(
            messages.c.seq <= _HANDOFF_AT, and_(_HANDOFF_AT.is_(None), messages.c.created_at <= bindparam("opened_at"))
        ),
    )
    .order_by(messages.c.seq.desc())
    .limit(bindparam("lines"))
)
"""Read for every state that a customer is shown, so built once."""


@dataclass(frozen=True, slots=True)
class StoredMeaning:
    """A closed case's vector as it is stored: little-endian float16."""

    case_id: str
    category: Category
    closed_at: datetime
    vector: bytes


async def let_wait(db: AsyncConnection, case_id: str, *, closed_at: datetime) -> None:
    """Let a case that is closed now wait for its vector. One that has it already, having been reopened, keeps it."""
    make = sqlite_insert if db.dialect.name == "sqlite" else postgres_insert
    await db.execute(
        make(case_meanings)
        .values(case_id=case_id, closed_at=closed_at)
        .on_conflict_do_update(index_elements=["case_id"], set_={"closed_at": closed_at})
    )


async def wait_again(db: AsyncConnection, encoder: str) -> int:
    """Let every case wait whose vector is of another encoder than this; how many they are."""
    result = await db.execute(
        update(case_meanings)
        # Not "!=", for which no index serves: this is asked at every start, and of a million cases.
        .where(or_(case_meanings.c.encoder < encoder, case_meanings.c.encoder > encoder))
        .values(vector=None, encoder=None, encoded_at=None)
    )
    return result.rowcount


async def waiting(db: AsyncConnection, limit: int) -> tuple[Case, ...]:
    """The cases that wait for their vector, the latest closed first."""
    query = (
        select(cases)
        .join(case_meanings, case_meanings.c.case_id == cases.c.id)
        .where(case_meanings.c.vector.is_(None))
        .order_by(case_meanings.c.closed_at.desc())
        .limit(limit)
    )
    return tuple(case_of(row) for row in (await db.execute(query)).all())


async def said_before_handoff(db: AsyncConnection, case: Case, *, lines: int) -> tuple[str, ...]:
    """The last lines that the customer wrote up to the handoff of this case, the oldest first."""
    given = {
        "conversation": case.conversation_id,
        "handoff_message": case.handoff_message_id,
        "opened_at": case.opened_at,
        "lines": lines,
    }
    return tuple(reversed((await db.execute(_BEFORE_HANDOFF, given)).scalars().all()))


async def keep(db: AsyncConnection, encoder: str, vectors: Mapping[str, bytes], *, now: datetime) -> None:
    """Store the vectors of cases that waited for them."""
    if not vectors:
        return
    await db.execute(
        update(case_meanings)
        .where(case_meanings.c.case_id == bindparam("of_case"))
        .values(vector=bindparam("row"), encoder=encoder, encoded_at=now),
        [{"of_case": case_id, "row": row} for case_id, row in vectors.items()],
    )


async def newest(
    db: AsyncConnection, encoder: str, *, encoded_from: datetime | None, limit: int
) -> AsyncIterator[tuple[tuple[StoredMeaning, ...], datetime]]:
    """The vectors of the latest closed cases, or of those encoded from a moment on, in lots.

    With each lot comes when the last of it was encoded.
    """
    query = select(
        case_meanings.c.case_id,
        cases.c.category,
        case_meanings.c.closed_at,
        case_meanings.c.vector,
        case_meanings.c.encoded_at,
    ).join(cases, cases.c.id == case_meanings.c.case_id)
    query = query.where(case_meanings.c.vector.is_not(None), case_meanings.c.encoder == encoder)
    if encoded_from is None:
        query = query.order_by(case_meanings.c.closed_at.desc())
    else:
        # In the order of the index that finds the few new ones; in the other, the database would look at all.
        query = query.where(case_meanings.c.encoded_at >= encoded_from).order_by(case_meanings.c.encoded_at.desc())
    result = await db.stream(query.limit(limit))
    async for rows in result.partitions(LOT):
        lot = tuple(StoredMeaning(row.case_id, Category(row.category), row.closed_at, row.vector) for row in rows)
        yield lot, max(row.encoded_at for row in rows)


async def closed_cases(
    db: AsyncConnection, ids: Sequence[str], *, categories: Sequence[Category], but_of: str
) -> tuple[Case, ...]:
    """Those of these cases that are resolved, in one of these queues and not of the customer ``but_of``."""
    query = select(cases).where(
        cases.c.id.in_(ids),
        cases.c.status == CaseStatus.CLOSED,
        cases.c.category.in_(categories),
        cases.c.customer_id != but_of,
        cases.c.outcome.is_not(None),
        cases.c.disposition.is_not(None),
        cases.c.resolved_at.is_not(None),
    )
    rows: Sequence[Any] = (await db.execute(query)).all()
    return tuple(case_of(row) for row in rows)
