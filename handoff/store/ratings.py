"""Ratings of answers in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.conversations import Rating
from handoff.domain.ratings import AnswerRating
from handoff.store.schema import answer_ratings


async def rating_of(db: AsyncConnection, message_id: str) -> AnswerRating | None:
    """What the customer said of this answer, if anything."""
    row = (await db.execute(select(answer_ratings).where(answer_ratings.c.message_id == message_id))).one_or_none()
    if row is None:
        return None
    return AnswerRating(row.message_id, row.conversation_id, row.turn_message_id, Rating(row.rating), row.rated_at)


async def save_rating(db: AsyncConnection, given: AnswerRating) -> None:
    """Store a rating, in place of an earlier one. The conversation must be held for change."""
    replaced = await db.execute(
        update(answer_ratings)
        .where(answer_ratings.c.message_id == given.message_id)
        .values(rating=given.rating, rated_at=given.rated_at)
    )
    if replaced.rowcount == 0:
        await db.execute(
            insert(answer_ratings).values(
                message_id=given.message_id,
                conversation_id=given.conversation_id,
                turn_message_id=given.turn_message_id,
                rating=given.rating,
                rated_at=given.rated_at,
            )
        )
