"""What clients send: closed models, checked before any use case sees them."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from handoff.contract import Category
from handoff.domain.attachments import ATTACHMENTS_PER_MESSAGE
from handoff.domain.card import FACT_CHARACTERS, LINE_CHARACTERS
from handoff.domain.conversations import MESSAGE_CHARACTERS, Rating
from handoff.domain.presence import PresenceState
from handoff.domain.verdicts import Verdict
from handoff.http.errors import FieldRefused


def _only_text(value: str) -> str:
    """Refuse NUL, which PostgreSQL cannot store; half surrogate pairs are refused where JSON is read."""
    if "\x00" in value:
        raise FieldRefused("bad_value", "The text holds the character NUL, which is not text.")
    return value


def _message_text(value: str) -> str:
    if not value.strip():
        raise FieldRefused("message_empty", "Write something first: a message needs at least one character.")
    if len(value) > MESSAGE_CHARACTERS:
        raise FieldRefused(
            "message_too_long",
            f"A message has at most {MESSAGE_CHARACTERS:,} characters; this one has {len(value):,}.",
            limit=MESSAGE_CHARACTERS,
        )
    return value


def _each_once(ids: list[str]) -> None:
    if len(set(ids)) < len(ids):
        raise FieldRefused("bad_value", "attachments names a file twice.")


def _not_blank(value: str) -> str:
    if not value.strip():
        raise FieldRefused("bad_value", "This must not be empty.")
    return value


PlainText = Annotated[str, AfterValidator(_only_text)]
MessageText = Annotated[str, AfterValidator(_only_text), AfterValidator(_message_text)]
AttachmentIds = Annotated[
    list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]], Field(max_length=ATTACHMENTS_PER_MESSAGE)
]
ClientMessageId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
FilledText = Annotated[str, Field(max_length=1000), AfterValidator(_only_text), AfterValidator(_not_blank)]
TitleText = Annotated[str, Field(max_length=200), AfterValidator(_only_text), AfterValidator(_not_blank)]
CaseId = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_only_text)]
RiskName = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_only_text)]
FactName = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_only_text)]
FactValue = Annotated[
    str,
    Field(max_length=FACT_CHARACTERS),
    AfterValidator(_only_text),
    AfterValidator(_not_blank),
    AfterValidator(str.strip),
]
Csat = Annotated[int, Field(ge=1, le=5)]
Nps = Annotated[int, Field(ge=0, le=10)]
Remark = Annotated[str, Field(max_length=1000), AfterValidator(_only_text)]


def _day(value: object) -> object:
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise FieldRefused("wrong_type", "Write a day as year-month-day, such as 2026-03-31.")
    return value


_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
Day = Annotated[date, BeforeValidator(_day), Field(strict=False)]
"""A day of the calendar, year first."""


LANGUAGE_TAG: Final = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
"""A BCP 47 tag, as far as a page states one."""


class Wire(BaseModel):
    """A closed request: unknown fields and other types are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class BeginRequest(Wire):
    """``POST /conversations``."""

    identity: Annotated[str, Field(max_length=4096)] | None = None
    name: Annotated[str, Field(max_length=120), AfterValidator(_only_text)] | None = None
    page: Annotated[str, Field(max_length=500), AfterValidator(_only_text)] | None = None
    language: Annotated[str, Field(pattern=LANGUAGE_TAG, max_length=16)] | None = None
    fresh: bool = False


class ButtonChoice(Wire):
    """A button of a bot message."""

    seq: Annotated[int, Field(ge=1, le=2**31 - 1)]
    index: Annotated[int, Field(ge=0, le=99)]


class CustomerMessage(Wire):
    """A text, a chosen button, or the wish for a person: exactly one of them; files with a text, or alone."""

    client_message_id: ClientMessageId
    text: MessageText | None = None
    button: ButtonChoice | None = None
    person: Literal[True] | None = None
    attachments: AttachmentIds = []

    @model_validator(mode="after")
    def _exactly_one(self) -> CustomerMessage:
        _each_once(self.attachments)
        if self.attachments and self.button is None and self.person is None:
            return self
        if sum(part is not None for part in (self.text, self.button, self.person)) != 1:
            raise FieldRefused("missing_field", "Send exactly one of text, button and person.")
        if self.attachments:
            raise FieldRefused(
                "bad_value", "Files go with a text or alone, not with a button or the wish for a person."
            )
        return self


class SurveyRequest(Wire):
    """The rating after a case; ``solved`` false is "it did not work"."""

    case_id: CaseId
    csat: Csat
    nps: Nps | None = None
    solved: bool | None = None
    comment: Remark | None = None


class RateRequest(Wire):
    """Whether an answer of the bot helped."""

    message_id: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_only_text)]
    rating: Annotated[Rating, Field(strict=False)]


class ContactRequest(Wire):
    """``POST /contact``; whether the address can be right is for the use case to say."""

    email: Annotated[str, Field(max_length=320)]


class ReopenCaseRequest(Wire):
    """ "It did not work"."""

    client_message_id: ClientMessageId
    case_id: CaseId
    note: Annotated[str, Field(max_length=500), AfterValidator(_only_text)] = ""


