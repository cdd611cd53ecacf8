"""The integration API's requests and answers, as closed models (``docs/integration-api.md``)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from handoff.contract import Category, HandoffReason, Tier, WireModel
from handoff.domain.api_keys import Scope
from handoff.domain.cases import CaseStatus, WaitingFor
from handoff.domain.conversations import SenderType
from handoff.domain.email_address import WrongEmail, checked_email
from handoff.http.errors import FieldRefused
from handoff.http.wire import ClientMessageId, Csat, FilledText, MessageText, PlainText, Wire


def _email(value: str) -> str:
    found = checked_email(value)
    if isinstance(found, WrongEmail):
        raise FieldRefused("bad_value", f"This is no e-mail address ({found.fault}).")
    return found.address


def _web_address(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise FieldRefused("bad_value", "A url begins with https:// or http://.")
    return value


Name = Annotated[FilledText, Field(max_length=80)]
SystemName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
ExternalId = Annotated[FilledText, Field(max_length=128)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
Severity = Annotated[int, Field(ge=1, le=4)]
StrictCategory = Annotated[Category, Field(strict=False)]


class CustomerGiven(Wire):
    """Whose case it is: by the website's own identifier, or by e-mail."""

    external_id: ExternalId | None = None
    email: Annotated[PlainText, Field(max_length=254), AfterValidator(_email)] | None = None
    name: Annotated[FilledText, Field(max_length=120)] | None = None

    @model_validator(mode="after")
    def _somebody(self) -> CustomerGiven:
        if self.external_id is None and self.email is None:
            raise FieldRefused("missing_field", "Name the customer by external_id or by email.")
        return self


class ReferenceGiven(Wire):
    """A record of another system; without ``system``, the key's own."""

    id: ExternalId
    url: Annotated[PlainText, Field(max_length=500), AfterValidator(_web_address)] | None = None
    system: SystemName | None = None


class SaidGiven(Wire):
    """A line that was said before the case was opened here."""

    sender: Literal["customer", "agent", "bot"]
    text: MessageText
    name: Name | None = None


class OpenRequest(Wire):
    """``POST /cases``."""

    idempotency_key: Annotated[str, Field(pattern=r"^[!-~]{8,90}$")]
    customer: CustomerGiven
    category: StrictCategory
    problem: Annotated[FilledText, Field(max_length=500)]
    severity: Severity = 3
    level: Annotated[int, Field(ge=1, le=4)] = 1
    facts: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")], Annotated[FilledText, Field(max_length=200)]],
        Field(max_length=20),
    ] = Field(default_factory=dict)
    transcript: Annotated[list[SaidGiven], Field(max_length=200)] = Field(default_factory=list)
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?$", max_length=12)] | None = None
    reference: ReferenceGiven | None = None


class MessageRequest(Wire):
    """``POST /cases/{id}/messages``."""

    client_message_id: ClientMessageId
    sender: Literal["agent", "customer"]
    text: MessageText
    author: Name | None = None
    version: Version | None = None


class OutsideNoteRequest(Wire):
    """``POST /cases/{id}/notes``."""

    client_message_id: ClientMessageId
    text: FilledText
    author: Name | None = None
    version: Version | None = None


class OutsideSeverityRequest(Wire):
    """``POST /cases/{id}/severity``; ``reason`` is for colleagues."""

    severity: Severity
    reason: FilledText
    author: Name | None = None
    version: Version | None = None


class OutsideResolveRequest(Wire):
    """``POST /cases/{id}/resolve``."""

    disposition: Annotated[PlainText, Field(min_length=1, max_length=64)]
    root_cause: Annotated[PlainText, Field(min_length=1, max_length=64)]
    outcome: FilledText
    author: Name | None = None
    version: Version | None = None


class OutsideReopenRequest(Wire):
    """``POST /cases/{id}/reopen``."""

    note: FilledText
    author: Name | None = None
    version: Version | None = None


class OutsideSurveyRequest(Wire):
    """``POST /cases/{id}/survey``."""

    csat: Csat
    nps: Annotated[int, Field(ge=0, le=10)] | None = None
    comment: Annotated[FilledText, Field(max_length=1000)] | None = None
    solved: bool | None = None


class ReferenceRequest(ReferenceGiven):
    """``POST /cases/{id}/references``."""

    version: Version | None = None


class OutsideReference(WireModel):
    """A record of another system that the case belongs to."""

    system: str
    id: str
    url: str | None
    created_at: AwareDatetime


class OutsideCustomer(WireModel):
    """Whose case it is; ``id`` is the website's own identifier where it is known."""

    id: str
    name: str | None
    email: str | None
    tier: Tier
    verified: bool


class OutsideAgent(WireModel):
    """Who owns it here."""

    id: str
    name: str | None


class OutsideCase(WireModel):
    """A case as other systems see it."""

    id: str
    number: str
    version: int
    status: CaseStatus
    category: Category
    severity: int
    level: int
    reason: HandoffReason
    source: str
    problem: str
    facts: dict[str, str]
    language: str | None
    customer: OutsideCustomer | None
    agent: OutsideAgent | None
    position: int | None
    waiting_for: WaitingFor | None
    opened_at: AwareDatetime
    accepted_at: AwareDatetime | None
    first_response_at: AwareDatetime | None
    first_response_due: AwareDatetime
    next_update_due: AwareDatetime
    resolution_due: AwareDatetime
    resolved_at: AwareDatetime | None
    disposition: str | None
    root_cause: str | None
    outcome: str | None
    csat: int | None
    nps: int | None
    references: list[OutsideReference]
    last_seq: int


class OutsideMessage(WireModel):
    """One item of the conversation; ``own`` says that this key brought or wrote it."""

    seq: int
    id: str
    sender: SenderType
    sender_name: str | None
    text: str
    client_message_id: str | None
    own: bool
    created_at: AwareDatetime


class OutsideEvent(WireModel):
    """One step of the case; ``text`` and ``data`` only for a key that may read messages."""

    at: AwareDatetime
    kind: str
    actor_type: SenderType
    actor_name: str | None
    own: bool
    text: str | None
    data: dict[str, Any] | None


class OutsideCaseAnswer(WireModel):
    """A case."""

    case: OutsideCase


class OpenedAnswer(WireModel):
    """``POST /cases``: the case, and whether this call opened it."""

    case: OutsideCase
    created: bool


class ChangesAnswer(WireModel):
    """``GET /changes``; ``cursor`` continues, at once if there is ``more``."""

    cases: list[OutsideCase]
    cursor: str
    more: bool


class OutsideMessagesAnswer(WireModel):
    """``GET /cases/{id}/messages``."""

    messages: list[OutsideMessage]
    last_seq: int


class SaidAnswer(WireModel):
    """``POST /cases/{id}/messages``."""

    message: OutsideMessage
    case: OutsideCase


class HistoryAnswer(WireModel):
    """``GET /cases/{id}/history``."""

    history: list[OutsideEvent]


class KeyInfo(WireModel):
    """What the key may do."""

    name: str
    scopes: list[Scope]
    categories: list[Category]
    expires_at: AwareDatetime | None


class KeyInfoAnswer(WireModel):
    """``GET /key``."""

    key: KeyInfo
