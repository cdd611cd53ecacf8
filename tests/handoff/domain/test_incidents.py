"""When several customers with one problem are an incident, and what can happen to it (P14)."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.contract import Category
from handoff.domain.errors import WrongState
from handoff.domain.incidents import (
    TRANSITIONS,
    Incident,
    IncidentStatus,
    IncidentStep,
    Noticing,
    Report,
    alike,
    belongs_to,
    centre_of,
    same_problem,
    usual_count,
)
from tests.handoff.cast import START

NOTICING = Noticing(customers=3, within=timedelta(hours=1), times_usual=3.0, alike_from=0.4, belongs_from=0.57)
APP_DOWN = Incident(
    "i", IncidentStatus.CONFIRMED, Category.TECHNICAL, "The app", "It is down.", START, centre=(1.0, 0.0)
)


def direction(degrees: float) -> tuple[float, float]:
    """A meaning in a world of two dimensions."""
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))


def report(number: int, degrees: float, *, customer: int | None = None, minutes: int = 0, **given: object) -> Report:
    at = START + timedelta(minutes=minutes)
    who = f"customer-{number if customer is None else customer}"
    made = Report(
        f"case-{number}", f"talk-{number}", who, Category.TECHNICAL, "troubleshoot_device", at, direction(degrees)
    )
    return replace(made, **given)


def test_enough_customers_with_the_same_problem_within_the_window_are_an_incident() -> None:
    recent = [report(1, 0), report(2, 30, minutes=20)]
    found = same_problem(report(3, 15, minutes=50), recent, NOTICING, usual=0.0)
    assert found is not None
    assert [one.case_id for one in found] == ["case-1", "case-2", "case-3"]


@pytest.mark.parametrize(
    ("why", "recent"),
    [
        ("too few", [report(1, 0)]),
        ("one customer, twice", [report(1, 0, customer=1), report(2, 0, customer=1)]),
        ("another problem", [report(1, 0), report(2, 120)]),
        ("another queue", [report(1, 0), report(2, 0, category=Category.BILLING)]),
        ("long ago", [report(1, 0), report(2, 0, minutes=-70)]),
        ("the same customer as now", [report(1, 0), report(2, 0, customer=3)]),
    ],
)
def test_anything_less_is_none(why: str, recent: list[Report]) -> None:
    assert same_problem(report(3, 0), recent, NOTICING, usual=0.0) is None, why


def test_what_is_usual_for_a_queue_is_no_incident() -> None:
    recent = [report(1, 0), report(2, 0)]
    assert same_problem(report(3, 0), recent, NOTICING, usual=1.0) is not None
    assert same_problem(report(3, 0), recent, NOTICING, usual=1.1) is None


def test_who_says_it_in_other_words_belongs_to_it_too() -> None:
    """The last and the one before it lie too far from each other, and both near to what all of them say."""
    recent = [report(1, 0), report(2, 5), report(4, 45)]
    found = same_problem(report(3, -30), recent, NOTICING, usual=0.0)
    assert found is not None
    assert {one.case_id for one in found} == {"case-1", "case-2", "case-3", "case-4"}


def test_what_is_usual_is_counted_over_two_weeks() -> None:
    assert usual_count(336, timedelta(hours=1)) == pytest.approx(1.0)
    assert usual_count(336, timedelta(minutes=30)) == pytest.approx(0.5)


def test_the_likeliest_incident_of_the_queue_is_meant() -> None:
    other = replace(APP_DOWN, id="o", centre=direction(40))
    without_words = replace(APP_DOWN, id="w", centre=None)
    billing = replace(APP_DOWN, id="b", category=Category.BILLING)
    standing = [APP_DOWN, other, without_words, billing]

    assert belongs_to(direction(10), Category.TECHNICAL, standing, belongs_from=0.57) is APP_DOWN
    assert belongs_to(direction(35), Category.TECHNICAL, standing, belongs_from=0.57) is other
    assert belongs_to(direction(120), Category.TECHNICAL, standing, belongs_from=0.57) is None
    assert belongs_to(direction(0), Category.PLAN, standing, belongs_from=0.57) is None
    assert belongs_to(direction(0), None, [billing], belongs_from=0.57) is billing
    assert belongs_to(direction(0), None, [], belongs_from=0.57) is None


@given(st.lists(st.floats(-60, 60), min_size=1, max_size=8))
def test_the_middle_is_of_length_one_and_near_to_all_that_point_its_way(degrees: list[float]) -> None:
    centre = centre_of(direction(one) for one in degrees)
    assert math.hypot(*centre) == pytest.approx(1.0)
    assert all(alike(direction(one), centre) >= math.cos(math.radians(120)) - 1e-9 for one in degrees)


def test_there_is_no_middle_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        centre_of([])


@pytest.mark.parametrize("step", list(IncidentStep))
@pytest.mark.parametrize("status", list(IncidentStatus))
def test_what_the_table_does_not_name_cannot_happen(status: IncidentStatus, step: IncidentStep) -> None:
    incident = replace(APP_DOWN, status=status)
    if (status, step) in TRANSITIONS:
        assert incident.after(step) is TRANSITIONS[status, step]
    else:
        with pytest.raises(WrongState, match=str(status)):
            incident.after(step)


def test_an_incident_that_is_over_stays_over_and_a_dismissed_one_can_still_be_confirmed() -> None:
    assert not [step for (status, step) in TRANSITIONS if status is IncidentStatus.RESOLVED]
    assert TRANSITIONS[IncidentStatus.DISMISSED, IncidentStep.CONFIRM] is IncidentStatus.CONFIRMED
