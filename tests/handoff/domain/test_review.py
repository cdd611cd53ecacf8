"""The post-escalation review (P28), on cases counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handoff.contract import Category, HandoffReason
from handoff.domain.review import CauseRow, GapRow, LowerLevelRow, NotNeededRow, ReviewedCase, review
from tests.handoff.cast import START

ONE = ReviewedCase(
    case_id="1",
    number="WL-1",
    category=Category.BILLING,
    topic="explain_charge",
    reason=HandoffReason.EXPLICIT_REQUEST,
    root_cause="double_charge",
    solved=True,
    level=1,
    needed_level=1,
    resolved_at=START,
    reopened=False,
    judged=None,
)
SINCE, UNTIL = START - timedelta(days=5), START + timedelta(days=5)


def test_causes_are_counted_by_category_with_their_share_and_compared_with_the_time_before() -> None:
    found = [
        ONE,
        replace(ONE, number="WL-2", reopened=True),
        replace(ONE, number="WL-3", root_cause="wrong_amount"),
        replace(ONE, number="WL-4", category=Category.PLAN),
        replace(ONE, number="WL-5", resolved_at=SINCE - timedelta(seconds=1)),
        replace(ONE, number="WL-6", root_cause="refund_late", resolved_at=SINCE - timedelta(days=1)),
        replace(ONE, number="WL-7", root_cause="unstated"),
    ]
    report = review(found, since=SINCE, until=UNTIL)

    assert report.resolutions == 5
    assert report.causes == (
        CauseRow(Category.BILLING, "double_charge", 2, 1, 2 / 3, 1),
        CauseRow(Category.BILLING, "wrong_amount", 1, 0, 1 / 3, 0),
        CauseRow(Category.PLAN, "double_charge", 1, 0, 1.0, 0),
        CauseRow(Category.BILLING, "refund_late", 0, 1, 0.0, 0),
    )
    assert [row.trend for row in report.causes] == [1, 1, 1, -1]


def test_what_a_lower_level_could_have_solved_was_solved_and_held() -> None:
    high = replace(ONE, level=3, needed_level=1)
    found = [
        high,
        replace(high, number="WL-2"),
        replace(high, number="WL-3", needed_level=3),
        replace(high, number="WL-4", solved=False),
        replace(high, number="WL-5", reopened=True),
        replace(high, number="WL-6", needed_level=2),
    ]
    assert review(found, since=SINCE, until=UNTIL).lower_level == (
        LowerLevelRow(Category.BILLING, 3, 1, ("WL-1", "WL-2")),
        LowerLevelRow(Category.BILLING, 3, 2, ("WL-6",)),
    )


def test_handoffs_that_needed_no_person_are_counted_among_those_that_somebody_judged() -> None:
    found = [
        replace(ONE, judged=False),
        replace(ONE, judged=True),
        ONE,
        replace(ONE, reason=HandoffReason.POLICY, judged=True),
    ]
    assert review(found, since=SINCE, until=UNTIL).not_needed == (
        NotNeededRow(Category.BILLING, HandoffReason.EXPLICIT_REQUEST, 2, 1),
    )


def test_gaps_are_topics_that_were_handed_over_without_content() -> None:
    found = [
        replace(ONE, topic=None, root_cause="missing_content"),
        replace(ONE, number="WL-2", topic=None, reason=HandoffReason.REPEATED_FALLBACK),
        replace(ONE, number="WL-3", root_cause="not_understood"),
        replace(ONE, number="WL-4"),
    ]
    assert review(found, since=SINCE, until=UNTIL).gaps == (
        GapRow(Category.BILLING, None, 2, ("WL-1", "WL-2")),
        GapRow(Category.BILLING, "explain_charge", 1, ("WL-3",)),
    )
