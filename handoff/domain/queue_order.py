"""The order of a queue: priority points buy waiting time, so nobody is overtaken for ever.

A case of ``p`` points counts as if it had come ``p / points_per_minute`` minutes earlier. Sorting by that moment is
the same as sorting by points plus points for every minute waited, and it never changes while a case waits: it
can be stored and indexed. The bound follows from it: a case is never overtaken by one that comes more than
``highest points / points_per_minute`` minutes later.

A near deadline is bought in the same coin. It is measured from the moment at which the case came, not from now: points
that grew as the deadline draws near would have to be counted anew at every look, and what is overdue would go before
everything else, for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from handoff.contract import Tier

REPEAT_CONTACTS_COUNTED = 3
"""Contacts after the first that add points; more of them say nothing new."""


@dataclass(frozen=True, slots=True)
class PriorityWeights:
    """Points of the matrix (``priority`` in escalation.yml)."""

    severity: dict[int, float]
    tier: dict[Tier, float]
    frustration: float
    repeat_contact: float
    points_per_minute: float
    deadline: float = 0.0
    deadline_within: timedelta = timedelta(hours=1)


def priority_points(
    weights: PriorityWeights, *, severity: int, tier: Tier, frustration: float, contact_number: int
) -> int:
    """Points of a case: severity and tier, frustration (0 to 1), and each contact after the first (at most three)."""
    repeats = min(max(contact_number - 1, 0), REPEAT_CONTACTS_COUNTED)
    return round(
        weights.severity[severity]
        + weights.tier[tier]
        + weights.frustration * frustration
        + weights.repeat_contact * repeats
    )


def deadline_points(weights: PriorityWeights, queued_at: datetime, due_at: datetime) -> float:
    """Points for a word that is promised soon: all of them when due at once, none from ``deadline_within`` on."""
    share = (due_at - queued_at) / weights.deadline_within
    return weights.deadline * (1 - min(max(share, 0.0), 1.0))


def rank_moment(queued_at: datetime, points: int, due_at: datetime, weights: PriorityWeights) -> datetime:
    """The moment by which the queue is sorted, earliest first; ``due_at`` is when the customer is to hear next."""
    total = points + deadline_points(weights, queued_at, due_at)
    return queued_at - timedelta(minutes=total / weights.points_per_minute)


def longest_overtaking(weights: PriorityWeights) -> timedelta:
    """How much later a case may come at the most and still be served first: the widest lead that points can buy."""
    most = priority_points(
        weights,
        severity=max(weights.severity, key=lambda severity: weights.severity[severity]),
        tier=max(weights.tier, key=lambda tier: weights.tier[tier]),
        frustration=1.0,
        contact_number=1 + REPEAT_CONTACTS_COUNTED,
    )
    least = priority_points(
        weights,
        severity=min(weights.severity, key=lambda severity: weights.severity[severity]),
        tier=min(weights.tier, key=lambda tier: weights.tier[tier]),
        frustration=0.0,
        contact_number=1,
    )
    return timedelta(minutes=(most - least + weights.deadline) / weights.points_per_minute)
