"""The clock of a case: open time, pauses, moves, severities, and what only a word of the owner answers (P15, P23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handoff.domain.cases import Case, CaseEvent, CaseStatus, Step, WaitingFor
from handoff.domain.sla import SlaClock, Spans, is_paused, pauses_of
from tests.handoff.cast import START
from tests.handoff.domain.test_cases import CASE
from warmline.policy.hours import Hours, read_week

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OFFICE = Hours(ZoneInfo("Europe/London"), read_week({"monday-friday": "08:00-20:00", "saturday-sunday": "closed"}))
CLOCK = SlaClock(OFFICE, Spans(10 * MINUTE, 2 * HOUR, 24 * HOUR))
ANSWERED = replace(
    CASE,
    status=CaseStatus.ACTIVE,
    agent_id="ben",
    first_response_at=START,
    targets=CLOCK.spoken(replace(CASE, targets=CLOCK.opening(START)), START),
)


def waits(case: Case, since: datetime, whom: WaitingFor = WaitingFor.CUSTOMER) -> Case:
    return replace(case, status=CaseStatus.WAITING, waiting_for=whom, waiting_since=since)


def test_a_case_begins_with_its_first_response_as_the_word_that_is_promised() -> None:
    targets = CLOCK.opening(START)
    assert targets.first_response_due == targets.next_update_due == START + 10 * MINUTE
    assert targets.resolution_due == START + timedelta(days=2), "24 hours are two days of twelve"


def test_out_of_hours_the_clock_begins_when_the_team_is_there() -> None:
    friday_night = datetime(2026, 3, 6, 23, tzinfo=UTC)
    assert CLOCK.opening(friday_night).first_response_due == datetime(2026, 3, 9, 8, 10, tzinfo=UTC)


def test_being_moved_promises_a_word_anew_but_never_forgives_a_first_response() -> None:
    unanswered = replace(CASE, targets=CLOCK.opening(START))
    moved = CLOCK.moved(unanswered, START + 5 * MINUTE)
    assert moved.next_update_due == START + 15 * MINUTE
    assert moved.first_response_due == START + 10 * MINUTE
    assert moved.resolution_due == unanswered.targets.resolution_due


def test_who_takes_up_an_overdue_case_promises_what_can_be_kept() -> None:
    """P25: a word that should have come is not told as coming "within a minute"."""
    overdue = replace(CASE, targets=CLOCK.opening(START))
    taken = CLOCK.taken_up(overdue, START + HOUR)
    assert taken.next_update_due == START + HOUR + 10 * MINUTE
    assert taken.first_response_due == START + 10 * MINUTE, "which stays missed"
    assert CLOCK.taken_up(overdue, START + 5 * MINUTE) == overdue.targets


def test_a_word_never_brings_forward_what_was_promised_for_later() -> None:
    late = replace(ANSWERED, targets=replace(ANSWERED.targets, next_update_due=START + 5 * HOUR))
    assert CLOCK.spoken(late, START + HOUR).next_update_due == START + 5 * HOUR


@pytest.mark.parametrize(
    ("status", "whom", "paused"),
    [
        (CaseStatus.WAITING, WaitingFor.CUSTOMER, True),
        (CaseStatus.WAITING, WaitingFor.THIRD_PARTY, False),
        (CaseStatus.ACTIVE, None, False),
        (CaseStatus.OPEN, None, False),
    ],
)
def test_the_clock_stands_still_only_while_the_customer_is_waited_for(
    status: CaseStatus, whom: WaitingFor | None, paused: bool
) -> None:
    assert is_paused(replace(CASE, status=status, waiting_for=whom)) is paused


def test_a_wait_over_the_weekend_costs_only_the_hours_in_which_the_team_was_there() -> None:
    friday = datetime(2026, 3, 6, 19, tzinfo=UTC)
    case = replace(ANSWERED, targets=CLOCK.opening(friday))
    case = replace(case, targets=CLOCK.spoken(case, friday))
    monday = datetime(2026, 3, 9, 9, tzinfo=UTC)
    resumed = CLOCK.resumed(waits(case, friday), monday)
    assert resumed.next_update_due == case.targets.next_update_due + 2 * HOUR, "an hour on Friday, one on Monday"
    assert resumed.first_response_due == case.targets.first_response_due


def test_what_was_missed_before_the_wait_stays_missed_but_the_next_word_is_promised_anew() -> None:
    case = replace(ANSWERED, targets=replace(ANSWERED.targets, resolution_due=START - HOUR, next_update_due=START))
    resumed = CLOCK.resumed(waits(case, START + HOUR), START + 3 * HOUR)
    assert resumed.resolution_due == START - HOUR
    assert resumed.next_update_due == START + 5 * HOUR


def test_a_word_during_a_wait_is_counted_from_where_the_clock_stands() -> None:
    waiting = waits(ANSWERED, START + HOUR)
    spoken = replace(waiting, targets=CLOCK.spoken(waiting, START + 4 * HOUR))
    assert CLOCK.resumed(spoken, START + 5 * HOUR).next_update_due == START + 7 * HOUR


def test_a_queue_that_never_opens_keeps_nobody_waiting_for_ever() -> None:
    never = SlaClock(Hours(UTC, ((),) * 7), CLOCK.spans)
    assert never.opening(START).first_response_due == START + 10 * MINUTE


def event(step: Step, hours: float, **data: str) -> CaseEvent:
    return CaseEvent("case-1", START + hours * HOUR, step, "agent", "ben", "Ben", data=dict(data))


def test_pauses_are_read_from_the_history() -> None:
    history = [
        event(Step.OPEN, 0),
        event(Step.WAIT, 1, waiting_for="customer"),
        event(Step.NOTE, 1.5),
        event(Step.WAIT, 2, waiting_for="customer"),
        event(Step.RESUME, 3),
        event(Step.WAIT, 4, waiting_for="third_party"),
        event(Step.WAIT, 5, waiting_for="customer"),
        event(Step.TRANSFER, 6),
        event(Step.WAIT, 7, waiting_for="customer"),
    ]
    assert pauses_of(history) == ((START + HOUR, START + 3 * HOUR), (START + 5 * HOUR, START + 6 * HOUR))


def test_another_severity_counts_from_the_beginning_without_the_pauses() -> None:
    urgent = SlaClock(OFFICE, Spans(5 * MINUTE, 30 * MINUTE, 8 * HOUR))
    pauses = [(START + HOUR, START + 3 * HOUR)]
    targets = urgent.regraded(ANSWERED, START, pauses, START + 4 * HOUR)
    assert targets.resolution_due == START + 10 * HOUR
    assert targets.next_update_due == ANSWERED.targets.next_update_due, "it was promised sooner already"
    assert targets.first_response_due == ANSWERED.targets.first_response_due, "it was given"


minutes = st.integers(0, 14 * 24 * 60).map(lambda n: timedelta(minutes=n))


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(minutes, minutes, minutes)
def test_a_pause_neither_gives_nor_takes_open_time(opened: timedelta, until_wait: timedelta, wait: timedelta) -> None:
    """P23: no promise comes sooner by a pause, and none later than by the open time that passed."""
    begin = START + opened
    case = replace(ANSWERED, targets=CLOCK.opening(begin))
    since = begin + until_wait
    now = since + wait
    due = case.targets.resolution_due
    resumed = CLOCK.resumed(waits(case, since), now).resolution_due
    if due <= since:
        assert resumed == due
    else:
        assert OFFICE.between(now, resumed) == OFFICE.between(since, due)
        assert resumed >= due
