"""The wire models that the bot, the action server and the handoff service exchange.

This and ``contract_cards`` are what ``actions`` may import of ``handoff``. Every model is closed (an unknown field is
an error) and frozen; ``CONTRACT_VERSION`` travels with each request, and a version that is not understood is refused
rather than half read. All times are aware UTC datetimes, written as ISO 8601.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

CONTRACT_VERSION: Final = 1

Score = Annotated[float, Field(ge=0.0, le=1.0)]
Identifier = Annotated[str, Field(min_length=1, max_length=128)]
ShortText = Annotated[str, Field(max_length=500)]


class WireModel(BaseModel):
    """A closed, frozen message on the wire: what is not declared here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Category(StrEnum):
    """What a case is about, which is also the queue that it waits in."""

    BILLING = "billing"
    ORDERS_DELIVERY = "orders_delivery"
    RETURNS_REFUNDS = "returns_refunds"
    TECHNICAL = "technical"
    ACCOUNT_SECURITY = "account_security"
    PLAN = "plan"
    GENERAL = "general"


class HandoffReason(StrEnum):
    """Why the bot handed the conversation to a human."""

    EXPLICIT_REQUEST = "explicit_request"
    FRUSTRATION = "frustration"
    REPEAT_CONTACT = "repeat_contact"
    REPEATED_FALLBACK = "repeated_fallback"
    LOW_CONFIDENCE = "low_confidence"
    POLICY = "policy"
    AUTHORITY = "authority"
    BOT_ERROR = "bot_error"
    SLA = "sla"


class EscalationKind(StrEnum):
    """The four kinds of escalation (P13): another skill, more authority, a deadline, who or how severe."""

    FUNCTIONAL = "functional"
    HIERARCHICAL = "hierarchical"
    AUTOMATIC = "automatic"
    PRIORITY = "priority"


class DecisionAction(StrEnum):
    """What the escalation decision asks of the bot in this turn."""

    NONE = "none"
    OFFER = "offer"
    NOW = "now"


class Mood(StrEnum):
    """How the customer is, as far as it changes in which words the bot and the notices speak to them."""

    ANNOYED = "annoyed"
    FRUSTRATED = "frustrated"
    WORRIED = "worried"
    LET_DOWN = "let_down"
    BACK_AGAIN = "back_again"
    ABUSIVE = "abusive"


class Tier(StrEnum):
    """The customer's standing with the company."""

    STANDARD = "standard"
    PLUS = "plus"
    VIP = "vip"


class CustomerInfo(WireModel):
    """The customer as the bot may know them. ``id`` is the shop's identifier when ``verified``, else a visitor id."""

    id: Identifier
    name: Annotated[str, Field(max_length=120)] | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    tier: Tier = Tier.STANDARD
    verified: bool = False


class EarlierContact(WireModel):
    """One earlier conversation of the same customer, or visit to this one, inside the repeat-contact window."""

    conversation_id: Identifier
    topic: Identifier
    category: Category
    at: AwareDatetime


class LastCase(WireModel):
    """The latest case of this conversation, so that the bot knows its outcome."""

    id: Identifier
    number: Identifier
    category: Category
    outcome: str
    agent_name: str | None = None
    resolved_at: AwareDatetime | None = None


class BotMetadata(WireModel):
    """What handoff sends to Rasa beside the text of each turn (REST channel ``metadata``)."""

    version: int = CONTRACT_VERSION
    message_id: Identifier
    conversation_id: Identifier
    owner_version: int = Field(ge=0)
    sent_at: AwareDatetime
    customer: CustomerInfo
    contacts: tuple[EarlierContact, ...] = ()
    last_case: LastCase | None = None
    conversation_started_at: AwareDatetime | None = None


class Reason(WireModel):
    """One reason of a decision, with the evidence that a person can check.

    ``value`` is what was measured and ``threshold`` what the policy compared it with, in the signal's own unit;
    ``weight`` is its share in the decision; ``evidence`` holds the words or facts that weighed.
    """

    signal: Identifier
    reason: HandoffReason
    value: float
    threshold: float
    weight: float = 1.0
    evidence: tuple[ShortText, ...] = ()


class Triage(WireModel):
    """The answers of the triage (P12).

    ``customers`` is how many the trouble touches, ``amount`` the sum at stake in pounds where one was named (``money``
    says whether there is any), ``legal`` and ``safety`` are the names of the risks in ``data/escalation.yml``.
    """

    customers: int = Field(default=1, ge=1, le=1_000_000)
    money: bool = False
    amount: float | None = Field(default=None, ge=0.0, le=1_000_000.0)
    reputation: bool = False
    legal: Annotated[tuple[Identifier, ...], Field(max_length=16)] = ()
    business_critical: bool = False
    safety: Annotated[tuple[Identifier, ...], Field(max_length=16)] = ()


class Decision(WireModel):
    """The escalation decision of one turn, with its reasons (strongest first).

    ``mood`` chooses words alone and is None for a calm turn.
    """

    action: DecisionAction = DecisionAction.NONE
    reason: HandoffReason | None = None
    kind: EscalationKind | None = None
    category: Category = Category.GENERAL
    severity: int = Field(default=4, ge=1, le=4)
    level: int = Field(default=1, ge=1, le=4)
    acknowledge: bool = False
    mood: Mood | None = None
    contact_number: int = Field(default=1, ge=1)
    reasons: tuple[Reason, ...] = ()
    policy_version: str = ""
    triage: Triage | None = None
    """None in a turn that neither offers a person nor hands over."""


