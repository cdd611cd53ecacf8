"""A queue moves the urgent up and keeps the calm from starving (P6)."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from handoff.contract import Tier
from handoff.domain.queue_order import (
    PriorityWeights,
    deadline_points,
    longest_overtaking,
    priority_points,
    rank_moment,
)
from handoff.services.context import weights_of
from tests.handoff.cast import POLICY, START

WEIGHTS = weights_of(POLICY)
A_DAY = timedelta(days=1)

points = st.floats(0, 500)
weights_of_a_policy = st.builds(
    PriorityWeights,
    severity=st.fixed_dictionaries(dict.fromkeys((1, 2, 3, 4), points)),
    tier=st.fixed_dictionaries(dict.fromkeys(Tier, points)),
    frustration=points,
    repeat_contact=points,
    points_per_minute=st.floats(0.1, 50),
    deadline=points,
    deadline_within=st.timedeltas(timedelta(minutes=1), A_DAY),
)


@st.composite
def case_of_a_queue(draw: st.DrawFn, weights: PriorityWeights) -> tuple[datetime, datetime]:
    """When it came, and the moment by which it is sorted; its next word may be overdue as it comes."""
    came = START + draw(st.timedeltas(timedelta(), A_DAY))
    bought = priority_points(
        weights,
        severity=draw(st.integers(1, 4)),
        tier=draw(st.sampled_from(list(Tier))),
        frustration=draw(st.floats(0, 1)),
        contact_number=draw(st.integers(1, 50)),
    )
    return came, rank_moment(came, bought, came + draw(st.timedeltas(-A_DAY, A_DAY)), weights)


def test_a_worse_case_a_higher_tier_and_more_anger_each_move_up() -> None:
    calm = {"severity": 4, "tier": Tier.STANDARD, "frustration": 0.0, "contact_number": 1}
    plain = priority_points(WEIGHTS, **calm)  # type: ignore[arg-type]

    for change in ({"severity": 1}, {"tier": Tier.VIP}, {"frustration": 1.0}, {"contact_number": 3}):
        assert priority_points(WEIGHTS, **{**calm, **change}) > plain  # type: ignore[arg-type]


def test_contacts_beyond_the_fourth_say_nothing_new() -> None:
    def points(contact_number: int) -> int:
        return priority_points(WEIGHTS, severity=3, tier=Tier.STANDARD, frustration=0.2, contact_number=contact_number)

    assert points(4) == points(40) > points(3)


def test_a_word_that_is_due_sooner_moves_up_and_one_that_is_far_off_buys_nothing() -> None:
    def rank(minutes: float) -> datetime:
        return rank_moment(START, 30, START + timedelta(minutes=minutes), WEIGHTS)

    assert rank(2) < rank(10) < rank(30) < rank(60) == rank(600)
    assert rank(-30) == rank(0), "what is overdue does not go on earning points"
    assert deadline_points(WEIGHTS, START, START) == POLICY.priority.deadline
    assert deadline_points(WEIGHTS, START, START + WEIGHTS.deadline_within / 4) == POLICY.priority.deadline * 3 / 4


@given(st.data(), weights_of_a_policy)
def test_nobody_is_overtaken_by_one_who_comes_later_than_the_bound(
    data: st.DataObject, weights: PriorityWeights
) -> None:
    """For any two cases under any policy: who comes later than the bound is served after."""
    (first_came, first), (second_came, second) = (data.draw(case_of_a_queue(weights)) for _ in range(2))

    if second < first:
        rounding_of_moments = timedelta(microseconds=2)
        assert second_came - first_came <= longest_overtaking(weights) + rounding_of_moments


def test_the_bound_is_reached_by_the_most_urgent_case_against_the_calmest() -> None:
    bound = longest_overtaking(WEIGHTS)
    least = priority_points(WEIGHTS, severity=4, tier=Tier.STANDARD, frustration=0.0, contact_number=1)
    most = priority_points(WEIGHTS, severity=1, tier=Tier.VIP, frustration=1.0, contact_number=9)
    calm = rank_moment(START, least, START + A_DAY, WEIGHTS)

    def urgent(after: timedelta) -> datetime:
        return rank_moment(START + after, most, START + after, WEIGHTS)

    assert urgent(bound - timedelta(seconds=1)) < calm < urgent(bound + timedelta(seconds=1))


@given(st.integers(0, 200), st.integers(1, 600), st.integers(1, 600))
def test_of_two_alike_the_one_who_waits_longer_is_first(bought: int, first: int, second: int) -> None:
    came = [START + timedelta(minutes=minutes) for minutes in (first, second)]
    ranks = [rank_moment(at, bought, at + timedelta(minutes=10), WEIGHTS) for at in came]

    assert (ranks[0] < ranks[1]) == (first < second)
