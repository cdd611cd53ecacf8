"""What happens once a case is solved: surveys, reopening, following up, what is proposed to the editors (P27, P28)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from warmline.policy.base import Count, Duration, PolicyModel, Text


class AfterResolutionPolicy(PolicyModel):
    """The section ``after_resolution``; where it is absent, these values hold."""

    low_csat: Annotated[int, Field(ge=1, le=4)] = 2
    """A rating of so many stars or fewer (of 5) is low: the customer is promised that a lead looks, and the leads are
    told. The usual reading of CSAT takes 4 and 5 as satisfied, so 1 and 2 are surely not."""
    survey_link_valid: Duration = timedelta(days=7)
    """How long the link of a survey by e-mail opens its page."""
    reopen_within: Duration = timedelta(days=14)
    """So long "it did not work" opens the same case again; later it opens a new one that names the old."""
    follow_up_within_days: Count = 90
    """How many days ahead a follow-up may lie."""
    propose_by_itself: tuple[Text, ...] = ("missing_content", "not_understood")
    """Root causes with which a solved case is proposed to the editors without anybody asking."""
