"""Who is told what outside the desk: webhooks, mails to members of staff, answers by mail to customers (P24)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field, field_validator

from warmline.policy.base import Duration, PolicyModel, Text

STAFF_KINDS: Final = (
    "deadline_near",
    "deadline_missed",
    "promise_broken",
    "case_stalled",
    "case_escalated",
    "case_taken_over",
    "case_reopened",
    "nobody_eligible",
    "offer_lost",
    "low_rating",
    "incident_noticed",
    "incident_resolved",
    "follow_up_due",
    "customer_replied",
    "delivery_failed",
)
"""What members of staff are told at the desk, and may be told by mail besides."""
ANSWER_AFTER: Final = timedelta(minutes=5)


class TellingPolicy(PolicyModel):
    """What leaves the house by itself. Without this section: no texts, what is urgent by mail, answers after 5 min."""

    webhooks_with_texts: bool = False
    """Whether webhooks carry names and what people wrote; off, they carry facts about the case alone."""
    staff_mail: tuple[Text, ...] = ("deadline_missed", "promise_broken", "incident_noticed", "delivery_failed")
    """The notifications that whoever gets them at the desk gets by mail too."""
    answer_mail_after: Annotated[Duration, Field(ge=timedelta(seconds=30), le=timedelta(days=1))] = ANSWER_AFTER
    """How long an answer waits to be read in the chat before it goes by mail."""

    @field_validator("staff_mail")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for kind in value:
            if kind not in STAFF_KINDS:
                raise ValueError(f"there is no notification {kind!r}; choose from {', '.join(STAFF_KINDS)}")
        return value
