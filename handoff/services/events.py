"""What happened, told after the commit to everybody who watches: sockets, the bot's delivery, later other nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from handoff.contract import Category
from handoff.domain.attachments import Attachment
from handoff.domain.cases import Case
from handoff.domain.conversations import Message, Rating, Turn
from handoff.domain.notifications import Notification
from handoff.domain.offers import Offer
from handoff.domain.presence import PresenceState


@dataclass(frozen=True, slots=True)
class MessagesStored:
    """New messages stand in a conversation, in this order."""

    conversation_id: str
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class FileSettled:
    """A file that a message carries, and that the scanner could not judge at first, is judged."""

    attachment: Attachment


@dataclass(frozen=True, slots=True)
class TurnPending:
    """The bot has something to answer. ``owner_version`` is the one under which its replies may be written."""

    turn: Turn
    owner_version: int


@dataclass(frozen=True, slots=True)
class BotTyping:
    """The bot takes its time over a turn; the customer may see that it is at it."""

    conversation_id: str
    name: str


@dataclass(frozen=True, slots=True)
class AnswerRated:
    """The customer said whether an answer helped."""

    conversation_id: str
    message_id: str
    rating: Rating


@dataclass(frozen=True, slots=True)
class ConversationChanged:
    """The owner or the case of a conversation changed: the customer's state is another one."""

    conversation_id: str


@dataclass(frozen=True, slots=True)
class CaseChanged:
    """A case was opened or changed. ``left`` is the queue that it moved out of, if it moved."""

    case_id: str
    conversation_id: str
    left: Category | None = None


@dataclass(frozen=True, slots=True)
class QueueMoved:
    """Somebody came into a queue or left it: the positions in it are others now."""

    category: Category


@dataclass(frozen=True, slots=True)
class AgentsNotified:
    """Members of staff are to be told something, each a line of their own."""

    notifications: tuple[Notification, ...]


@dataclass(frozen=True, slots=True)
class OfferMade:
    """A case is put before an agent."""

    offer: Offer
    case: Case


@dataclass(frozen=True, slots=True)
class OfferEnded:
    """An offer ended, as its status says."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """An agent came, went, or wants no cases for a while."""

    agent_id: str
    state: PresenceState
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class IncidentChanged:
    """An incident was noticed or changed, or touches more customers."""

    incident_id: str


Event = (
    MessagesStored
    | FileSettled
    | TurnPending
    | BotTyping
    | AnswerRated
    | ConversationChanged
    | CaseChanged
    | QueueMoved
    | AgentsNotified
    | OfferMade
    | OfferEnded
    | PresenceChanged
    | IncidentChanged
)
Publish = Callable[[tuple[Event, ...]], None]
