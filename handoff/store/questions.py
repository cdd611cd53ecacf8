"""The database's side of the editor's list: which conversations hold such questions, and what was said in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.conversations import Rating, Turn
from handoff.domain.questions import FAILINGS, Handover, Question, questions_of
from handoff.store.cases import case_of
from handoff.store.conversations import turn_of
from handoff.store.schema import answer_ratings, cases, turns

AT_ONCE: Final = 200
"""Conversations read at once: SQLite takes a limited number of values in one statement."""


async def questions_to_look_at(
    db: AsyncConnection, *, since: datetime | None = None, limit: int | None = None
) -> tuple[Question, ...]:
    """The questions asked since a moment, newest first, at most ``limit``."""
    found: list[Question] = []
    ids = await _conversations(db, since)
    for start in range(0, len(ids), AT_ONCE):
        found += await _questions_in(db, ids[start : start + AT_ONCE])
    wanted = [question for question in found if since is None or question.at >= since]
    wanted.sort(key=lambda question: (question.at, question.message_id), reverse=True)
    return tuple(wanted[:limit])


async def _conversations(db: AsyncConnection, since: datetime | None) -> list[str]:
    fell_back = select(turns.c.conversation_id).where(turns.c.record["in_scope"].as_boolean().is_(False))
    unhelpful = select(answer_ratings.c.conversation_id).where(answer_ratings.c.rating == Rating.UNHELPFUL)
    handed_over = select(cases.c.conversation_id).where(cases.c.reason.in_(FAILINGS))
    if since is not None:
        # A rating and a handoff come after their question, so none of a later question is left out.
        fell_back = fell_back.where(turns.c.created_at >= since)
        unhelpful = unhelpful.where(answer_ratings.c.rated_at >= since)
        handed_over = handed_over.where(cases.c.opened_at >= since)
    return list((await db.execute(union(fell_back, unhelpful, handed_over))).scalars())


async def _questions_in(db: AsyncConnection, ids: Sequence[str]) -> list[Question]:
    said: defaultdict[str, list[Turn]] = defaultdict(list)
    query = select(turns).where(turns.c.conversation_id.in_(ids)).order_by(turns.c.created_at, turns.c.seq)
    for row in (await db.execute(query)).all():
        said[row.conversation_id].append(turn_of(row))
    unhelpful = set(
        (
            await db.execute(
                select(answer_ratings.c.turn_message_id).where(
                    answer_ratings.c.conversation_id.in_(ids), answer_ratings.c.rating == Rating.UNHELPFUL
                )
            )
        ).scalars()
    )
    handovers: defaultdict[str, list[Handover]] = defaultdict(list)
    for row in (await db.execute(select(cases).where(cases.c.conversation_id.in_(ids)))).all():
        case = case_of(row)
        counted = next((reason.value for reason in case.context.reasons if reason.reason is case.reason), 1.0)
        handovers[case.conversation_id].append(Handover(case.handoff_message_id, case.reason, max(1, int(counted))))
    return [question for key in said for question in questions_of(said[key], unhelpful, handovers[key])]
