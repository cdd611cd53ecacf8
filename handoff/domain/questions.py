"""The customers' questions that an editor should look at: those that the bot did not answer, or not well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice

from handoff.contract import HandoffReason, TurnRecord
from handoff.domain.conversations import Turn, TurnStatus


class Why(StrEnum):
    """Why a question is one to look at."""

    FELL_BACK = "fell_back"
    """The bot did not know what it was about."""
    UNHELPFUL = "unhelpful"
    """The customer said that the answer did not help."""
    HANDED_OVER = "handed_over"
    """A person had to take over, because the bot failed at it or was not wanted any more after it."""


FAILINGS = frozenset(
    {
        HandoffReason.REPEATED_FALLBACK,
        HandoffReason.LOW_CONFIDENCE,
        HandoffReason.FRUSTRATION,
        HandoffReason.EXPLICIT_REQUEST,
    }
)
"""Reasons of a handoff that say something about the question before it; risk, authority and the like do not."""


@dataclass(frozen=True, slots=True)
class Handover:
    """A handoff by the bot. ``count`` is what its reason counted, such as the turns in a row that fell back."""

    message_id: str
    reason: HandoffReason
    count: int = 1


@dataclass(frozen=True, slots=True)
class Question:
    """One question in the customer's words, with what was understood of it. ``why`` has no doubles."""

    message_id: str
    conversation_id: str
    at: datetime
    text: str
    why: tuple[Why, ...]
    intent: str
    topic: str | None
    confidence: float
    frustration: float


def questions_of(
    turns: Sequence[Turn], unhelpful: Collection[str], handovers: Collection[Handover]
) -> tuple[Question, ...]:
    """The questions of one conversation, oldest first.

    ``turns`` are all of the conversation, oldest first; ``unhelpful`` are the ids of the customer's messages whose
    answer was rated so. Where the rated answer ended a form, the question is the one that the form began with.
    """
    found: defaultdict[str, list[Why]] = defaultdict(list)
    for turn in turns:
        if asks_in_words(turn) and _fell_back(turn):
            found[turn.message_id].append(Why.FELL_BACK)
    places = {turn.message_id: place for place, turn in enumerate(turns)}
    for message_id in unhelpful:
        if message_id in places:
            for turn in islice(_back(turns[: places[message_id] + 1]), 1):
                found[turn.message_id].append(Why.UNHELPFUL)
    begin = 0
    for handover in sorted((h for h in handovers if h.message_id in places), key=lambda h: places[h.message_id]):
        place = places[handover.message_id]
        for turn in _led_to(handover, turns[begin:place], turns[place]):
            found[turn.message_id].append(Why.HANDED_OVER)
        begin = place + 1
    return tuple(
        _question(turn, turn.record, found[turn.message_id])
        for turn in turns
        if turn.message_id in found and turn.record is not None
    )


def _led_to(handover: Handover, before: Sequence[Turn], trigger: Turn) -> list[Turn]:
    """The questions that led to a handoff, newest first; ``before`` are the turns since the handoff before it."""
    if handover.reason is HandoffReason.REPEATED_FALLBACK:
        return list(islice(filter(_fell_back, _back([*before, trigger])), handover.count))
    if handover.reason is HandoffReason.LOW_CONFIDENCE:
        return list(islice(_back([*before, trigger]), handover.count))
    if handover.reason is HandoffReason.FRUSTRATION:
        # Somebody who comes in anger has not been failed yet.
        return list(islice((turn for turn in _back(before) if turn.status is TurnStatus.ANSWERED), 1))
    return list(islice(_back(before), 1)) if handover.reason is HandoffReason.EXPLICIT_REQUEST else []


def _back(turns: Sequence[Turn]) -> Iterator[Turn]:
    """The questions, newest first, back to a request that was chosen by a button: that one has no words."""
    for turn in reversed(turns):
        if asks_in_words(turn):
            yield turn
        elif turn.record is not None and turn.record.topic is not None:
            return


def asks_in_words(turn: Turn) -> bool:
    """Whether the customer asked for something in words: no small talk, no button, no answer to the bot's question."""
    record = turn.record
    asks = record is not None and (record.topic is not None or not record.in_scope)
    return asks and turn.seq > 0 and not turn.payload.startswith("/") and any(map(str.isalnum, turn.payload))


def _fell_back(turn: Turn) -> bool:
    return turn.record is not None and not turn.record.in_scope


def _question(turn: Turn, record: TurnRecord, why: Sequence[Why]) -> Question:
    return Question(
        message_id=turn.message_id,
        conversation_id=turn.conversation_id,
        at=turn.created_at,
        text=turn.payload,
        why=tuple(dict.fromkeys(why)),
        intent=record.intent,
        topic=record.topic,
        confidence=record.confidence,
        frustration=record.frustration,
    )
