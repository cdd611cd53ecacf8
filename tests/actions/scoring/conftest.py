"""The shipped policy, in which a need that a turn tells by its meaning counts whatever else the turn reads like."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.policy_view import view_of
from actions.scoring.policy import PolicyView
from warmline.policy import EscalationPolicy


@pytest.fixture(scope="session")
def view(policy: EscalationPolicy) -> PolicyView:
    shipped = view_of(policy)
    return replace(shipped, like_handoffs=replace(shipped.like_handoffs, with_meaning=0.0))
