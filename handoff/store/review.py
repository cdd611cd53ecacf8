"""What the review reads: the resolutions of a time with their cases, verdicts and sums."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Case, Step
from handoff.domain.resolutions import Resolution
from handoff.domain.verdicts import Verdict
from handoff.store.cases import case_of
from handoff.store.resolutions import resolution_of_row
from handoff.store.schema import case_events, case_verdicts, cases, resolutions


@dataclass(frozen=True, slots=True)
class Closed:
    """A resolution with its case, the sums that were decided in it by kind of authority, and the verdict."""

    resolution: Resolution
    case: Case
    sums: tuple[tuple[str, float], ...]
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
    sums = await _sums(db, since, until)
    return tuple(
        Closed(resolution_of_row(row), by_id[row.case_id], tuple(sums[row.case_id]), said.get(row.case_id))
        for row in found
    )


async def _sums(db: AsyncConnection, since: datetime, until: datetime) -> defaultdict[str, list[tuple[str, float]]]:
    ids = select(resolutions.c.case_id).where(resolutions.c.resolved_at >= since, resolutions.c.resolved_at < until)
    query = select(case_events.c.case_id, case_events.c.data).where(
        case_events.c.case_id.in_(ids), case_events.c.step == Step.AUTHORITY
    )
    found: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in (await db.execute(query)).all():
        kind, amount = row.data.get("kind"), row.data.get("amount")
        if isinstance(kind, str) and isinstance(amount, int | float):
            found[row.case_id].append((kind, float(amount)))
    return found
