"""Which day a customer names, said on Monday 23 November 2026."""

from __future__ import annotations

from datetime import date

import pytest

from actions.dialogue.days import named_day
from actions.dialogue.readers import READERS
from actions.dialogue.turn import Option, Turn

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tomorrow", "2026-11-24"),
        ("tomorow please", "2026-11-24"),
        ("the day after tomorrow", "2026-11-25"),
        ("Friday", "2026-11-27"),
        ("fri", "2026-11-27"),
        ("on thurs pls", "2026-11-26"),
        ("monday", "2026-11-30"),
        ("next Friday", "2026-12-04"),
        ("next monday", "2026-11-30"),
        ("the 15th", "2026-12-15"),
        ("15", "2026-12-15"),
        ("1 December", "2026-12-01"),
        ("1st of dec", "2026-12-01"),
        ("December 1", "2026-12-01"),
        ("Tuesday, 1 December", "2026-12-01"),
        ("1/12", "2026-12-01"),
        ("1.12.26", "2026-12-01"),
        ("2026-12-01", "2026-12-01"),
        ("3 January", "2027-01-03"),
        ("in a week", "2026-11-30"),
        ("in two weeks", "2026-12-07"),
        ("10 days later", "2026-12-03"),
    ],
)
def test_a_day_is_read_however_it_is_said(text: str, day: str) -> None:
    assert named_day(text, MONDAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "later please",
        "next week",
        "Friday or Saturday",
        "from 1 December to 3 December",
        "30 February",
        "31/02/2027",
        "it may be sunny this month",
        "order LH-10002",
        "for two weeks",
    ],
)
def test_several_days_no_day_or_an_impossible_one_is_none(text: str) -> None:
    assert named_day(text, MONDAY) is None


def test_a_delivery_day_is_one_of_the_buttons_or_any_day_that_is_named() -> None:
    options = (Option("2026-12-01", "Tuesday 1 December"), Option("2026-12-02", "Wednesday 2 December"))
    read = READERS["delivery_day"]

    def said(text: str, *, choice: str | None = None) -> object:
        entities = {} if choice is None else {"choice": choice}
        return read(Turn(text, "inform", entities, pressed=choice is not None, today=MONDAY), options)

    assert said("", choice="2026-12-02") == "2026-12-02"
    assert said("", choice="2027-01-01") is None, "no button of ours"
    assert said("the second one") == "2026-12-02"
    assert said("the 9th") == "2026-12-09"
    assert said("whenever") is None
