"""What those who lead add to a conversation or case: a flag, or themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Flag:
    """Somebody who leads wants others to look at a conversation; at most one stands at a time."""

    conversation_id: str
    agent_id: str
    agent_name: str
    reason: str
    flagged_at: datetime


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who leads and joined a case: the customer knows, and its owner stays the owner."""

    case_id: str
    agent_id: str
    name: str
    joined_at: datetime
