"""Spans of open time (P15, P25): over daylight saving, holidays, midnight and leap days, and whatever the hours are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warmline.policy.hours import Holiday, Hours, Shift, read_holidays, read_week

LONDON = ZoneInfo("Europe/London")
OFFICE = Hours(
    LONDON,
    read_week({"monday-friday": "08:00-20:00", "saturday": "09:00-17:00", "sunday": "closed"}),
    read_holidays({"12-25": "Christmas Day", "12-26": "Boxing Day", "2027-03-29": "Easter Monday"}),
)
NIGHTS = Hours(LONDON, read_week({"monday-sunday": "22:00-06:00"}))
HOUR = timedelta(hours=1)


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-02 09:00", 2, "2026-03-02 11:00"),
        ("2026-03-02 19:30", 1, "2026-03-03 08:30"),
        ("2026-03-02 05:00", 1, "2026-03-02 09:00"),
        ("2026-03-02 08:00", 12, "2026-03-02 20:00"),
        ("2026-03-06 19:00", 2, "2026-03-07 10:00"),
        ("2026-03-07 16:00", 2, "2026-03-09 09:00"),
        ("2026-12-24 19:00", 2, "2026-12-28 09:00"),
        ("2027-03-27 16:00", 2, "2027-03-30 09:00"),
        ("2028-02-28 19:00", 14, "2028-03-01 09:00"),
        ("2027-02-27 16:00", 2, "2027-03-01 09:00"),
        ("2026-03-28 16:00", 2, "2026-03-30 09:00"),
        ("2026-10-24 16:00", 2, "2026-10-26 09:00"),
    ],
    ids=[
        "inside a day",
        "over a night",
        "from before the opening",
        "to the very closing",
        "over the shorter Saturday",
        "over a Sunday",
        "over Christmas, which falls before a weekend",
        "over a holiday of one year",
        "over a leap day, which is worked",
        "over the end of a February without one",
        "while the clock is put forward",
        "while the clock is put back",
    ],
)
def test_open_time_passes_only_while_the_team_is_there(start: str, hours: int, end: str) -> None:
    assert OFFICE.after(local(start), hours * HOUR) == local(end)
    assert OFFICE.between(local(start), local(end)) == hours * HOUR


@pytest.mark.parametrize(
    ("night", "worked"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-03-30", 8)], ids=["forward", "back", "any"]
)
def test_a_night_is_as_long_as_the_clock_makes_it(night: str, worked: int) -> None:
    begin = local(f"{night} 22:00")
    end = NIGHTS.after(begin, worked * HOUR)
    assert end is not None
    assert end.astimezone(LONDON).strftime("%H:%M") == "06:00"
    assert NIGHTS.between(begin, begin + timedelta(hours=12)) == worked * HOUR


def test_a_shift_over_midnight_is_counted_once_even_where_the_next_day_begins_inside_it() -> None:
    hours = Hours(UTC, ((Shift(22 * 60, 32 * 60),), (Shift(5 * 60, 6 * 60), Shift(7 * 60, 9 * 60)), *((),) * 5))
    monday = datetime(2026, 3, 2, 22, tzinfo=UTC)
    assert hours.between(monday, monday + timedelta(days=1)) == 11 * HOUR
    assert hours.after(monday, 11 * HOUR) == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert hours.before(datetime(2026, 3, 3, 12, tzinfo=UTC), 11 * HOUR) == monday


def test_for_a_team_that_is_always_there_open_time_is_time() -> None:
    at = local("2026-03-28 23:00")
    assert Hours.always().after(at, 26 * HOUR) == at.astimezone(UTC) + 26 * HOUR
    assert Hours.always().between(at, at.astimezone(UTC) + 26 * HOUR) == 26 * HOUR


def test_what_is_near_is_counted_back_over_the_closed_hours() -> None:
    assert OFFICE.before(local("2026-03-03 08:30"), HOUR) == local("2026-03-02 19:30")
    assert OFFICE.before(local("2026-12-28 09:00"), 2 * HOUR) == local("2026-12-24 19:00")


def test_a_team_that_is_never_there_has_no_such_moment() -> None:
    never = Hours(UTC, ((),) * 7)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    assert never.after(at, HOUR) is None
    assert never.before(at, HOUR) is None
    assert never.after(at, timedelta()) == at
    assert never.between(at, at + timedelta(days=30)) == timedelta()


def test_no_time_passes_backwards() -> None:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert OFFICE.between(at, at - HOUR) == timedelta()
    with pytest.raises(ValueError, match="below zero"):
        OFFICE.after(at, -HOUR)
    with pytest.raises(ValueError, match="time zone"):
        OFFICE.after(at.replace(tzinfo=None), HOUR)


@st.composite
def any_hours(draw: st.DrawFn) -> Hours:
    """Any week of any team that is there at all, in a zone that puts its clock forward and back."""
    day = st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)), max_size=3)
    week = draw(st.lists(day, min_size=7, max_size=7).filter(any))
    shifts = tuple(tuple(sorted(Shift(begin, begin + length) for begin, length in found)) for found in week)
    holidays = draw(st.lists(st.integers(1, 12), max_size=2, unique=True))
    zone = draw(st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC", "America/Havana"]))
    return Hours(ZoneInfo(zone), shifts, {Holiday(month, 1): "off" for month in holidays})


moments = st.datetimes(datetime(2027, 1, 1), datetime(2028, 12, 31)).map(lambda m: m.replace(tzinfo=UTC))
spans = st.integers(0, 40 * 60).map(lambda minutes: timedelta(minutes=minutes))
some = settings(max_examples=150, deadline=None, derandomize=True, database=None)


@some
@given(any_hours(), moments, spans)
def test_the_span_after_a_start_is_the_time_between(hours: Hours, start: datetime, span: timedelta) -> None:
    end = hours.after(start, span)
    assert end is not None
    assert hours.between(start, end) == span
    assert not span or hours.between(start, end - timedelta(microseconds=1)) < span, "and no earlier moment will do"


@some
@given(any_hours(), moments, spans)
def test_counting_back_is_the_inverse_of_counting_forward(hours: Hours, end: datetime, span: timedelta) -> None:
    begin = hours.before(end, span)
    assert begin is not None
    assert hours.between(begin, end) == span
    again = hours.after(begin, span)
    assert again is not None
    assert again <= end
    assert hours.between(again, end) == timedelta()


@some
@given(any_hours(), moments, spans, spans)
def test_spans_add_up(hours: Hours, start: datetime, first: timedelta, second: timedelta) -> None:
    halfway = hours.after(start, first)
    assert halfway is not None
    assert hours.after(halfway, second) == hours.after(start, first + second)


@some
@given(any_hours(), st.lists(moments, min_size=3, max_size=3))
def test_the_time_between_adds_up_and_never_falls(hours: Hours, found: list[datetime]) -> None:
    first, second, third = sorted(found)
    near, far = first, min(third, first + timedelta(days=20))
    middle = min(second, far)
    assert hours.between(near, middle) + hours.between(middle, far) == hours.between(near, far)
    assert hours.between(near, middle) <= hours.between(near, far) <= far - near


@some
@given(any_hours(), st.lists(moments, min_size=2, max_size=2), st.lists(spans, min_size=2, max_size=2))
def test_who_starts_later_or_takes_longer_is_done_no_sooner(
    hours: Hours, starts: list[datetime], taken: list[timedelta]
) -> None:
    for (early, late), (short, long) in zip(pairwise(sorted(starts)), pairwise(sorted(taken)), strict=True):
        ends = [hours.after(start, span) for start, span in ((early, short), (late, short), (late, long))]
        assert None not in ends
        assert ends == sorted(end for end in ends if end is not None)


@some
@given(any_hours(), moments)
def test_open_time_agrees_with_being_there(hours: Hours, at: datetime) -> None:
    minute = timedelta(minutes=1)
    at = at.replace(second=0, microsecond=0)
    assert (hours.between(at, at + minute) == minute) is hours.is_open(at)
