"""The case: the work record that a handoff opens, with its status table and its history."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from handoff.contract import Attempt, Category, EscalationKind, HandoffReason, Reason, Tier, Triage
from handoff.domain.errors import AlreadyAccepted, CaseClosed, NotOwner, WrongState


class CaseStatus(StrEnum):
    """Where the work stands, apart from who may speak."""

    OPEN = "open"
    """Waits in its queue."""
    ACTIVE = "active"
    """An agent owns it and works on it."""
    WAITING = "waiting"
    """An agent owns it, and nothing can be done before somebody else has answered (``Case.waiting_for``)."""
    CLOSED = "closed"
    """Resolved; can be reopened."""


class WaitingFor(StrEnum):
    """Whom a case waits for."""

    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"


class Step(StrEnum):
    """What can happen to a case; each but ``WORD`` leaves a row in its history."""

    OPEN = "opened"
    ACCEPT = "accepted"
    RELEASE = "released"
    TRANSFER = "transferred"
    ESCALATE = "escalated"
    RESOLVE = "resolved"
    REOPEN_TO_QUEUE = "reopened"
    REOPEN_TO_AGENT = "reopened_with_owner"
    NOTE = "note"
    NEXT_UPDATE = "next_update"
    SURVEY = "survey"
    JUDGE = "judged"
    SEVERITY = "severity_changed"
    OFFER = "offered"
    DECLINE = "declined"
    OFFER_EXPIRE = "offer_expired"
    OFFER_WITHDRAW = "offer_withdrawn"
    NOBODY = "nobody_eligible"
    """Nobody who could take it was at the desk with room for it."""
    NOBODY_THERE = "nobody_there"
    """It waited on when its queue closed, or when the last who could take it left."""
    TAKE_OVER = "taken_over"
    WAIT = "waits"
    RESUME = "resumed"
    RETURN_TO_BOT = "returned_to_bot"
    MERGE = "merged"
    MERGED_IN = "merged_in"
    PLAN = "plan"
    DEADLINE = "deadline"
    CONTEXT = "context_corrected"
    CONTACT = "contact_taken"
    AUTHORITY = "authority_used"
    INCIDENT = "incident_linked"
    EXTERNAL = "external_update"
    FOLLOW_UP = "followed_up"
    PROPOSE = "proposed_content"
    FLAG = "flagged"
    """Somebody who leads wants others to look at it."""
    UNFLAG = "flag_cleared"
    JOIN = "joined"
    """Somebody who leads takes part, and its owner stays the owner."""
    LEAVE = "left"
    LANGUAGE = "language_changed"
    """Its customer opened the chat on a page in another language, and is told in it from now on."""
    WORD = "word"
    """The owner wrote to the customer: the conversation itself is the record of it."""


COMES_ANEW: Final = frozenset({Step.OPEN, Step.REOPEN_TO_QUEUE})
"""The steps with which a case comes into a queue for the first time, or again after it was closed."""
INTO_QUEUE: Final = COMES_ANEW | {Step.RELEASE, Step.TRANSFER, Step.ESCALATE}
"""The steps after which a case waits in a queue, and begins to look for somebody."""
OWNED: Final = frozenset({CaseStatus.ACTIVE, CaseStatus.WAITING})
"""While a case stands like this, exactly one agent owns it."""
_WHILE_WAITING_IN_QUEUE: Final = (
    Step.NOTE,
    Step.SEVERITY,
    Step.TRANSFER,
    Step.ESCALATE,
    Step.OFFER,
    Step.DECLINE,
    Step.OFFER_EXPIRE,
    Step.OFFER_WITHDRAW,
    Step.NOBODY,
    Step.NOBODY_THERE,
    Step.DEADLINE,
    Step.NEXT_UPDATE,
    Step.CONTEXT,
    Step.CONTACT,
    Step.INCIDENT,
    Step.EXTERNAL,
    Step.MERGED_IN,
    Step.FLAG,
    Step.UNFLAG,
    Step.LANGUAGE,
)
_WHILE_OWNED: Final = (
    Step.NOTE,
    Step.NEXT_UPDATE,
    Step.JUDGE,
    Step.SEVERITY,
    Step.PLAN,
    Step.DEADLINE,
    Step.CONTEXT,
    Step.CONTACT,
    Step.AUTHORITY,
    Step.INCIDENT,
    Step.EXTERNAL,
    Step.MERGED_IN,
    Step.OFFER_WITHDRAW,
    Step.FLAG,
    Step.UNFLAG,
    Step.JOIN,
    Step.LEAVE,
    Step.LANGUAGE,
    Step.WORD,
)
_ONCE_CLOSED: Final = (
    Step.OFFER_WITHDRAW,
    Step.NOTE,
    Step.SURVEY,
    Step.JUDGE,
    Step.FOLLOW_UP,
    Step.PROPOSE,
    Step.EXTERNAL,
    Step.INCIDENT,
    Step.LANGUAGE,
)


TRANSITIONS: Final[dict[tuple[CaseStatus, Step], CaseStatus]] = {
    **{(CaseStatus.OPEN, step): CaseStatus.OPEN for step in _WHILE_WAITING_IN_QUEUE},
    # Who works on it in another system answers and solves it there; here it waits in its queue meanwhile.
    (CaseStatus.OPEN, Step.WORD): CaseStatus.OPEN,
    (CaseStatus.OPEN, Step.RESOLVE): CaseStatus.CLOSED,
    (CaseStatus.OPEN, Step.ACCEPT): CaseStatus.ACTIVE,
    (CaseStatus.OPEN, Step.RETURN_TO_BOT): CaseStatus.CLOSED,
    (CaseStatus.OPEN, Step.MERGE): CaseStatus.CLOSED,
    **{(CaseStatus.ACTIVE, step): CaseStatus.ACTIVE for step in (*_WHILE_OWNED, Step.TAKE_OVER)},
    (CaseStatus.ACTIVE, Step.WAIT): CaseStatus.WAITING,
    **{(CaseStatus.WAITING, step): CaseStatus.WAITING for step in (*_WHILE_OWNED, Step.WAIT)},
    (CaseStatus.WAITING, Step.TAKE_OVER): CaseStatus.ACTIVE,
    (CaseStatus.WAITING, Step.RESUME): CaseStatus.ACTIVE,
    **{
        (owned, step): after
        for owned in (CaseStatus.ACTIVE, CaseStatus.WAITING)
        for step, after in (
            (Step.RELEASE, CaseStatus.OPEN),
            (Step.TRANSFER, CaseStatus.OPEN),
            (Step.ESCALATE, CaseStatus.OPEN),
            (Step.RESOLVE, CaseStatus.CLOSED),
            (Step.RETURN_TO_BOT, CaseStatus.CLOSED),
            (Step.MERGE, CaseStatus.CLOSED),
        )
    },
    **{(CaseStatus.CLOSED, step): CaseStatus.CLOSED for step in _ONCE_CLOSED},
    (CaseStatus.CLOSED, Step.REOPEN_TO_QUEUE): CaseStatus.OPEN,
    (CaseStatus.CLOSED, Step.REOPEN_TO_AGENT): CaseStatus.ACTIVE,
}
"""The whole state machine: what is not here cannot happen."""


FROM_BOT: Final = "bot"
"""``Case.source`` of what the bot handed over."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A fact that the customer corrected on the handoff card."""

    fact: str
    former: str
    value: str


