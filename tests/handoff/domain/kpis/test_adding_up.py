"""Cells add up to the same figures as single values, percentiles within the stated error; periods have no gaps."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.kpis.facts import Place
from handoff.domain.kpis.observations import (
    ALL,
    PERCENTILE_ERROR,
    CellKey,
    Observation,
    Sum,
    cells_of,
    day_of,
    percentile,
    time_bucket,
)
from handoff.domain.kpis.periods import LONGEST_DAYS, Period, Step, last_days
from tests.handoff.domain.kpis.cast import at

spans = st.lists(st.floats(1, 60 * 86400), min_size=1, max_size=200)


@given(spans, st.sampled_from([0.5, 0.9, 0.99]))
def test_a_percentile_read_from_buckets_is_within_the_stated_error(seconds: list[float], share: float) -> None:
    buckets: dict[str, int] = {}
    for value in seconds:
        buckets[time_bucket(value)] = buckets.get(time_bucket(value), 0) + 1
    exact = sorted(seconds)[max(0, ceil(share * len(seconds) - 1e-9) - 1)]

    assert percentile(buckets, share) == pytest.approx(exact, rel=PERCENTILE_ERROR + 1e-6)


def test_there_is_no_percentile_of_nothing() -> None:
    assert percentile({}, 0.5) is None


seen = st.builds(
    Observation,
    st.integers(0, 4).map(lambda n: at(days=n)),
    st.builds(Place, st.sampled_from(["billing", "plan", ""]), st.integers(0, 2), st.sampled_from(["ana", "ben", ""])),
    st.sampled_from(["hit", "miss"]),
    st.just("c1"),
    st.floats(0, 100),
)


@given(st.lists(seen, max_size=40))
def test_the_margins_of_cells_are_the_sums_of_their_places(observations: list[Observation]) -> None:
    cells = cells_of("csat", observations, UTC)

    for key, found in cells.items():
        if key.place == ALL:
            same_day = [o for o in observations if day_of(o.at, UTC) == key.day and o.bucket == key.bucket]
            assert found.how_many == len(same_day)
            assert found.total == pytest.approx(sum(o.value for o in same_day))
    by_category = sum(f.how_many for k, f in cells.items() if k.place.level == -1 and k.place.category != "*")
    assert by_category == len(observations)


def test_a_cell_holds_how_many_and_the_sum() -> None:
    one = Observation(at(), Place("billing", 1, "ana"), "hit", "c1", 4.0)

    cells = cells_of("csat", [one, one], UTC)

    assert cells[CellKey(date(2026, 3, 2), Place("billing", 1, "ana"), "csat", "hit")] == Sum(2, 8.0)


days = st.dates(date(2023, 1, 1), date(2028, 12, 31))


@given(days, st.integers(0, 400), st.sampled_from(Step))
def test_the_parts_of_a_period_follow_each_other_without_gap_or_overlap(first: date, more: int, step: Step) -> None:
    period = Period(first, first + timedelta(days=more))
    parts = list(period.parts(step))

    assert (parts[0].first, parts[-1].last) == (period.first, period.last)
    assert all(a.last + timedelta(days=1) == b.first for a, b in itertools.pairwise(parts))


def test_the_period_before_a_month_is_the_month_before_and_else_as_many_days() -> None:
    assert Period(date(2024, 3, 1), date(2024, 3, 31)).before() == Period(date(2024, 2, 1), date(2024, 2, 29))
    assert Period(date(2026, 1, 1), date(2026, 1, 31)).before() == Period(date(2025, 12, 1), date(2025, 12, 31))
    assert Period(date(2026, 3, 2), date(2026, 3, 8)).before() == Period(date(2026, 2, 23), date(2026, 3, 1))
    assert last_days(date(2026, 3, 2), 1).before() == last_days(date(2026, 3, 1), 1)


def test_weeks_begin_on_monday() -> None:
    parts = list(Period(date(2026, 3, 5), date(2026, 3, 12)).parts(Step.WEEK))

    assert parts == [Period(date(2026, 3, 5), date(2026, 3, 8)), Period(date(2026, 3, 9), date(2026, 3, 12))]


def test_a_period_that_ends_before_it_begins_or_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        Period(date(2026, 3, 2), date(2026, 3, 1))
    with pytest.raises(ValueError, match=str(LONGEST_DAYS)):
        Period(date(2020, 3, 2), date(2026, 3, 1))


zones = st.sampled_from(["Europe/London", "America/Havana", "Asia/Beirut", "Pacific/Apia", "Asia/Kathmandu", "UTC"])


@given(days, zones)
def test_no_moment_lies_between_two_days_or_in_both(day: date, name: str) -> None:
    """Also where the clock skips midnight, as in Havana and Beirut."""
    zone, one = ZoneInfo(name), Period(day, day)
    begins, ends = one.begins(zone), one.ends(zone)

    assert ends == Period(day + timedelta(days=1), day + timedelta(days=1)).begins(zone)
    assert timedelta(hours=22) < ends - begins < timedelta(hours=26)
    assert day_of(ends - timedelta(microseconds=1), zone) == day_of(begins, zone) == day


def test_a_day_has_23_or_25_hours_where_the_clock_is_moved() -> None:
    zone = ZoneInfo("Europe/London")
    spring, autumn = (Period(day, day) for day in (date(2026, 3, 29), date(2026, 10, 25)))

    assert spring.begins(zone) == datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
    assert spring.ends(zone) == datetime(2026, 3, 29, 23, 0, tzinfo=UTC)
    assert autumn.ends(zone) - autumn.begins(zone) == timedelta(hours=25)
