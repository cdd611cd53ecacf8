"""What desks are told of offers and presence: the frame, and whose desk it is for."""

from __future__ import annotations

from handoff.http.work_views import offer_view, presence_view
from handoff.realtime.connection import encode
from handoff.services.events import OfferEnded, OfferMade, PresenceChanged

WorkEvent = OfferMade | OfferEnded | PresenceChanged


def work_frame(event: WorkEvent) -> tuple[str, str | None]:
    """The frame with the agent it is for; None: for everybody."""
    if isinstance(event, PresenceChanged):
        return encode({"type": "presence", **presence_view(event.agent_id, event.state, event.changed_at)}), None
    offer = event.offer
    if isinstance(event, OfferMade):
        return encode({"type": "offer", "offer": offer_view(offer, event.case, offer.offered_at)}), offer.agent_id
    gone = {"offer_id": offer.id, "case_id": offer.case_id, "status": offer.status}
    return encode({"type": "offer_gone", **gone}), offer.agent_id
