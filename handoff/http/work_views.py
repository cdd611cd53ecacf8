"""How presence and offers look on the wire, exactly as the protocol pages describe them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from handoff.domain.cases import Case
from handoff.domain.offers import Offer
from handoff.domain.presence import PresenceState
from handoff.http.views import when


def presence_view(agent_id: str, state: PresenceState, since: datetime | None) -> dict[str, Any]:
    """Whether an agent takes cases now, and since when that is so."""
    return {"agent_id": agent_id, "state": state, "since": when(since)}


def offer_view(offer: Offer, case: Case, now: datetime) -> dict[str, Any]:
    """An offer as its agent sees it."""
    return {
        "id": offer.id,
        "case_id": case.id,
        "number": case.number,
        "category": case.category,
        "severity": case.severity,
        "problem": case.problem,
        "reserved": offer.reserved,
        "offered_at": when(offer.offered_at),
        "expires_at": when(offer.expires_at),
        "seconds_left": offer.seconds_left(now),
    }
