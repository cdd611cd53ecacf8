"""Conversations, messages and turns: what was said, by whom, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from handoff.contract import TurnRecord
from handoff.contract_cards import BotCard
from handoff.domain.attachments import Attachment
from handoff.domain.message_cards import MessageCard
from handoff.domain.ownership import FIRST_OWNER, Owner

MESSAGE_CHARACTERS = 4000
"""The longest message, in characters, that a customer or an agent can send."""


class ConversationStatus(StrEnum):
    """A conversation is open until a fresh one replaces it."""

    OPEN = "open"
    CLOSED = "closed"


class SenderType(StrEnum):
    """Who a message is from; ``system`` is a milestone told by Warmline itself."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class TurnStatus(StrEnum):
    """What became of a customer message that was addressed to the bot."""

    PENDING = "pending"
    """Stored, not yet answered; found again after a crash."""
    ANSWERED = "answered"
    """The bot's replies are stored with it."""
    HANDED_OFF = "handed_off"
    """A human owns the conversation: the agent reads it, the bot never answers it."""
    FAILED = "failed"
    """The bot could not answer within its patience; a case with reason ``bot_error`` was opened."""
    ABANDONED = "abandoned"
    """The customer began a fresh conversation before the bot answered."""


class Rating(StrEnum):
    """Whether an answer of the bot helped, in the customer's eyes."""

    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One thread with one customer. ``last_seq`` is the number of its newest message, 0 when there is none."""

    id: str
    customer_id: str
    status: ConversationStatus
    owner: Owner
    last_seq: int
    started_at: datetime
    last_activity_at: datetime
    page: str | None = None
    language: str | None = None


def new_conversation(
    identifier: str, customer_id: str, now: datetime, *, page: str | None = None, language: str | None = None
) -> Conversation:
    """A conversation that begins: with the bot, and without a message."""
    return Conversation(identifier, customer_id, ConversationStatus.OPEN, FIRST_OWNER, 0, now, now, page, language)


@dataclass(frozen=True, slots=True)
class Button:
    """A choice that the bot offers. ``payload`` goes to the bot and is never shown or taken from a client."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class BotReply:
    """One message that the bot wants said. ``response`` is its name in the bot's content, where it has one."""

    text: str
    buttons: tuple[Button, ...] = ()
    response: str | None = None
    card: BotCard | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One item of a conversation. ``notice`` names the milestone of a system message.

    ``answers_turn`` is the id of the customer's message that this one answers: only such a message can be rated.
    """

    id: str
    conversation_id: str
    seq: int
    sender: SenderType
    sender_name: str | None
    text: str
    created_at: datetime
    buttons: tuple[Button, ...] = ()
    notice: str | None = None
    client_message_id: str | None = None
    sender_id: str | None = None
    answers_turn: str | None = None
    rating: Rating | None = None
    attachments: tuple[Attachment, ...] = ()
    card: MessageCard | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that has no number yet: what a use case wants said, before the store gives it its place."""

    sender: SenderType
    text: str
    sender_name: str | None = None
    sender_id: str | None = None
    buttons: tuple[Button, ...] = ()
    notice: str | None = None
    client_message_id: str | None = None
    answers_turn: str | None = None
    card: MessageCard | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What the bot is to answer: a customer message, or the news that a case is resolved (``seq`` 0).

    ``payload`` is the text for Rasa, which differs from what the customer sees when a button was chosen.
    """

    message_id: str
    conversation_id: str
    seq: int
    payload: str
    status: TurnStatus
    created_at: datetime
    record: TurnRecord | None = None


def text_for_bot(text: str) -> str:
    """The customer's text as Rasa may see it.

    Rasa reads a text that begins with ``/`` as a command that names an intent, also after leading white space.
    Only buttons may do that, so leading slashes are taken off, with every kind of white space that Rasa strips between
    them; a text of nothing else becomes ``?``.
    """
    said = text.strip()
    while said.startswith("/"):
        said = said.lstrip("/").lstrip()
    return said or "?"
