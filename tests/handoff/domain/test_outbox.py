"""When a delivery that failed is tried again, and when it is given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.outbox import Channel, Delivery, Outcome, RetryPolicy, Verdict, outcome_of_status
from tests.handoff.cast import START

FAILED = Outcome(Verdict.FAILED, "no")
DELIVERY = Delivery("d", Channel.WEBHOOK, "e", "case.opened", {}, START, START, attempts=1)


@given(attempts=st.integers(1, 10_000), seed=st.integers())
def test_every_pause_lies_between_half_and_all_of_what_the_policy_says(attempts: int, seed: int) -> None:
    policy = RetryPolicy()

    pause = policy.pause(attempts, Random(seed))

    full = min(timedelta(hours=1), timedelta(seconds=10) * 3 ** min(attempts - 1, 20))
    assert full / 2 <= pause <= full


def test_what_failed_together_does_not_come_back_together() -> None:
    pauses = {RetryPolicy().pause(4, Random(seed)) for seed in range(20)}

    assert len(pauses) == 20


def test_fifteen_attempts_reach_over_seven_to_nine_hours() -> None:
    spans = []
    for seed in range(20):
        random, total = Random(seed), timedelta()
        for attempts in range(1, 15):
            total += RetryPolicy().pause(attempts, random)
        spans.append(total)

    assert timedelta(hours=5) < min(spans)
    assert max(spans) < timedelta(hours=9)


def test_the_last_attempt_is_followed_by_none() -> None:
    assert RetryPolicy().after(replace(DELIVERY, attempts=14), FAILED, START, Random(1)) is not None
    assert RetryPolicy().after(replace(DELIVERY, attempts=15), FAILED, START, Random(1)) is None


def test_what_is_refused_for_good_is_not_tried_again() -> None:
    assert RetryPolicy().after(DELIVERY, Outcome(Verdict.REFUSED), START, Random(1)) is None


def test_a_receiver_that_asks_for_time_gets_it_up_to_an_hour() -> None:
    after = RetryPolicy().after
    patient = after(DELIVERY, replace(FAILED, retry_after=timedelta(minutes=5)), START, Random(1))
    greedy = after(DELIVERY, replace(FAILED, retry_after=timedelta(days=5)), START, Random(1))

    assert patient == START + timedelta(minutes=5)
    assert greedy == START + timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.SENT),
        (204, Verdict.SENT),
        (301, Verdict.REFUSED),
        (307, Verdict.REFUSED),
        (400, Verdict.REFUSED),
        (401, Verdict.FAILED),
        (404, Verdict.FAILED),
        (410, Verdict.REFUSED),
        (422, Verdict.REFUSED),
        (429, Verdict.FAILED),
        (500, Verdict.FAILED),
        (503, Verdict.FAILED),
    ],
)
def test_an_answer_means_arrived_later_or_never(status: int, verdict: Verdict) -> None:
    assert outcome_of_status(status).verdict is verdict


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120), (" 7 ", 7), ("Fri, 31 Dec 2027 23:59:59 GMT", None), ("-1", None), ("٣", None)],
)
def test_only_a_pause_in_seconds_is_read(header: str, seconds: int | None) -> None:
    wait = outcome_of_status(503, retry_after=header).retry_after

    assert wait == (None if seconds is None else timedelta(seconds=seconds))
