"""Business hours by queue: over daylight saving, holidays and midnight, and how they are written (P15, P16)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmline.paths import PROJECT_ROOT
from warmline.policy import PolicyError, load_policy
from warmline.policy.hours import Hours, read_holidays, read_week

SHIPPED = PROJECT_ROOT / "data" / "escalation.yml"
LONDON = ZoneInfo("Europe/London")
OFFICE = {"monday-friday": "08:00-20:00", "saturday": ["09:00-12:00", "13:00-17:00"], "sunday": "closed"}
BANK_HOLIDAYS = {"12-25": "Christmas Day", "12-26": "Boxing Day", "2027-03-29": "Easter Monday"}


def hours(week: object = None, holidays: object = None, zone: str = "Europe/London") -> Hours:
    return Hours(ZoneInfo(zone), read_week(week or OFFICE), read_holidays(holidays or {}))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold)


@pytest.mark.parametrize(
    ("at", "there"),
    [
        ("2026-03-02 07:59", False),
        ("2026-03-02 08:00", True),
        ("2026-03-02 19:59", True),
        ("2026-03-02 20:00", False),
        ("2026-03-07 12:30", False),
        ("2026-03-07 13:00", True),
        ("2026-03-08 12:00", False),
    ],
)
def test_a_team_is_there_within_its_hours(at: str, there: bool) -> None:
    assert hours().is_open(local(at)) is there


def test_the_team_opens_by_the_clock_on_the_wall_in_summer_as_in_winter() -> None:
    assert hours().next_opening(utc("2026-03-27 23:00")) == utc("2026-03-28 09:00")
    assert hours().next_opening(utc("2026-03-28 23:00")) == utc("2026-03-30 07:00"), "put forward on 29 March"
    assert hours().next_opening(utc("2026-10-24 23:00")) == utc("2026-10-26 08:00"), "put back on 25 October"


def test_while_the_team_is_there_the_next_opening_is_now() -> None:
    at = local("2026-03-02 10:15")
    assert hours().next_opening(at) == at


def test_the_next_opening_passes_over_the_lunch_break_the_evening_and_the_weekend() -> None:
    assert hours().next_opening(local("2026-03-07 12:10")) == local("2026-03-07 13:00")
    assert hours().next_opening(local("2026-03-07 17:00")) == local("2026-03-09 08:00")


def test_a_holiday_without_a_year_comes_back_and_one_with_a_year_does_not() -> None:
    there = hours(holidays=BANK_HOLIDAYS)
    for year in (2026, 2028):
        assert not there.is_open(local(f"{year}-12-25 10:00"))
    assert not there.is_open(local("2027-03-29 10:00"))
    assert there.is_open(local("2026-03-30 10:00"))
    assert there.holiday(local("2027-03-29 10:00").date()) == "Easter Monday"


def test_holidays_and_a_weekend_in_a_row_are_passed_over() -> None:
    there = hours(holidays=BANK_HOLIDAYS)
    assert there.next_opening(local("2026-12-24 20:00")) == local("2026-12-28 08:00")


def test_a_holiday_begins_and_ends_at_midnight_where_the_team_is() -> None:
    night_and_day = hours({"monday-sunday": "00:00-24:00"}, {"2026-08-31": "Bank holiday"})
    assert night_and_day.is_open(utc("2026-08-30 22:59"))
    assert not night_and_day.is_open(utc("2026-08-30 23:00"))
    assert night_and_day.next_opening(utc("2026-08-31 12:00")) == utc("2026-08-31 23:00")


def test_a_shift_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    night = hours({"monday-thursday": "22:00-06:00", "friday-sunday": "closed"}, {"2026-03-04": "a Wednesday off"})
    assert night.is_open(local("2026-03-03 05:59"))
    assert not night.is_open(local("2026-03-03 06:00"))
    assert night.is_open(local("2026-03-04 03:00")), "Tuesday's shift is worked to its end"
    assert not night.is_open(local("2026-03-04 23:00"))
    assert night.next_opening(local("2026-03-04 06:00")) == local("2026-03-05 22:00")
    assert night.is_open(local("2026-03-06 05:00"))
    assert not night.is_open(local("2026-03-07 05:00"))


def test_an_opening_that_the_clock_skips_is_the_moment_of_the_jump() -> None:
    """On 29 March 2026 at 01:00 the clock of London jumps to 02:00."""
    early = hours({"monday-sunday": "01:30-05:00"})
    assert early.next_opening(utc("2026-03-29 00:00")) == utc("2026-03-29 01:00")
    assert not early.is_open(utc("2026-03-29 00:59"))
    assert early.is_open(utc("2026-03-29 01:00"))


def test_a_shift_that_the_clock_skips_altogether_is_none() -> None:
    gap = hours({"monday-sunday": "01:00-02:00"})
    assert gap.next_opening(utc("2026-03-29 00:30")) == utc("2026-03-30 00:00")


def test_of_an_hour_that_comes_twice_the_first_counts() -> None:
    """On 25 October 2026 at 02:00 the clock of London goes back to 01:00."""
    early = hours({"monday-sunday": "01:30-05:00"})
    assert early.next_opening(utc("2026-10-25 00:00")) == utc("2026-10-25 00:30")
    for minutes in range(0, 270, 15):
        assert early.is_open(utc("2026-10-25 00:30") + timedelta(minutes=minutes))


def test_a_team_in_another_part_of_the_world_has_its_own_days() -> None:
    sydney = hours(zone="Australia/Sydney")
    assert sydney.is_open(utc("2026-03-01 22:00")), "Monday morning there"
    assert not sydney.is_open(utc("2026-03-06 21:30")), "Saturday before nine there"


def test_a_queue_without_hours_is_always_served() -> None:
    assert Hours.always().is_open(utc("2026-12-25 03:00"))


def test_a_team_that_never_comes_has_no_next_opening() -> None:
    sundays = {f"{month:02}-{day:02}": "off" for month in range(1, 13) for day in range(1, 29)}
    sundays |= {f"{month:02}-{day:02}": "off" for month in (1, 3, 5, 7, 8, 10, 12) for day in (29, 30, 31)}
    sundays |= {f"{month:02}-{day:02}": "off" for month in (4, 6, 9, 11) for day in (29, 30)} | {"02-29": "off"}
    assert hours(holidays=sundays).next_opening(utc("2026-03-02 10:00")) is None


@pytest.mark.parametrize("ask", [Hours.is_open, Hours.next_opening])
def test_a_moment_without_a_time_zone_is_refused(ask: Callable[[Hours, datetime], object]) -> None:
    with pytest.raises(ValueError, match="give it a time zone"):
        ask(hours(), datetime(2026, 3, 2, 10, 0))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)))
def test_at_its_next_opening_the_team_is_there_and_not_a_minute_before(at: datetime) -> None:
    there = hours(holidays=BANK_HOLIDAYS)
    opening = there.next_opening(at)
    assert opening is not None
    assert there.is_open(opening)
    assert opening >= at
    if opening > at:
        assert not there.is_open(max(at, opening - timedelta(minutes=1)))


def test_a_queue_takes_from_the_default_what_it_does_not_say_itself() -> None:
    policy = load_policy(SHIPPED)
    christmas = local("2026-12-25 10:00")
    assert not policy.hours_of("billing").is_open(christmas)
    assert policy.hours_of("account_security").is_open(christmas)
    assert str(policy.hours_of("account_security").zone) == "Europe/London"


def test_without_business_hours_somebody_is_always_there(edited: Callable[[str, str], Path]) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    part = text[text.index("business_hours:\n") : text.index("# How bad it is")]
    assert load_policy(edited(part, "")).hours_of("billing") == Hours.always()


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        ("Europe/London", "Europe/Londinium", "business_hours.default.time_zone", "Europe/London"),
        ("sunday: closed", "sundy: closed", "business_hours.default.weekly", "'sundy' is no day"),
        ("      sunday: closed\n", "", "business_hours.default.weekly", "sunday missing"),
        ("sunday: closed", "saturday-sunday: closed", "business_hours.default.weekly", "saturday stands twice"),
        ("saturday: 09:00-17:00", "saturday: 9-17", "business_hours.default.weekly", "'9-17' is no time span"),
        ("saturday: 09:00-17:00", "saturday: 09:00-25:00", "business_hours.default.weekly", "no time span"),
        ("saturday: 09:00-17:00", "saturday: [09:00-13:00, 12:00-17:00]", "business_hours.default.weekly", "overlap"),
        (
            "12-25: Christmas Day",
            "25-12: Christmas Day",
            "business_hours.default.holidays",
            "write 12-25 for each",
        ),
        ("2027-03-26: Good", "2027-02-30: Good", "business_hours.default.holidays", "'2027-02-30' is no day"),
        ("    time_zone: Europe/London\n", "", "business_hours", "needs time_zone and weekly"),
        ("    account_security:   #", "    accounts:   #", "business_hours.by_category.accounts", "no category"),
    ],
)
def test_a_mistake_in_the_hours_is_told_with_its_line_and_how_to_mend_it(
    edited: Callable[[str, str], Path], old: str, new: str, where: str, says: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(edited(old, new))
    (problem,) = refused.value.problems
    assert problem.where.startswith(where)
    assert says in problem.what
    assert problem.line > 60