class TurnScene(WireModel):
    """What the scoring saw of a turn beside what is stored of it anyway: with it the turn can be scored again.

    ``named`` is the topic that the turn makes a request of, whether the policy knew it or not; ``labels`` are the
    classifier's likeliest labels with their probabilities. ``form`` and ``requested_slot`` are what was open,
    ``last_actions`` what the bot did since the turn before. ``asks_which``, ``chosen`` and ``like_failed`` (-1 to 1),
    ``words`` (those that weighed in the frustration), ``abuse``, ``urgency``, ``take_over`` and ``needs`` (the likely
    ones; None where nobody looked) are as in ``actions/scoring/turn.py``. ``tier``, ``verified`` and ``contacts`` are
    what was known of the customer then, the contacts of the last ``contact_days`` days. What is as by default is not
    written.
    """

    version: int = CONTRACT_VERSION
    named: str | None = None
    labels: dict[str, Score] = Field(default_factory=dict)
    form: str | None = None
    requested_slot: str | None = None
    last_actions: tuple[str, ...] = ()
    asks_which: bool = False
    chosen: bool = False
    like_failed: float = Field(default=0.0, ge=-1.0, le=1.0)
    words: tuple[ShortText, ...] = ()
    abuse: Score = 0.0
    urgency: Score = 0.0
    take_over: Score = 0.0
    needs: dict[str, Score] | None = None
    tier: Tier = Tier.STANDARD
    verified: bool = False
    contacts: tuple[EarlierContact, ...] = ()
    contact_days: int = Field(default=0, ge=0)

    @model_serializer(mode="wrap")
    def _what_is_given(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        usual, written = TurnScene(), write(self)
        return {n: value for n, value in written.items() if n == "version" or getattr(self, n) != getattr(usual, n)}


class TurnRecord(WireModel):
    """What was understood and decided in one customer turn; travels inside the bot's replies and with the case.

    ``scene`` is None in records that were made before it was kept, and where the scoring failed.
    """

    version: int = CONTRACT_VERSION
    message_id: Identifier
    intent: str
    confidence: Score
    topic: str | None = None
    in_scope: bool = True
    entities: dict[str, str] = Field(default_factory=dict)
    frustration: Score = 0.0
    trend: float = Field(default=0.0, ge=-1.0, le=1.0)
    peak: Score = 0.0
    scored_by: str = "model"
    decision: Decision = Field(default_factory=Decision)
    scene: TurnScene | None = None


class Attempt(WireModel):
    """One thing the bot tried before handing over: an action or answer, with its outcome in a word."""

    action: str
    outcome: str = ""
    at: AwareDatetime | None = None


class HandoffRequest(WireModel):
    """The handoff context: everything the human who receives the case needs (P18)."""

    version: Literal[1] = 1
    conversation_id: Identifier
    message_id: Identifier
    idempotency_key: Identifier
    decision: Decision
    problem: ShortText
    topic: str | None = None
    facts: dict[str, str] = Field(default_factory=dict)
    attempts: tuple[Attempt, ...] = ()
    turns: tuple[TurnRecord, ...] = ()


class HandoffAccepted(WireModel):
    """handoff's answer: the case that stands now, and whether this request opened it."""

    case_id: str
    case_number: str
    category: Category
    position: int
    created: bool


class ReopenRequest(WireModel):
    """The customer said that the solution did not work."""

    message_id: Identifier
    note: ShortText = ""


class AuthorityKind(StrEnum):
    """What a person may decide within their authority (P4, P21)."""

    REFUND = "refund"
    CREDIT = "credit"
    FEE_WAIVER = "fee_waiver"


Pounds = Annotated[Decimal, Field(gt=0, le=100_000, decimal_places=2)]


class AuthorityRequest(WireModel):
    """An agent's decision, to be carried out in the shop once for each ``idempotency_key``.

    Whose it is says ``customer_id``, the shop's own identifier, or else an order with the ``email`` that it was placed
    with. A refund names ``order_number`` and ``sku``, a fee waiver ``charge_id``.
    """

    version: Literal[1] = 1
    idempotency_key: Annotated[str, Field(min_length=1, max_length=200)]
    kind: AuthorityKind
    amount: Pounds
    reason: ShortText
    customer_id: Identifier | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    order_number: Identifier | None = None
    sku: Identifier | None = None
    charge_id: Identifier | None = None


class AuthorityDone(WireModel):
    """The shop's own number for it, and by when money shows on the customer's account, where it goes there."""

    reference: Identifier
    amount: Decimal
    arrives_by: date | None = None


class RefundableItem(WireModel):
    """An item that money can be paid back for, and how much is left of it."""

    order_number: Identifier
    sku: Identifier
    product: str
    amount: Decimal


class WaivableFee(WireModel):
    """A fee on the customer's statement."""

    charge_id: Identifier
    reference: str
    charged_on: date
    amount: Decimal


class AuthorityOptions(WireModel):
    """What a refund or a waiver of this customer could be about."""

    items: tuple[RefundableItem, ...] = ()
    fees: tuple[WaivableFee, ...] = ()


class ErrorBody(WireModel):
    """The one error shape that every client of handoff sees."""

    code: str
    message: str
    data: dict[str, Any] = Field(default_factory=dict)
