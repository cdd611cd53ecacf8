"""The body of an event as other systems get it, version 1 (``docs/webhooks.md``)."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from handoff.contract import Category, HandoffReason, Tier
from handoff.domain.cases import CaseStatus, WaitingFor
from handoff.domain.outbox import EventName

VERSION: Final = 1


class _Body(BaseModel):
    """Closed: what is not described is not sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EventAgent(_Body):
    """The owner."""

    id: str
    name: str


class EventCustomer(_Body):
    """Whose case it is. ``id`` is the website's own identifier where it vouched for the customer."""

    id: str
    tier: Tier
    verified: bool
    name: str | None
    """Only where the policy lets texts out."""


class EventCase(_Body):
    """A case as it stands after what happened; ``version`` grows with every step."""

    id: str
    number: str
    version: int
    status: CaseStatus
    category: Category
    severity: int
    level: int
    reason: HandoffReason
    problem: str
    contact_number: int
    source: str
    agent: EventAgent | None
    customer: EventCustomer
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
    csat: int | None
    nps: int | None


class EventBody(_Body):
    """One event. ``id`` is the same at every attempt and for every receiver, to tell a repetition by."""

    version: Literal[1] = 1
    id: str
    event: EventName
    at: AwareDatetime
    case: EventCase | None
    data: dict[str, Any]
