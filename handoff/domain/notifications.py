"""What members of staff are told by themselves: a kind, the case it is about, a line to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class NotificationKind(StrEnum):
    """Why somebody is told; none can be switched off, only quieted (``preferences.py``)."""

    DEADLINE_NEAR = "deadline_near"
    DEADLINE_MISSED = "deadline_missed"
    PROMISE_BROKEN = "promise_broken"
    CASE_STALLED = "case_stalled"
    CASE_ESCALATED = "case_escalated"
    CASE_TAKEN_OVER = "case_taken_over"
    CASE_FLAGGED = "case_flagged"
    CASE_REOPENED = "case_reopened"
    NOBODY_ELIGIBLE = "nobody_eligible"
    OFFER_LOST = "offer_lost"
    SET_AWAY = "set_away"
    OWNER_OFFLINE = "owner_offline"
    LOW_RATING = "low_rating"
    INCIDENT_NOTICED = "incident_noticed"
    INCIDENT_RESOLVED = "incident_resolved"
    FOLLOW_UP_DUE = "follow_up_due"
    FOLLOW_UP_FAILED = "follow_up_failed"
    CUSTOMER_REPLIED = "customer_replied"
    MENTIONED = "mentioned"
    DELIVERY_FAILED = "delivery_failed"


@dataclass(frozen=True, slots=True)
class Notification:
    """One line for one member of staff. ``data`` holds what a program may want of it, never what customers wrote."""

    id: str
    agent_id: str
    kind: NotificationKind
    text: str
    created_at: datetime
    case_id: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    read_at: datetime | None = None
    announced: bool = True
    """Whether an open desk says it as it comes; like ``sound`` for that moment only, and not stored."""
    sound: bool = False
