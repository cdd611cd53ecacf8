"""How answers to customers look, as closed models: for OpenAPI, and for the tests that hold ``views`` to them."""

from __future__ import annotations

from pydantic import AwareDatetime

from handoff.contract import Category, WireModel
from handoff.domain.attachments import AttachmentStatus, MediaType
from handoff.domain.cases import CaseStatus, WaitingFor
from handoff.domain.conversations import Rating, SenderType
from handoff.domain.message_cards import MessageCard
from handoff.domain.ownership import OwnerType


class Sender(WireModel):
    """Who a message is from."""

    type: SenderType
    name: str | None


class ButtonTitle(WireModel):
    """A button as clients see it."""

    title: str
    index: int


class Attachment(WireModel):
    """A file; ``size`` in bytes."""

    id: str
    name: str
    media_type: MediaType
    size: int
    status: AttachmentStatus


class AttachmentAnswer(WireModel):
    """``POST /attachments``."""

    attachment: Attachment


class Message(WireModel):
    """One item of a conversation."""

    seq: int
    id: str
    sender: Sender
    text: str
    buttons: list[ButtonTitle]
    notice: str | None
    client_message_id: str | None
    created_at: AwareDatetime
    can_rate: bool
    rating: Rating | None
    attachments: list[Attachment]
    card: MessageCard | None


class OwnerState(WireModel):
    """Who may speak."""

    type: OwnerType
    name: str | None
    version: int


class WaitMinutes(WireModel):
    """How long it will be until somebody takes the case."""

    low_minutes: int
    high_minutes: int


class CaseState(WireModel):
    """The latest case as its customer knows it."""

    id: str
    number: str
    status: CaseStatus
    category: Category
    queue: str
    position: int | None
    wait: WaitMinutes | None
    agent_name: str | None
    next_update_due: AwareDatetime | None
    waiting_for: WaitingFor | None
    problem: str
    outcome: str | None
    csat: int | None
    can_rate: bool
    can_reopen: bool


class CardFact(WireModel):
    """A fact of the card; ``former``: what stood there before the customer corrected it."""

    name: str
    value: str
    former: str | None


class Card(WireModel):
    """What is passed on to the agent, for the customer to correct."""

    problem: str
    quote: str
    facts: list[CardFact]
    tried: list[str]
    wants: str
    lines: list[str]
    can_correct: bool
    can_add: bool


class State(WireModel):
    """Owner and case as the customer knows them."""

    owner: OwnerState
    case: CaseState | None
    bot_busy: bool
    card: Card | None


class CardCorrected(WireModel):
    """The card is as the customer wants it."""

    case_id: str
    card: Card


class BegunCustomer(WireModel):
    """Whom the service takes the customer for."""

    name: str | None
    verified: bool


class Limits(WireModel):
    """What a client must keep to."""

    message_characters: int
    attachment_bytes: int
    attachments: int


class Begun(WireModel):
    """``POST /conversations``."""

    version: int
    conversation_id: str
    token: str
    token_expires_at: AwareDatetime
    customer: BegunCustomer
    limits: Limits
    wording: dict[str, str]


class ConversationAnswer(WireModel):
    """``GET /conversation``, and the fields of ``welcome``."""

    version: int
    conversation_id: str
    state: State
    messages: list[Message]
    last_seq: int


class MessageAccepted(WireModel):
    """A customer message is stored."""

    client_message_id: str
    seq: int
    created_at: AwareDatetime


class SurveyAccepted(WireModel):
    """A rating is kept; ``case_id`` names a new case where the old one was solved too long ago to open it again."""

    case_id: str
    csat: int
    nps: int | None


class RatingAccepted(WireModel):
    """The rating of an answer is kept."""

    message_id: str
    rating: Rating


class ContactAccepted(WireModel):
    """An address as it was kept."""

    email: str


class ReopenAccepted(WireModel):
    """A case is open again; ``seq`` is the number of the customer's own line, if one was stored."""

    case_id: str
    seq: int | None