class CardRequest(Wire):
    """Correct facts of the handoff card, add a line to it, or both."""

    case_id: CaseId
    facts: Annotated[dict[FactName, FactValue], Field(max_length=30)] = {}
    line: Annotated[str, Field(max_length=LINE_CHARACTERS), AfterValidator(_only_text)] = ""

    @model_validator(mode="after")
    def _something(self) -> CardRequest:
        if not self.facts and not self.line.strip():
            raise FieldRefused("missing_field", "Send a corrected fact, a line, or both.")
        return self


class HelloFrame(Wire):
    """The first frame of a customer's stream."""

    type: Literal["hello"]
    version: int
    token: Annotated[str, Field(max_length=4096)]
    last_seq: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    last: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    """With a ``last_seq`` of 0: of a long conversation only so many, the latest, are wanted at first."""


class SignInRequest(Wire):
    """An agent's e-mail and password."""

    email: Annotated[str, Field(min_length=3, max_length=254), AfterValidator(_only_text)]
    password: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_only_text)]


class Versioned(Wire):
    """A step on a case, refused with ``case_changed`` when ``version`` is given and out of date."""

    version: Annotated[int, Field(ge=1)] | None = None


class AcceptRequest(Versioned):
    """Take a case; ``override_reason`` is a lead's, who takes one that they are not eligible for."""

    override_reason: FilledText | None = None


class HandedOn(Versioned):
    """A move that may say what was tried and what must happen next."""

    tried: FilledText | None = None
    next_step: FilledText | None = None


class ReleaseRequest(HandedOn):
    """Give a case back."""

    reason: FilledText


class AgentMessageRequest(Versioned):
    """A word to the customer, files with it or files alone."""

    client_message_id: ClientMessageId
    text: MessageText | None = None
    attachments: AttachmentIds = []

    @model_validator(mode="after")
    def _something(self) -> AgentMessageRequest:
        _each_once(self.attachments)
        if self.text is None and not self.attachments:
            raise FieldRefused("missing_field", "Send a text, attachments, or both.")
        return self


class NoteRequest(Versioned):
    """A private note."""

    text: MessageText


class TransferRequest(Versioned):
    """To another queue, with what was tried and what must happen next, and whether the bot chose the wrong one."""

    category: Annotated[Category, Field(strict=False)]
    tried: FilledText
    next_step: FilledText
    wrong_category: bool = False


class EscalateRequest(Versioned):
    """One level up."""

    tried: FilledText
    next_step: FilledText


class ResolveRequest(Versioned):
    """Close with disposition, root cause and what the customer is told, and when to follow up."""

    disposition: Annotated[str, Field(max_length=64)]
    root_cause: Annotated[str, Field(max_length=64)]
    outcome: FilledText
    follow_up_on: Day | None = None


class VerdictRequest(Versioned):
    """Whether a person was needed, and from which message on one should have come."""

    verdict: Annotated[Verdict, Field(strict=False)]
    message_id: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_only_text)] | None = None
    note: Annotated[str, Field(max_length=1000), AfterValidator(_only_text)] = ""


class TriageAnswers(Wire):
    """The answers of the triage; ``amount`` in pounds, ``legal`` and ``safety`` by the names of risks in the policy."""

    customers: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    money: bool = False
    amount: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] | None = None
    reputation: bool = False
    legal: Annotated[list[RiskName], Field(max_length=16)] = []
    business_critical: bool = False
    safety: Annotated[list[RiskName], Field(max_length=16)] = []

    @model_validator(mode="after")
    def _a_sum_is_money(self) -> TriageAnswers:
        if self.amount is not None and not self.money:
            raise FieldRefused("bad_value", "A sum is at stake only where money is: send money true, or no amount.")
        return self


class SeverityRequest(Versioned):
    """Another severity, with the reason for colleagues; without ``triage`` the answers stay as they are."""

    severity: Annotated[int, Field(ge=1, le=4)]
    triage: TriageAnswers | None = None
    reason: FilledText


class NextUpdateRequest(Versioned):
    """Promise another time."""

    minutes: Annotated[int, Field(ge=5, le=2880)]
    reason: FilledText


class WatchFrame(Wire):
    """An agent wants a case's messages."""

    type: Literal["watch"]
    case_id: CaseId
    after_seq: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class PresenceFrame(Wire):
    """An agent says whether they take cases now."""

    type: Literal["presence"]
    state: Annotated[PresenceState, Field(strict=False)]


class ReceivedFrame(Wire):
    """Up to where messages have come to a customer's chat; ``read``: it is open before them."""

    seq: Annotated[int, Field(ge=0, le=2**31 - 1)]
    read: bool


class CaseFrame(Wire):
    """``unwatch`` of an agent."""

    type: Literal["unwatch"]
    case_id: CaseId


class Writing(StrEnum):
    """What an agent writes in a case."""

    REPLY = "reply"
    NOTE = "note"


class TypingFrame(Wire):
    """An agent writes."""

    type: Literal["typing"]
    case_id: CaseId
    what: Annotated[Writing, Field(strict=False)] = Writing.REPLY


class ViewingFrame(Wire):
    """The case that a desk shows, null for none; ``quietly`` for a lead who reads along."""

    type: Literal["viewing"]
    case_id: CaseId | None
    quietly: bool = False


def without_type(frame: dict[str, Any]) -> dict[str, Any]:
    """A frame's fields as the body of the HTTP call of the same meaning."""
    return {key: value for key, value in frame.items() if key != "type"}
