"""A customer who writes after a long pause has come back; a long talk is one visit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from handoff.domain.visits import topics_of_earlier_visits, visits

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PAUSE = timedelta(hours=8)


def at(*hours: float) -> tuple[datetime, ...]:
    return tuple(START + timedelta(hours=hour) for hour in hours)


def test_a_visit_ends_with_a_pause_and_not_with_its_length() -> None:
    assert visits(at(0, 7, 14, 21.9, 29.9), PAUSE) == at(0, 29.9)
    assert visits((), PAUSE) == ()


def test_a_topic_counts_once_a_visit_and_not_of_the_visit_that_goes_on() -> None:
    said = at(0, 1, 10, 11, 30, 31)
    topics = [
        *zip(at(0, 1), ("order_status", "order_status"), strict=True),
        *zip(at(10, 11), ("order_status", "invoice_copy"), strict=True),
        *zip(at(30, 31), ("order_status", "order_status"), strict=True),
    ]

    found = topics_of_earlier_visits(said, topics, PAUSE)

    assert found == (
        *zip(at(0), ("order_status",), strict=True),
        *zip(at(10, 11), ("order_status", "invoice_copy"), strict=True),
    )


def test_a_first_visit_has_none_before_it() -> None:
    assert topics_of_earlier_visits(at(0, 1), [(START, "order_status")], PAUSE) == ()
    assert topics_of_earlier_visits((), [(START, "order_status")], PAUSE) == ()
