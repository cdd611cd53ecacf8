"""The database's side of the labels: which cases were judged or corrected, and what was said in them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Step
from handoff.domain.labels import WRONG_CATEGORY, CategoryLabel, VerdictLabel, category_label, verdict_label
from handoff.domain.whole import WholeCase, WholeConversation
from handoff.store.schema import case_events, case_verdicts, cases
from handoff.store.whole import AT_ONCE, conversations_named, wholes


async def labels_given(
    db: AsyncConnection, *, since: datetime | None = None
) -> tuple[tuple[VerdictLabel, ...], tuple[CategoryLabel, ...]]:
    """The verdicts and the corrected categories given since a moment, oldest first."""
    verdicts: list[VerdictLabel] = []
    corrected: list[CategoryLabel] = []
    async for conversation, whole in _labelled_cases(db, since):
        if (verdict := verdict_label(conversation, whole)) is not None:
            verdicts.append(verdict)
        if (category := category_label(conversation, whole)) is not None:
            corrected.append(category)
    return (
        tuple(sorted((v for v in verdicts if since is None or v.judged_at >= since), key=lambda v: v.judged_at)),
        tuple(sorted((c for c in corrected if since is None or c.corrected_at >= since), key=lambda c: c.corrected_at)),
    )


async def _labelled_cases(
    db: AsyncConnection, since: datetime | None
) -> AsyncIterator[tuple[WholeConversation, WholeCase]]:
    judged = select(cases.c.conversation_id).join(case_verdicts, case_verdicts.c.case_id == cases.c.id)
    moved = (
        select(cases.c.conversation_id)
        .join(case_events, case_events.c.case_id == cases.c.id)
        .where(case_events.c.step == Step.TRANSFER, case_events.c.data[WRONG_CATEGORY].as_boolean().is_(True))
    )
    if since is not None:
        judged = judged.where(case_verdicts.c.judged_at >= since)
        moved = moved.where(case_events.c.at >= since)
    ids = sorted((await db.execute(union(judged, moved))).scalars())
    for start in range(0, len(ids), AT_ONCE):
        for conversation in await wholes(db, await conversations_named(db, ids[start : start + AT_ONCE])):
            for whole in conversation.cases:
                yield conversation, whole
