"""Periods of days, split for what is remembered of them."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.kpis.periods import Period, Step

days = st.dates(date(2025, 1, 1), date(2027, 1, 1))


@given(days, st.integers(0, 120), days, st.sampled_from(Step))
def test_a_period_is_split_between_two_parts_of_its_trend(first: date, length: int, moving: date, step: Step) -> None:
    period = Period(first, first + timedelta(days=length))
    over, rest = period.split(moving, step)
    parts = [part for half in (over, rest) if half is not None for part in half.parts(step)]
    assert parts == list(period.parts(step))
    assert over is None or over.last < moving


def test_the_week_in_which_today_lies_is_not_over() -> None:
    """Friday, 6 March 2026: the week began on Monday, the 2nd."""
    period = Period(date(2026, 2, 20), date(2026, 3, 6))
    assert period.split(date(2026, 3, 5), Step.WEEK) == (
        Period(date(2026, 2, 20), date(2026, 3, 1)),
        Period(date(2026, 3, 2), date(2026, 3, 6)),
    )
    assert period.split(date(2026, 3, 5), Step.DAY)[0] == Period(date(2026, 2, 20), date(2026, 3, 4))
    assert period.split(date(2026, 2, 20), Step.DAY) == (None, period)
    assert period.split(date(2026, 4, 2), Step.MONTH) == (period, None)
