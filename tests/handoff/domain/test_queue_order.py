"""A queue moves the urgent up and keeps the calm from starving (P6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from handoff.contract import Tier
from handoff.domain.queue_order import PriorityWeights, priority_points, rank_moment
from handoff.services.context import Context
from tests.handoff.cast import POLICY, START

WEIGHTS = Context.weights(type("Only", (), {"policy": POLICY})())

points_of_a_case = st.builds(
    lambda **given: priority_points(WEIGHTS, **given),
    severity=st.integers(1, 4),
    tier=st.sampled_from(list(Tier)),
    frustration=st.floats(0, 1),
    contact_number=st.integers(1, 50),
)
HIGHEST = priority_points(WEIGHTS, severity=1, tier=Tier.VIP, frustration=1.0, contact_number=99)


def test_a_worse_case_a_higher_tier_and_more_anger_each_move_up() -> None:
    calm = {"severity": 4, "tier": Tier.STANDARD, "frustration": 0.0, "contact_number": 1}
    plain = priority_points(WEIGHTS, **calm)  # type: ignore[arg-type]

    for change in ({"severity": 1}, {"tier": Tier.VIP}, {"frustration": 1.0}, {"contact_number": 3}):
        assert priority_points(WEIGHTS, **{**calm, **change}) > plain  # type: ignore[arg-type]


def test_contacts_beyond_the_fourth_say_nothing_new() -> None:
    def points(contact_number: int) -> int:
        return priority_points(WEIGHTS, severity=3, tier=Tier.STANDARD, frustration=0.2, contact_number=contact_number)

    assert points(4) == points(40) > points(3)


@given(points_of_a_case, points_of_a_case, st.integers(0, 10_000))
def test_nobody_is_overtaken_by_one_who_comes_much_later(calm: int, urgent: int, minutes: int) -> None:
    """The bound: the highest points divided by the points of a minute."""
    earlier = rank_moment(START, calm, WEIGHTS)
    later = rank_moment(START + timedelta(minutes=minutes), urgent, WEIGHTS)

    if later < earlier:
        assert minutes < HIGHEST / WEIGHTS.points_per_minute


@given(points_of_a_case, st.integers(1, 600), st.integers(1, 600))
def test_of_two_alike_the_one_who_waits_longer_is_first(points: int, first: int, second: int) -> None:
    ranks = [rank_moment(START + timedelta(minutes=m), points, WEIGHTS) for m in (first, second)]

    assert (ranks[0] < ranks[1]) == (first < second)


def test_points_are_whole_and_follow_the_policy() -> None:
    weights = replace(WEIGHTS, points_per_minute=2.0)

    assert rank_moment(START, 30, weights) == START - timedelta(minutes=15)
    assert isinstance(weights, PriorityWeights)
