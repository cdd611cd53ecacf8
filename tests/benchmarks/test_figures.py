"""The figures of a benchmark are the ones that their names promise."""

from __future__ import annotations

import itertools
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figures import Latency, Load, Target, area_under_curve, percentile

DURATIONS = st.lists(st.floats(min_value=0, max_value=60), min_size=1, max_size=200)


def test_a_percentile_lies_between_its_neighbours_in_proportion() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == pytest.approx(2.5)
    assert percentile([10.0, 20.0], 0.95) == pytest.approx(19.5)
    assert percentile([7.0], 0.95) == 7.0


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.1), ([1.0], -0.1)])
def test_a_percentile_of_nothing_or_beyond_the_values_is_refused(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(values, share)


@given(DURATIONS)
def test_the_middle_percentile_is_the_median(values: list[float]) -> None:
    assert percentile(values, 0.5) == pytest.approx(statistics.median(values))


@given(DURATIONS)
def test_a_percentile_is_never_outside_the_values_and_grows_with_its_share(values: list[float]) -> None:
    shares = [percentile(values, share / 20) for share in range(21)]
    assert shares[0] == min(values)
    assert shares[-1] == max(values)
    assert all(low <= high + 1e-9 for low, high in itertools.pairwise(shares))


def test_seconds_become_milliseconds() -> None:
    latency = Latency.of([0.010, 0.020, 0.030])
    assert latency.count == 3
    assert latency.median_ms == pytest.approx(20.0)
    assert latency.p95_ms == pytest.approx(29.0)


def test_loads_of_several_blocks_add_up_before_rates_are_taken() -> None:
    first = Load(turns=10, seconds=1.0, client_cpu_seconds=0.1, server_cpu_seconds={"rasa": 0.5})
    second = Load(turns=30, seconds=1.0, client_cpu_seconds=0.3, server_cpu_seconds={"rasa": 0.3, "handoff": 0.2})
    both = first.plus(second)
    assert both.turns_per_second == pytest.approx(20.0)
    assert both.client_cpu_share == pytest.approx(0.2)
    assert both.server_cpu_ms_per_turn() == {"handoff": pytest.approx(5.0), "rasa": pytest.approx(20.0)}


@pytest.mark.parametrize(
    ("measured", "at_most", "met"), [(1.19, True, True), (1.2, True, True), (1.21, True, False), (1.21, False, True)]
)
def test_a_target_is_met_on_its_side_of_the_limit(measured: float, at_most: bool, met: bool) -> None:
    assert Target("growth", measured, 1.2, at_most=at_most).met is met


def test_the_area_under_the_curve_counts_ties_half() -> None:
    assert area_under_curve([3.0, 2.0], [1.0, 0.0]) == 1.0
    assert area_under_curve([1.0, 0.0], [3.0, 2.0]) == 0.0
    assert area_under_curve([1.0, 2.0], [1.0, 2.0]) == 0.5


@pytest.mark.parametrize(("positive", "negative"), [([], [1.0]), ([1.0], [])])
def test_there_is_no_area_under_the_curve_without_both_sides(positive: list[float], negative: list[float]) -> None:
    with pytest.raises(ValueError, match="positives and negatives"):
        area_under_curve(positive, negative)
