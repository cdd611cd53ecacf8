"""When several customers with one problem are an incident (P14)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from warmline.policy.base import Duration, PolicyModel, Share


class IncidentPolicy(PolicyModel):
    """From how many customers within how long the same problem is noticed, and how alike it must sound.

    ``customers`` of one queue within ``within``, and ``times_usual`` as many as come there in such a time otherwise.
    ``alike_from`` is the cosine between what two customers wrote, ``belongs_from`` the one between a customer's words
    and the middle of an incident. Measured on a few dozen sentences of ours: six wordings of one trouble lie at 0.3 to
    0.7 to each other and at 0.6 to 0.85 to their middle; of other troubles none comes nearer to it than 0.54. What a
    lead dismissed is not noticed again for ``quiet_after_dismissal``.
    """

    customers: Annotated[int, Field(ge=2, le=1000)] = 4
    within: Duration = timedelta(hours=1)
    times_usual: Annotated[float, Field(ge=1.0, le=100.0)] = 3.0
    alike_from: Share = 0.41
    belongs_from: Share = 0.58
    quiet_after_dismissal: Duration = timedelta(hours=24)
