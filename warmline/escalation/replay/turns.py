"""From a stored conversation to its turns as the scoring saw them, and their decisions under any policy. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from actions.policy_view import view_of
from actions.reading import categories_by_label
from actions.score_turn import decision_of
from actions.scoring.decision import score_turn
from actions.scoring.picture import Picture, after_human
from actions.scoring.turn import Contact, Customer, TurnInput
from handoff.contract import Decision, EarlierContact, TurnRecord, TurnScene
from models.frustration.examples import NEEDS
from warmline.escalation.replay.stored import Conversation, Message
from warmline.policy import EscalationPolicy

FAILED: Final = "failed"
"""``scored_by`` where the scoring broke down: such a turn counted for nothing."""
ANSWERED: Final = "answered"
NOTE_OF_OURS: Final = "a note of ours"
"""Stands for the news that a case is resolved, which the bot answers like a turn and which is no message."""
_NOT_TOLD: Final = dict.fromkeys(NEEDS, 0.0)


@dataclass(frozen=True)
class StoredTurn:
    """A turn that was scored: its message and record, the bot's replies to the turn before it.

    ``after_person`` says that a person had the conversation since the turn before.
    """

    message: Message
    record: TurnRecord
    replies: tuple[str, ...]
    after_person: bool


@dataclass(frozen=True)
class ReplayedTurn:
    """A stored turn, counted from 1, and what another policy decides about it.

    ``exact`` says that everything the scoring saw is known, of this turn and of those before it.
    """

    number: int
    stored: StoredTurn
    decision: Decision
    exact: bool


class UnderPolicy:
    """What a replay needs of a policy, made once for all conversations."""

    def __init__(self, policy: EscalationPolicy) -> None:
        self.policy = policy
        self.view = view_of(policy)


def replay(conversation: Conversation, under: UnderPolicy) -> Iterator[ReplayedTurn]:
    """Yield the conversation's turns, each with the decision that the policy makes about it.

    The customer's words and the bot's replies are those that were stored. So a decision is what the policy would really
    have made only up to the first turn at which it differs from the stored one: after that, the customer would have
    said other things.
    """
    picture, exact = Picture(), True
    for number, turn in enumerate(turns_of(conversation), 1):
        if turn.after_person:
            picture = after_human(picture)
        if turn.record.scored_by == FAILED:
            decision = Decision(policy_version=under.policy.version)
        else:
            exact = exact and turn.record.scene is not None
            outcome, picture = score_turn(seen_again(turn, conversation, under.policy), picture, under.view)
            decision = decision_of(outcome)
        yield ReplayedTurn(number, turn, decision, exact)


def turns_of(conversation: Conversation) -> tuple[StoredTurn, ...]:
    """Return the scored turns of a conversation, in order."""
    order: list[tuple[Message | None, str]] = []
    replies: dict[str, list[str]] = {}
    waiting: deque[str] = deque()
    returns = deque(change.at for change in conversation.owner_changes if change.owner_type == "bot")
    for (is_bot, _), group in groupby(conversation.messages, key=lambda m: (m.role == "bot", m.role == "bot" and m.at)):
        messages = tuple(group)
        for message in messages:
            while returns and returns[0] <= message.at:
                note = f"{NOTE_OF_OURS} of {returns.popleft()}"
                waiting = deque([note])
                order.append((None, note))
            if message.role == "customer" and (message.record is not None or message.turn_status == ANSWERED):
                order.append((message, message.id))
                if message.turn_status == ANSWERED:
                    waiting.append(message.id)
        if is_bot and (turn := _answered(messages, waiting)) is not None:
            replies.setdefault(turn, []).extend(text for m in messages if (text := m.text.strip()))
    return tuple(_scored(order, replies))


def _answered(messages: tuple[Message, ...], waiting: deque[str]) -> str | None:
    """Return the turn that these replies are to, written together: turns are answered one at a time, in order."""
    named = next((message.answers_turn for message in messages if message.answers_turn), None)
    while waiting and named in waiting and waiting[0] != named:
        waiting.popleft()
    return waiting.popleft() if waiting else None


def _scored(order: list[tuple[Message | None, str]], replies: dict[str, list[str]]) -> Iterator[StoredTurn]:
    before, after_person = "", False
    for message, key in order:
        if message is None:
            after_person = True
        elif message.record is not None:
            yield StoredTurn(message, message.record, tuple(replies.get(before, ())), after_person)
            after_person = False
        before = key


def seen_again(turn: StoredTurn, conversation: Conversation, policy: EscalationPolicy) -> TurnInput:
    """Return the turn as the scoring saw it, or what is known of that where the scene was not kept."""
    record = turn.record
    scene = record.scene or TurnScene(named=record.topic)
    topic = scene.named if policy.is_known(scene.named) else None
    at = turn.message.at
    return TurnInput(
        key=record.message_id,
        text=turn.message.payload or "",
        intent=record.intent,
        confidence=record.confidence,
        entities=record.entities,
        topic=topic,
        category=policy.category_of(topic) if topic else None,
        named=scene.named,
        form=scene.form,
        requested_slot=scene.requested_slot,
        categories=categories_by_label(scene.labels.items(), policy),
        labels=scene.labels,
        last_actions=scene.last_actions,
        replies=turn.replies,
        customer=Customer(scene.tier, scene.verified),
        contacts=tuple(_contacts(record.scene, conversation, at)),
        frustration=record.frustration,
        frustration_words=scene.words,
        abuse=scene.abuse,
        urgency=scene.urgency,
        take_over=scene.take_over,
        needs={**_NOT_TOLD, **scene.needs} if scene.needs is not None else {},
        asks_which=scene.asks_which,
        chosen=scene.chosen,
        like_failed=scene.like_failed,
        at=at,
        began=conversation.started_at,
    )


def _contacts(scene: TurnScene | None, conversation: Conversation, at: datetime) -> Iterator[Contact]:
    """Yield the contacts that were handed in with the turn, and those too old for that: another policy may count them.

    Without a scene, all that were known when the conversation began.
    """
    known: tuple[EarlierContact, ...] = scene.contacts if scene is not None else ()
    handed_in_from = at - timedelta(days=scene.contact_days) if scene is not None else conversation.started_at
    older = (c for c in conversation.contacts if c.at < min(handed_in_from, conversation.started_at))
    for contact in (*older, *known):
        yield Contact(contact.conversation_id, contact.topic, contact.category, contact.at)
