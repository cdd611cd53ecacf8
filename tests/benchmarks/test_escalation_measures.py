"""The figures of the escalation benchmark are those that a sheet of paper gives."""

from __future__ import annotations

import math

import pytest

from benchmarks.escalation.measures import Hits, best_threshold, correlation, cross_validated, golden_transfer
from benchmarks.escalation.outcomes import HandoffFigures, Outcome, by_trigger
from tests.benchmarks.escalation_cast import StandIn, dialogue


def test_a_correlation_is_pearsons() -> None:
    assert correlation([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]) == pytest.approx(1.0)
    assert correlation([0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]) == pytest.approx(0.0)
    assert correlation([1.0, 2.0, 3.0], [1.0, 3.0, 2.0]) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("scores", "ratings"), [([1.0, 1.0], [0.0, 1.0]), ([0.0, 1.0], [2.0, 2.0]), ([1.0], [1.0, 2.0])]
)
def test_what_does_not_vary_correlates_with_nothing(scores: list[float], ratings: list[float]) -> None:
    with pytest.raises(ValueError, match="correlation"):
        correlation(scores, ratings)


def test_f1_is_the_harmonic_mean_of_precision_and_recall() -> None:
    hits = Hits.of([True, True, True, False, False], [True, True, False, True, False])

    assert hits == Hits(right=2, wrong=1, missed=1)
    assert (hits.precision, hits.recall, hits.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert Hits(1, 0, 3).f1 == pytest.approx(2 * 1.0 * 0.25 / 1.25)


def test_where_nothing_is_found_every_share_is_0() -> None:
    hits = Hits.of([False, False], [True, False])

    assert (hits.precision, hits.recall, hits.f1) == (0.0, 0.0, 0.0)


def test_the_best_threshold_lies_half_way_between_what_it_parts() -> None:
    assert best_threshold([0.1, 0.2, 0.8, 0.9], [False, False, True, True]) == pytest.approx(0.5)
    assert best_threshold([0.3, 0.6], [True, True]) == pytest.approx(0.3)


def test_a_half_is_judged_by_the_other_halfs_threshold() -> None:
    scores = [0.1, 0.5, 0.9, 0.6, 0.1, 0.5, 0.9, 0.6]
    truth = [False, False, True, True, False, False, True, True]

    hits, limits = cross_validated(scores, truth)

    assert limits == (pytest.approx(0.55), pytest.approx(0.5))
    assert hits == Hits(right=4, wrong=2, missed=0)


def test_a_golden_transfer_at_the_very_turn_counts_1() -> None:
    assert [golden_transfer([4], [4], tolerance) for tolerance in (1, 2, 3)] == [1.0, 1.0, 1.0]


def test_a_golden_transfer_next_to_the_turn_counts_the_more_the_wider_the_tolerance() -> None:
    assert golden_transfer([6], [4], 1) == pytest.approx(math.exp(-2))
    assert golden_transfer([6], [4], 2) == pytest.approx(math.exp(-1 / 2))
    assert golden_transfer([6], [4], 3) == pytest.approx(math.exp(-2 / 9))
    assert golden_transfer([2], [4], 1) == golden_transfer([6], [4], 1)


def test_a_golden_transfer_is_measured_to_the_nearest_right_turn_and_averaged_over_handoffs() -> None:
    assert golden_transfer([3], [0, 4], 1) == pytest.approx(math.exp(-1 / 2))
    assert golden_transfer([4, 6], [4], 1) == pytest.approx((1 + math.exp(-2)) / 2)


@pytest.mark.parametrize(("handed", "golden", "score"), [([], [], 1.0), ([2], [], 0.0), ([], [2], 0.0)])
def test_a_dialogue_rightly_left_alone_counts_1_and_a_missed_or_false_one_0(
    handed: list[int], golden: list[int], score: float
) -> None:
    assert golden_transfer(handed, golden, 3) == score


def test_a_tolerance_is_positive() -> None:
    with pytest.raises(ValueError, match="tolerance"):
        golden_transfer([1], [1], 0)


@pytest.mark.parametrize(
    ("said", "right", "verdict"),
    [
        (("C: ANGRY", "B: yes"), (0,), "in time"),
        (("C: hm", "B: yes", "C: ANGRY"), (0,), "in time"),
        (("C: hm", "C: hm", "C: ANGRY"), (0,), "late"),
        (("C: ANGRY", "B: yes", "C: hm"), (2,), "too early"),
        (("C: cross", "B: yes", "C: hm"), (0,), "missed"),
        (("C: cross", "B: yes"), (), "left alone"),
        (("C: hm", "B: yes", "C: ANGRY"), (), "false"),
    ],
)
def test_a_person_comes_in_time_at_the_right_turn_or_the_customers_next(
    said: tuple[str, ...], right: tuple[int, ...], verdict: str
) -> None:
    assert Outcome.of(dialogue(*said, take_over=right), StandIn()).verdict("now") == verdict


def test_an_offer_is_counted_apart_from_a_person_who_takes_over() -> None:
    outcome = Outcome.of(dialogue("C: cross", "B: yes", "C: ANGRY", take_over=(2,)), StandIn())

    assert (outcome.raised, outcome.now) == (0, 2)
    assert outcome.verdict("now") == "in time"
    assert outcome.verdict("now or offer") == "too early"
    assert outcome.peak == 0.9


def test_the_figures_of_a_set_are_shares_of_those_who_need_somebody_and_of_those_who_do_not() -> None:
    outcomes = [
        Outcome.of(one, StandIn())
        for one in (
            dialogue("C: ANGRY", take_over=(0,)),
            dialogue("C: ANGRY", "B: yes", "C: hm", take_over=(2,)),
            dialogue("C: hm", "C: hm", "C: ANGRY", take_over=(0,)),
            dialogue("C: cross", take_over=(0,), why="loop"),
            dialogue("C: ANGRY"),
            dialogue("C: hm"),
            dialogue("C: hm"),
            dialogue("C: cross"),
        )
    ]

    figures = HandoffFigures.of("some", outcomes, "now")

    assert (figures.should, figures.never) == (4, 4)
    assert (figures.in_time, figures.too_early, figures.late, figures.missed) == (25.0, 25.0, 25.0, 25.0)
    assert figures.false_per_100 == 25.0
    assert (figures.precision, figures.recall, figures.f1) == pytest.approx((0.75, 0.75, 0.75))
    assert figures.golden[0] == pytest.approx((1 + 2 * math.exp(-2) + 0 + 0 + 3) / 8)
    assert HandoffFigures.of("some", outcomes, "now or offer").false_per_100 == 50.0

    frustration, loop = by_trigger("some", outcomes)
    assert (frustration.why, frustration.dialogues, frustration.in_time, frustration.late) == ("frustration", 3, 1, 1)
    assert (loop.why, loop.missed, loop.in_time_or_offered) == ("loop", 1, 1)
