"""How the board looks on the wire, as closed models: for OpenAPI, and for the tests that hold the views to them."""

from __future__ import annotations

from pydantic import AwareDatetime

from handoff.contract import Category, WireModel
from handoff.domain.board import Trend
from handoff.domain.deadlines import Target
from handoff.domain.ownership import OwnerType
from handoff.domain.presence import PresenceState
from handoff.domain.promises import PromiseKind
from handoff.http.agent_schemas import CaseFlag, CaseSummary
from handoff.http.incidents import Incident
from handoff.http.wire import FilledText, Versioned, Wire


class BoardWait(WireModel):
    """A range of waiting time."""

    low_minutes: int
    high_minutes: int


class BoardQueue(WireModel):
    """A queue now; ``wait`` is what the next customer would be told."""

    category: Category
    label: str
    open_now: bool
    waiting: int
    active: int
    oldest_queued_at: AwareDatetime | None
    wait: BoardWait | None
    at_risk: int
    missed: int


class BoardAgent(WireModel):
    """Somebody who deals with cases; ``load`` of ``capacity`` units is in use."""

    id: str
    name: str
    level: int
    queues: list[Category]
    state: PresenceState
    since: AwareDatetime | None
    load: int
    capacity: int
    cases: int
    answering: bool


class DueCase(WireModel):
    """A case with the target of it that is due first."""

    case: CaseSummary
    target: Target | None
    due_at: AwareDatetime | None


class LiveConversation(WireModel):
    """A live conversation and the customer's mood, 0 to 1; ``line`` are the last turns, oldest first."""

    conversation_id: str
    customer_name: str | None
    owner_type: OwnerType
    agent_name: str | None
    case_id: str | None
    case_number: str | None
    queue: str | None
    started_at: AwareDatetime
    last_activity_at: AwareDatetime
    last_words: str
    frustration: float | None
    peak_frustration: float | None
    trend: Trend | None
    line: list[float]
    alert: bool
    flag: CaseFlag | None


class FlagRequest(Wire):
    """Why others are to look at it."""

    reason: FilledText


class ClearFlagRequest(Wire):
    """Take the flag off."""


class TakeFromBotRequest(Wire):
    """Take a conversation from the assistant; ``reason`` is for colleagues."""

    reason: FilledText


class JoinRequest(Versioned):
    """Join a case that a colleague has."""


class LeaveRequest(Versioned):
    """Leave a case that one has joined."""


class FlagAnswer(WireModel):
    """The flag that stands now, null where none does."""

    flag: CaseFlag | None


class BoardPromise(WireModel):
    """A promise to a customer that is near, overdue or broken."""

    case_id: str
    case_number: str
    problem: str
    queue: str
    agent_name: str | None
    kind: PromiseKind
    due_at: AwareDatetime


class BoardAnswer(WireModel):
    """``GET /board``."""

    at: AwareDatetime
    queues: list[BoardQueue]
    agents: list[BoardAgent]
    missed: list[DueCase]
    at_risk: list[DueCase]
    live: list[LiveConversation]
    promises_near: list[BoardPromise]
    promises_broken: list[BoardPromise]
    incidents: list[Incident]
    mood_alert: float
