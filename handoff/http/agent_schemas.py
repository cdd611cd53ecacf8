"""How answers to the desk look, as closed models: for OpenAPI, and for the tests that hold ``views`` to them."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import AwareDatetime

from handoff.contract import (
    Attempt,
    Category,
    EscalationKind,
    HandoffReason,
    Reason,
    Tier,
    Triage,
    TurnRecord,
    WireModel,
)
from handoff.domain.cases import CaseStatus, WaitingFor
from handoff.domain.conversations import SenderType
from handoff.domain.deadlines import Deadline, Target
from handoff.domain.ownership import OwnerType
from handoff.domain.people import Role
from handoff.domain.promises import PromiseKind, PromiseStatus
from handoff.domain.verdicts import Verdict
from handoff.http.schemas import Message


class SeenTurn(TurnRecord):
    """A turn's record with the customer's words that weighed in the frustration."""

    words: list[str]


class AgentMessage(Message):
    """A message at the desk."""

    turn: SeenTurn | None


class Agent(WireModel):
    """A member of staff."""

    id: str
    name: str
    email: str
    role: Role
    level: int
    queues: list[Category]


class SessionAnswer(WireModel):
    """Who is signed in."""

    agent: Agent
    csrf_token: str


class Queue(WireModel):
    """A queue with its load."""

    category: Category
    label: str
    waiting: int
    active: int
    oldest_opened_at: AwareDatetime | None


class QueuesAnswer(WireModel):
    """``GET /queues``."""

    queues: list[Queue]


class CategoryOption(WireModel):
    """A queue to transfer to."""

    category: Category
    label: str


class LevelOption(WireModel):
    """A level of the people who answer."""

    level: int
    name: str


class SeverityOption(WireModel):
    """A severity, 1 worst."""

    severity: int
    name: str
    meaning: str


class CodeOption(WireModel):
    """A disposition, a root cause, or a risk."""

    code: str
    label: str


class TriageQuestion(WireModel):
    """A question of the triage; ``code`` is the answer's field, ``risks`` are what may be named."""

    code: str
    question: str
    risks: list[CodeOption]


class CauseOption(CodeOption):
    """A root cause with the group that it belongs to."""

    group: str


class OptionsAnswer(WireModel):
    """``GET /options``."""

    categories: list[CategoryOption]
    levels: list[LevelOption]
    severities: list[SeverityOption]
    triage: list[TriageQuestion]
    dispositions: list[CodeOption]
    root_causes: list[CauseOption]
    time_zone: str
    message_characters: int
    attachment_bytes: int
    attachments: int


class CaseAgent(WireModel):
    """Who has a case."""

    id: str
    name: str


class CaseFlag(WireModel):
    """A flag that stands: why, by whom, since when."""

    why: str
    by: str
    since: AwareDatetime


class CaseSummary(WireModel):
    """A case in a list."""

    id: str
    number: str
    status: CaseStatus
    category: Category
    queue: str
    severity: int
    level: int
    priority: int
    reason: HandoffReason
    reason_text: str
    problem: str
    source: str
    customer_name: str | None
    customer_tier: Tier
    verified: bool
    contact_number: int
    owner_type: OwnerType
    agent: CaseAgent | None
    opened_at: AwareDatetime
    accepted_at: AwareDatetime | None
    first_response_due: AwareDatetime
    next_update_due: AwareDatetime
    resolution_due: AwareDatetime
    waiting_for: WaitingFor | None
    waiting_since: AwareDatetime | None
    next_deadline: Deadline | None
    next_deadline_at: AwareDatetime | None
    near_at: dict[Target, AwareDatetime]
    frustration: float | None
    peak_frustration: float | None
    unread: int
    position: int | None
    flag: CaseFlag | None
    participants: list[CaseAgent]
    version: int


class CaseCustomer(WireModel):
    """The customer of a case."""

    id: str
    name: str | None
    email: str | None
    tier: Tier
    verified: bool
    first_seen_at: AwareDatetime


class ScoredTurn(SeenTurn):
    """A turn's record with its place in the conversation."""

    seq: int
    at: AwareDatetime


class HistoryRow(WireModel):
    """One step of a case."""

    at: AwareDatetime
    kind: str
    actor_type: SenderType
    actor_name: str | None
    text: str
    data: dict[str, Any]


class PastConversation(WireModel):
    """An earlier conversation of the customer."""

    id: str
    started_at: AwareDatetime
    topics: list[str]


class PastCase(WireModel):
    """Another case of the customer."""

    id: str
    number: str
    category: Category
    status: CaseStatus
    opened_at: AwareDatetime
    outcome: str | None


class CustomerHistory(WireModel):
    """What the customer came with before."""

    conversations: list[PastConversation]
    cases: list[PastCase]


class Note(WireModel):
    """A private note."""

    at: AwareDatetime
    agent_name: str | None
    text: str


class CaseVerdict(WireModel):
    """What the case's agent or a supervisor says of the handoff."""

    verdict: Verdict
    message_id: str | None
    note: str
    agent_name: str | None
    at: AwareDatetime


class MergedCase(WireModel):
    """A case that was merged into this one, with all that was said there."""

    id: str
    number: str
    problem: str
    messages: list[AgentMessage]


class CasePromise(WireModel):
    """What the customer was told of when they hear next, and what became of it."""

    kind: PromiseKind
    status: PromiseStatus
    made_at: AwareDatetime
    due_at: AwareDatetime
    settled_at: AwareDatetime | None
    reason: str


class CaseResolution(WireModel):
    """One closing of a case, the first one with number 1."""

    number: int
    agent_name: str | None
    resolved_at: AwareDatetime
    disposition: str
    root_cause: str
    outcome: str
    follow_up_on: date | None
    followed_up_at: AwareDatetime | None
    csat: int | None
    nps: int | None
    comment: str | None
    reopened_at: AwareDatetime | None


class FollowedCase(WireModel):
    """The earlier case that this one goes on from."""

    id: str
    number: str


class FactCorrection(WireModel):
    """A fact that the customer corrected on the handoff card."""

    fact: str
    former: str
    value: str


class CaseDetail(CaseSummary):
    """Everything about a case."""

    customer: CaseCustomer
    why: str
    summary: str
    kind: EscalationKind | None
    triage: Triage | None
    reasons: list[Reason]
    turns: list[ScoredTurn]
    facts: dict[str, str]
    corrections: list[FactCorrection]
    lines: list[str]
    attempts: list[Attempt]
    history: list[HistoryRow]
    customer_history: CustomerHistory
    notes: list[Note]
    plan: str | None
    promises: list[CasePromise]
    verdict: CaseVerdict | None
    handoff_message_id: str | None
    disposition: str | None
    root_cause: str | None
    outcome: str | None
    csat: int | None
    csat_comment: str | None
    merged: list[MergedCase]
    resolutions: list[CaseResolution]
    follows: FollowedCase | None
    messages: list[AgentMessage]
    last_seq: int


class CaseAnswer(WireModel):
    """A case after a step."""

    case: CaseSummary


class CaseDetailAnswer(WireModel):
    """``GET /cases/{id}``."""

    case: CaseDetail


class CasesAnswer(WireModel):
    """``GET /cases``."""

    cases: list[CaseSummary]


class MessagesAnswer(WireModel):
    """``GET /cases/{id}/messages``."""

    messages: list[AgentMessage]
    last_seq: int


class SentAnswer(WireModel):
    """``POST /cases/{id}/messages``; without the case where the caller said ``Prefer: return=minimal``."""

    message: AgentMessage
    case: CaseSummary | None = None
