"""What the KPIs are computed from: frozen facts of cases, resolutions, conversations, promises and the like.

Each fact has one moment by which it belongs to a day; what a KPI says of a day depends on nothing that a clock alone
changes once that day and the one after it are over (see ``SETTLES_AFTER``). All times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

SETTLES_AFTER: Final = timedelta(hours=24)
"""How long after its moment a fact may still change without a step of a case: within it the customer's first turn and
repeated facts are looked for."""
COMES_BACK_WITHIN: Final = timedelta(days=7)
"""A new case of the same customer and topic within this time says that the resolution before it did not hold."""
RECURS_WITHIN: Final = timedelta(days=30)
"""How far back the same root cause of the same customer counts as the same problem again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact counts: queue, level of the people, agent; empty (0) where there is none."""

    category: str = ""
    level: int = 0
    agent_id: str = ""


@dataclass(frozen=True, slots=True)
class EventFact:
    """One row of a case's history."""

    at: datetime
    step: str
    actor_type: str
    actor_id: str | None


@dataclass(frozen=True, slots=True)
class SaidFact:
    """One message after the handoff."""

    at: datetime
    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class CaseFact:
    """One case, belonging to the day on which it was opened.

    ``known`` are the facts that the bot handed over, by kind. ``said`` is what customer and agents wrote within
    ``SETTLES_AFTER`` of the handoff, where ``known`` is not empty. ``wrote_back`` says whether the customer wrote after
    the agent's first word; None where nobody looked.
    """

    id: str
    conversation_id: str
    category: str
    level: int
    severity: int
    reason: str
    source: str
    contact_number: int
    status: str
    opened_at: datetime
    accepted_at: datetime | None = None
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None
    disposition: str | None = None
    merged_into: str | None = None
    verdict: str | None = None
    known: Mapping[str, str] = field(default_factory=dict)
    events: tuple[EventFact, ...] = ()
    said: tuple[SaidFact, ...] = ()
    wrote_back: bool | None = None


@dataclass(frozen=True, slots=True)
class ResolutionFact:
    """One resolution of a case, belonging to the day on which it was given.

    ``came_back_at`` is when the customer's next case about the same topic was opened, if that was within
    ``COMES_BACK_WITHIN``; ``recurs`` whether an earlier case of the customer had the same root cause within
    ``RECURS_WITHIN``; ``events`` is the whole history of the case.
    """

    case_id: str
    number: int
    category: str
    level: int
    agent_id: str | None
    opened_at: datetime
    resolved_at: datetime
    disposition: str
    root_cause: str
    contact_number: int = 1
    csat: int | None = None
    nps: int | None = None
    reopened_at: datetime | None = None
    came_back_at: datetime | None = None
    recurs: bool = False
    events: tuple[EventFact, ...] = ()


@dataclass(frozen=True, slots=True)
class ConversationFact:
    """One conversation, belonging to the day on which it was begun.

    ``first_turn_at`` is the customer's first message to the bot, ``answered`` whether the bot answered any,
    ``handed_over_at`` when its first case was opened. ``category`` is that of the first request that was understood,
    or else of its first case.
    """

    id: str
    started_at: datetime
    first_turn_at: datetime | None
    answered: bool
    handed_over_at: datetime | None = None
    category: str = ""


class Target(StrEnum):
    """What an SLA policy sets a time for."""

    FIRST_RESPONSE = "first_response"
    NEXT_UPDATE = "next_update"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class TargetFact:
    """One target of a case, belonging to the day on which it fell due. ``met_at`` is when what it asks for happened."""

    case_id: str
    target: Target
    due_at: datetime
    met_at: datetime | None
    category: str
    level: int
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class PromiseFact:
    """One promise to a customer, belonging to the day on which it fell due."""

    case_id: str
    kind: str
    status: str
    due_at: datetime
    category: str
    level: int
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class EstimateFact:
    """One range of waiting time that a customer was told, belonging to the day on which it was told."""

    case_id: str
    made_at: datetime
    hit: bool | None
    category: str
    level: int


@dataclass(frozen=True, slots=True)
class OfferFact:
    """One offer of a case to an agent, belonging to the day on which it was made."""

    case_id: str
    agent_id: str
    status: str
    offered_at: datetime
    answered_at: datetime | None
    category: str
    level: int


@dataclass(frozen=True, slots=True)
class RatingFact:
    """One answer of the bot that a customer rated, belonging to the day of the rating."""

    conversation_id: str
    rating: str
    rated_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts of a span of days. ``as_of`` is the moment of looking: targets that fall due later do not count yet."""

    as_of: datetime
    cases: tuple[CaseFact, ...] = ()
    resolutions: tuple[ResolutionFact, ...] = ()
    conversations: tuple[ConversationFact, ...] = ()
    targets: tuple[TargetFact, ...] = ()
    promises: tuple[PromiseFact, ...] = ()
    estimates: tuple[EstimateFact, ...] = ()
    offers: tuple[OfferFact, ...] = ()
    ratings: tuple[RatingFact, ...] = ()
