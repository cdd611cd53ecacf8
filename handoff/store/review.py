"""What the review reads: the resolutions of a time with their cases, verdicts and sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import AuthorityKind
from handoff.domain.cases import Case
from handoff.domain.resolutions import Resolution
from handoff.domain.verdicts import Verdict
from handoff.store.authority import sums_of
from handoff.store.cases import case_of
from handoff.store.resolutions import resolution_of_row
from handoff.store.schema import case_verdicts, cases, resolutions


@dataclass(frozen=True, slots=True)
class Closed:
    """A resolution with its case, what was decided in the case by kind of authority (in pounds), and the verdict."""

    resolution: Resolution
    case: Case
    sums: Mapping[AuthorityKind, Decimal]
    verdict: Verdict | None


async def closed_between(db: AsyncConnection, since: datetime, until: datetime) -> tuple[Closed, ...]:
    """Everything that was closed from ``since`` to before ``until``, the earliest first."""
    within = (resolutions.c.resolved_at >= since, resolutions.c.resolved_at < until)
    ids = select(resolutions.c.case_id).where(*within)
    found = (await db.execute(select(resolutions).where(*within).order_by(resolutions.c.resolved_at))).all()
    by_id = {row.id: case_of(row) for row in (await db.execute(select(cases).where(cases.c.id.in_(ids)))).all()}
    said = {
        row.case_id: Verdict(row.verdict)
        for row in (await db.execute(select(case_verdicts).where(case_verdicts.c.case_id.in_(ids)))).all()
    }
    sums = await sums_of(db, ids)
    return tuple(
        Closed(resolution_of_row(row), by_id[row.case_id], sums.get(row.case_id, {}), said.get(row.case_id))
        for row in found
    )
