"""Offers: a case is put before one agent for a while, and each offer ends in exactly one way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from handoff.domain.errors import OfferGone


class OfferStatus(StrEnum):
    """Where an offer stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """Somebody else took the case, or it went elsewhere."""


class OfferStep(StrEnum):
    """What can happen to an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


OFFER_TRANSITIONS: Final[dict[tuple[OfferStatus, OfferStep], OfferStatus]] = {
    (OfferStatus.PENDING, OfferStep.ACCEPT): OfferStatus.ACCEPTED,
    (OfferStatus.PENDING, OfferStep.DECLINE): OfferStatus.DECLINED,
    (OfferStatus.PENDING, OfferStep.EXPIRE): OfferStatus.EXPIRED,
    (OfferStatus.PENDING, OfferStep.WITHDRAW): OfferStatus.WITHDRAWN,
}
"""The whole state machine: what has ended stays as it ended."""
_ENDED: Final = {
    OfferStatus.ACCEPTED: "was accepted",
    OfferStatus.DECLINED: "was declined",
    OfferStatus.EXPIRED: "has expired; the case is back in its queue, where you can accept it",
    OfferStatus.WITHDRAWN: "was withdrawn",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer. ``reserved``: a colleague asked for just this agent, so until it ends nobody else takes the case."""

    id: str
    case_id: str
    agent_id: str
    status: OfferStatus
    offered_at: datetime
    expires_at: datetime
    reserved: bool = False
    answered_at: datetime | None = None
    reason: str = ""
    """Why it was declined, in the agent's words."""

    def seconds_left(self, now: datetime) -> int:
        """Whole seconds until it expires, never below 0."""
        return max(0, int((self.expires_at - now).total_seconds()))


def offer_status_after(offer: Offer, step: OfferStep) -> OfferStatus:
    """The status that a step leads to; raises ``OfferGone`` for an offer that has ended."""
    after = OFFER_TRANSITIONS.get((offer.status, step))
    if after is None:
        raise OfferGone(f"This offer {_ENDED[offer.status]}.", status=offer.status)
    return after


def asked_lately(offers: Sequence[Offer], now: datetime, pause: timedelta) -> frozenset[str]:
    """The agents who declined one of these offers or let it expire less than ``pause`` ago."""
    lost = (OfferStatus.DECLINED, OfferStatus.EXPIRED)
    return frozenset(
        offer.agent_id
        for offer in offers
        if offer.status in lost and offer.answered_at is not None and now - offer.answered_at < pause
    )


def tries_made(offers: Sequence[Offer]) -> int:
    """How many offers of a case, newest first, came to nothing since it was accepted last."""
    made = 0
    for offer in offers:
        if offer.status is OfferStatus.ACCEPTED:
            break
        made += offer.status in (OfferStatus.DECLINED, OfferStatus.EXPIRED)
    return made


def expired_in_a_row(offers: Sequence[Offer]) -> int:
    """How many of an agent's offers, newest first, they let expire without an answer to any in between."""
    row = 0
    for offer in offers:
        if offer.status in (OfferStatus.ACCEPTED, OfferStatus.DECLINED):
            break
        row += offer.status is OfferStatus.EXPIRED
    return row
