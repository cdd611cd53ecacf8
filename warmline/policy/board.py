"""What the board of those who lead looks at (P24, P32)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from warmline.policy.base import Duration, PolicyModel, Share
from warmline.policy.business_hours import TimeZone


class BoardPolicy(PolicyModel):
    """From which frustration on a live conversation is an alert, and what counts as live, near and lately.

    ``mood_alert`` is the frustration of the customer's last turn, 0 to 1. A conversation is live so long after its last
    message (``live_within``); a promise is near so long before it is due (``promise_near``); broken ones are shown for
    ``broken_within``.
    """

    time_zone: TimeZone | None = None
    """By whose clock the days of the KPIs are cut; where nothing is said, that of the business hours' default."""
    mood_alert: Share = 0.6
    live_within: Annotated[Duration, Field(gt=timedelta())] = timedelta(minutes=30)
    promise_near: Annotated[Duration, Field(gt=timedelta())] = timedelta(minutes=10)
    broken_within: Annotated[Duration, Field(gt=timedelta())] = timedelta(hours=24)
