"""Answers of people who have no order number, or do not know what is meant by it."""

from __future__ import annotations

import pytest

from actions.dialogue.not_at_hand import asks_what_it_is, lacks_it


@pytest.mark.parametrize(
    "text",
    [
        "i dont have the number",
        "I don’t have it on me",
        "no idea what the number is",
        "can't find it anywhere",
        "I don't know it I'm afraid, it was in an e-mail",
        "i deleted the email so no",
        "not sure",
        "dunno",
    ],
)
def test_a_missing_number_is_understood_however_it_is_said(text: str) -> None:
    assert lacks_it(text)


@pytest.mark.parametrize("text", ["LH-10001", "the kettle", "yes", "the blue one", "where is it?", "cancel it then"])
def test_an_answer_of_another_kind_is_not_taken_for_a_missing_number(text: str) -> None:
    assert not lacks_it(text)
    assert not asks_what_it_is(text)


def test_a_long_story_in_which_somebody_lacks_something_is_no_answer() -> None:
    assert not lacks_it("they told me last week that " + "it was on its way " * 4 + "and I don't have a fridge")


@pytest.mark.parametrize("text", ["what the hell is an order number", "what number?", "where do I find that number"])
def test_whoever_asks_what_the_number_is_is_told(text: str) -> None:
    assert asks_what_it_is(text)