@dataclass(frozen=True, slots=True)
class CaseContext:
    """What the bot hands over with the case (P18): evidence, facts and attempts.

    ``facts`` are as the customer corrected them, ``corrections`` what stood there before, ``lines`` what they added.
    """

    kind: EscalationKind | None = None
    reasons: tuple[Reason, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)
    attempts: tuple[Attempt, ...] = ()
    policy_version: str = ""
    corrections: tuple[Correction, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Targets:
    """When the customer is to hear first, next, and to be helped (P15), computed in ``sla``.

    ``first_response_due`` is the target that is measured; ``next_update_due`` is when the customer was promised to hear
    from a person, for the first time or again.
    """

    first_response_due: datetime
    next_update_due: datetime
    resolution_due: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One case. ``rank_at`` orders its queue, earliest first (see ``queue_order``); ``version`` grows at every step.

    ``handoff_message_id`` is the customer's message at which the bot handed over, as the bot named it. ``triage`` holds
    the answers behind the severity (P12), the bot's until an agent corrects them; None where nobody gave any.
    """

    id: str
    number: str
    conversation_id: str
    customer_id: str
    status: CaseStatus
    category: Category
    severity: int
    level: int
    priority: int
    reason: HandoffReason
    problem: str
    contact_number: int
    targets: Targets
    opened_at: datetime
    queued_at: datetime
    rank_at: datetime
    version: int
    context: CaseContext
    handoff_message_id: str
    topic: str | None = None
    triage: Triage | None = None
    agent_id: str | None = None
    accepted_at: datetime | None = None
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    disposition: str | None = None
    root_cause: str | None = None
    outcome: str | None = None
    csat: int | None = None
    csat_comment: str | None = None
    csat_agent_id: str | None = None
    nps: int | None = None
    source: str = FROM_BOT
    """Who opened it: the bot, or the name of the system whose API key did."""
    language: str | None = None
    """The customer's language as a BCP 47 tag; None where nobody said."""
    skills: tuple[str, ...] = ()
    """What its agent must be able to do besides serving the queue."""
    weight: int = 1
    """How many units of an agent's capacity it takes."""
    plan: str | None = None
    """What the owner told the customer they will do."""
    tier: Tier = Tier.STANDARD
    """The customer's tier when it was opened: the one under which it is served."""
    in_hand_since: datetime | None = None
    """Since when its owner can go on: since they took it, or its customer answered; None while nobody owns it."""
    waiting_for: WaitingFor | None = None
    waiting_since: datetime | None = None
    last_agent_word_at: datetime | None = None
    next_deadline_at: datetime | None = None
    next_deadline: str | None = None
    """What happens by itself at ``next_deadline_at``; None once nothing is left to happen."""
    deadline_marks: tuple[str, ...] = ()
    """What has happened by itself already, so that it happens once."""
    merged_into: str | None = None
    incident_id: str | None = None
    follow_up_on: date | None = None
    resolution_count: int = 0

    @property
    def is_owned(self) -> bool:
        """Whether an agent owns it now."""
        return self.status in OWNED

    @property
    def next_word_due(self) -> datetime:
        """When the customer is to hear from a person at the latest, as they were promised."""
        return self.targets.next_update_due


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One row of a case's history: what happened, by whom, when and why."""

    case_id: str
    at: datetime
    step: Step
    actor_type: str
    actor_id: str | None
    actor_name: str | None
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def status_after(case: Case, step: Step) -> CaseStatus:
    """The status that ``step`` leads to.

    Raises ``CaseClosed``, ``AlreadyAccepted`` or ``WrongState`` where it cannot happen.
    """
    after = TRANSITIONS.get((case.status, step))
    if after is not None:
        return after
    if case.status is CaseStatus.CLOSED:
        raise CaseClosed(f"Case {case.number} is closed. Reopen it first.", status=case.status)
    if step is Step.ACCEPT:
        raise AlreadyAccepted(f"Case {case.number} was already accepted.", status=case.status)
    raise WrongState(f"Case {case.number} is {case.status}; it cannot be {step.replace('_', ' ')}.", status=case.status)


def require_owner(case: Case, agent_id: str, *, may_override: bool = False) -> None:
    """Raise ``NotOwner`` unless this agent owns the active case (a supervisor may override)."""
    if may_override or case.agent_id == agent_id:
        return
    raise NotOwner(
        f"Case {case.number} belongs to somebody else. Ask its owner to transfer it, or a supervisor to help.",
        agent_id=case.agent_id,
    )
