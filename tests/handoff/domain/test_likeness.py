"""What cases are compared by, and which similar ones come first (P21)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from handoff.contract import Category
from handoff.domain.likeness import LIKE_FROM, SIMILAR_SHOWN, ClosedCase, best_first, meaning_text

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def closed(name: str, likeness: float = 0.8, **given: object) -> ClosedCase:
    values: dict[str, object] = {
        "id": name,
        "number": name,
        "category": Category.BILLING,
        "problem": "a charge",
        "outcome": "Paid back",
        "disposition": "Solved",
        "root_cause": "Our mistake",
        "solved": True,
        "agent_name": "Ana",
        "csat": 5,
        "resolved_at": NOW - timedelta(days=3),
        "likeness": likeness,
        **given,
    }
    return ClosedCase(**values)  # type: ignore[arg-type]


def order(*cases: ClosedCase) -> list[str]:
    return [case.id for case in best_first(cases, Category.BILLING, NOW)]


def test_the_wish_for_a_person_does_not_stand_for_the_problem() -> None:
    said = ("My kettle leaks from the bottom since Monday", "hello?", "a person please")

    assert meaning_text("a kettle that leaks", said) == (
        "a kettle that leaks. My kettle leaks from the bottom since Monday"
    )


def test_numbers_do_not_make_two_cases_of_one_order_alike() -> None:
    assert meaning_text("where your order LH-10001 is", ["paid £39.50 on 3/4 for it"]) == (
        "where your order is. paid on for it"
    )


def test_without_a_word_of_the_customer_the_problem_alone_is_compared() -> None:
    assert meaning_text("a charge", ()) == "a charge"


def test_the_same_category_comes_first_even_if_another_is_more_alike() -> None:
    assert order(closed("other", 0.95, category=Category.PLAN), closed("own", 0.6)) == ["own", "other"]


def test_of_two_alike_the_solved_one_comes_first_and_then_the_newer() -> None:
    old = closed("old", resolved_at=NOW - timedelta(days=400))
    unsolved = closed("unsolved", solved=False)

    assert order(unsolved, old, closed("new")) == ["new", "old", "unsolved"]


def test_a_clear_likeness_outweighs_solved_and_new() -> None:
    assert order(closed("vague", 0.6), closed("clear", 0.75, solved=False)) == ["clear", "vague"]


def test_what_is_too_unlike_is_not_shown_and_never_more_than_a_handful() -> None:
    many = [closed(f"c{n}") for n in range(SIMILAR_SHOWN + 3)]

    assert len(order(*many)) == SIMILAR_SHOWN
    assert order(closed("unlike", LIKE_FROM - 0.01)) == []
