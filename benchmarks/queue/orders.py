"""The three orders that are compared. Ours is the very code and policy that production runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from benchmarks.queue.days import Arrival
from benchmarks.queue.serving import Order, Place
from handoff.domain.queue_order import PriorityWeights, priority_points, rank_moment
from warmline.policy import EscalationPolicy

CATEGORY: Final = "orders_delivery"
"""The queue whose promises are simulated."""
OURS: Final = "ours"
FIRST_COME: Final = "first come"
STRICT: Final = "strict priority"


def orders(policy: EscalationPolicy, weights: PriorityWeights) -> dict[str, Order]:
    """By name: ours, who came first, and whoever has more points, however long the others wait."""

    def ours(arrival: Arrival) -> Place:
        return (_seconds(rank_moment(arrival.came_at, _points(weights, arrival), due_at(policy, arrival), weights)),)

    def first_come(arrival: Arrival) -> Place:
        return (_seconds(arrival.came_at),)

    def strict(arrival: Arrival) -> Place:
        return (-_points(weights, arrival), _seconds(arrival.came_at))

    return {OURS: ours, FIRST_COME: first_come, STRICT: strict}


def due_at(policy: EscalationPolicy, arrival: Arrival) -> datetime:
    """When this customer is promised the first word."""
    return arrival.came_at + target(policy, arrival)


def target(policy: EscalationPolicy, arrival: Arrival) -> timedelta:
    """The time to the first word that the policy promises."""
    return policy.targets(CATEGORY, arrival.severity).first_response


def _points(weights: PriorityWeights, arrival: Arrival) -> int:
    return priority_points(
        weights,
        severity=arrival.severity,
        tier=arrival.tier,
        frustration=arrival.frustration,
        contact_number=arrival.contact_number,
    )


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
