"""The order of a queue: priority points buy waiting time, so nobody is overtaken for ever.

A case of ``p`` points counts as if it had come ``p / points_per_minute`` minutes earlier. Sorting by that moment is
the same as sorting by points plus points for every minute waited, and it never changes while a case waits: it
can be stored and indexed. The bound follows from it: a case is never overtaken by one that comes more than
``highest points / points_per_minute`` minutes later.
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


def rank_moment(queued_at: datetime, points: int, weights: PriorityWeights) -> datetime:
    """The moment by which the queue is sorted, earliest first."""
    return queued_at - timedelta(minutes=points / weights.points_per_minute)
