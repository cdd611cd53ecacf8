"""Decisions within authority in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import AuthorityKind
from handoff.domain.authority import AuthorityUse, UseStatus
from handoff.store.schema import authority_uses

_PENCE = Decimal(100)


def _use_of(row: Row[Any]) -> AuthorityUse:
    return AuthorityUse(
        key=row.key,
        case_id=row.case_id,
        agent_id=row.agent_id,
        kind=AuthorityKind(row.kind),
        amount=(Decimal(row.amount_pence) / _PENCE).quantize(Decimal("0.01")),
        reason=row.reason,
        status=UseStatus(row.status),
        begun_at=row.begun_at,
        email=row.email,
        order_number=row.order_number,
        sku=row.sku,
        charge_id=row.charge_id,
        reference=row.reference,
        arrives_by=row.arrives_by,
        settled_at=row.settled_at,
    )


async def uses_of(db: AsyncConnection, case_id: str) -> tuple[AuthorityUse, ...]:
    """Every decision of a case, oldest first."""
    query = select(authority_uses).where(authority_uses.c.case_id == case_id)
    rows = (await db.execute(query.order_by(authority_uses.c.begun_at, authority_uses.c.key))).all()
    return tuple(_use_of(row) for row in rows)


async def sums_of(db: AsyncConnection, case_ids: Select[tuple[str]]) -> dict[str, dict[AuthorityKind, Decimal]]:
    """What was decided in these cases that happened or may have, in pounds by kind; cases with nothing are left out."""
    query = select(authority_uses).where(
        authority_uses.c.case_id.in_(case_ids), authority_uses.c.status.in_([UseStatus.DONE, UseStatus.UNCERTAIN])
    )
    found: dict[str, dict[AuthorityKind, Decimal]] = {}
    for use in map(_use_of, (await db.execute(query)).all()):
        sums = found.setdefault(use.case_id, {})
        sums[use.kind] = sums.get(use.kind, Decimal(0)) + use.amount
    return found


async def begin_use(db: AsyncConnection, use: AuthorityUse) -> None:
    """Write a decision down before the shop is asked."""
    await db.execute(
        insert(authority_uses).values(
            key=use.key,
            case_id=use.case_id,
            agent_id=use.agent_id,
            kind=use.kind,
            amount_pence=int(use.amount * _PENCE),
            reason=use.reason,
            status=use.status,
            begun_at=use.begun_at,
            email=use.email,
            order_number=use.order_number,
            sku=use.sku,
            charge_id=use.charge_id,
        )
    )


async def settle_use(db: AsyncConnection, use: AuthorityUse) -> None:
    """Write down what became of it."""
    await db.execute(
        update(authority_uses)
        .where(authority_uses.c.case_id == use.case_id, authority_uses.c.key == use.key)
        .values(status=use.status, reference=use.reference, arrives_by=use.arrives_by, settled_at=use.settled_at)
    )
