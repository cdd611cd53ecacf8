"""The customer says whether an answer of the bot helped."""

from __future__ import annotations

from handoff.domain.conversations import Rating
from handoff.domain.kpis.observations import day_of
from handoff.domain.ratings import AnswerRating, rated
from handoff.services.context import Context
from handoff.services.events import AnswerRated
from handoff.services.kpi_marks import mark
from handoff.store import conversations as store
from handoff.store import ratings


async def rate_answer(context: Context, conversation_id: str, message_id: str, rating: Rating) -> AnswerRating:
    """Keep the rating of an answer, in place of an earlier one; the same one again changes nothing.

    Raises ``NotFound`` for a message that is not in this conversation, ``NotRatable`` for one that is no answer or
    while a human owns, ``ConversationClosed``.
    """
    now = context.clock()
    async with context.db.write() as db:
        conversation = await store.get_conversation(db, conversation_id, for_change=True)
        message = await store.message_by_id(db, conversation_id, message_id)
        given = rated(conversation, message, rating, now)
        standing = await ratings.rating_of(db, message_id)
        if standing is not None and standing.rating is rating:
            given = standing
        else:
            await ratings.save_rating(db, given)
            if standing is not None:
                zone = context.policy.kpi_zone
                await mark(db, {day_of(standing.rated_at, zone)}, day_of(now, zone))
    # Told also when nothing changed: whoever sent it again waits for the answer.
    context.publish((AnswerRated(conversation_id, message_id, rating),))
    return given
