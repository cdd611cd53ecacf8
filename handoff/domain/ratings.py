"""Ratings of the bot's answers: which of its messages is one, and when it can be rated."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from handoff.contract import DecisionAction, TurnRecord
from handoff.domain.conversations import BotReply, Conversation, ConversationStatus, Message, Rating, Turn
from handoff.domain.errors import ConversationClosed, NotRatable


@dataclass(frozen=True, slots=True)
class AnswerRating:
    """What the customer says of one answer. ``turn_message_id`` is their own message that it answers."""

    message_id: str
    conversation_id: str
    turn_message_id: str
    rating: Rating
    rated_at: datetime


def answer_among(
    turn: Turn, replies: Sequence[BotReply], record: TurnRecord | None, no_answers: Collection[str]
) -> int | None:
    """The place of the reply that is the answer of this turn: the last one that answers; None when none does.

    ``no_answers`` are the responses that only ask or keep company, by name, with ``*`` for anything. A reply without a
    name answers when the turn made a request or was not understood, unless it ends as a question. A turn of ours, and
    one that a person takes over, have no answer of the bot's.
    """
    if turn.seq == 0 or (record is not None and record.decision.action is DecisionAction.NOW):
        return None
    for place in reversed(range(len(replies))):
        reply = replies[place]
        if reply.response is not None:
            answers = not any(fnmatchcase(reply.response, pattern) for pattern in no_answers)
        else:
            answers = record is not None and _asks_something(record) and not reply.text.rstrip().endswith("?")
        if answers:
            return place
    return None


def _asks_something(record: TurnRecord) -> bool:
    return record.topic is not None or not record.in_scope


def rated(conversation: Conversation, message: Message, rating: Rating, now: datetime) -> AnswerRating:
    """The rating of an answer, while the bot owns. Raises ``ConversationClosed`` and ``NotRatable``."""
    if conversation.status is ConversationStatus.CLOSED:
        raise ConversationClosed("This conversation was ended. Begin a new one.")
    if message.answers_turn is None:
        raise NotRatable("Only the assistant's answers can be rated; this message is none.")
    if not conversation.owner.is_bot:
        raise NotRatable("A person has this conversation now; the assistant's answers can be rated after that.")
    return AnswerRating(message.id, conversation.id, message.answers_turn, rating, now)
