"""Verdicts on cases in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.verdicts import CaseVerdict, Verdict
from handoff.store.schema import case_verdicts


def verdict_of_row(row: Row[Any]) -> CaseVerdict:
    """A row of ``case_verdicts`` as the domain knows it."""
    return CaseVerdict(row.case_id, Verdict(row.verdict), row.agent_id, row.judged_at, row.message_id, row.note)


async def verdict_of(db: AsyncConnection, case_id: str) -> CaseVerdict | None:
    """The verdict on a case, if there is one."""
    return (await verdicts_of(db, [case_id])).get(case_id)


async def verdicts_of(db: AsyncConnection, case_ids: Collection[str]) -> dict[str, CaseVerdict]:
    """The verdicts on these cases, by case."""
    query = select(case_verdicts).where(case_verdicts.c.case_id.in_(case_ids))
    return {row.case_id: verdict_of_row(row) for row in (await db.execute(query)).all()}


async def save_verdict(db: AsyncConnection, given: CaseVerdict) -> None:
    """Store a verdict, in place of an earlier one. The case's conversation must be held for change."""
    values = {
        "verdict": given.verdict,
        "message_id": given.message_id,
        "note": given.note,
        "agent_id": given.agent_id,
        "judged_at": given.judged_at,
    }
    replaced = await db.execute(update(case_verdicts).where(case_verdicts.c.case_id == given.case_id).values(**values))
    if replaced.rowcount == 0:
        await db.execute(insert(case_verdicts).values(case_id=given.case_id, **values))
