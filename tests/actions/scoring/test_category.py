"""The category comes from what the customer needs over the conversation, not from the last sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.scoring.picture import Picture, after_human, votes_of
from actions.scoring.policy import PolicyView
from actions.scoring.signal import Ask
from tests.actions.scoring.talk import Talk


@pytest.fixture
def talk(view: PolicyView) -> Talk:
    return Talk(replace(view, category_from=0.5))


def test_one_side_question_does_not_move_the_case(talk: Talk) -> None:
    talk.says("my boiler is dead", categories={"technical": 0.9, "billing": 0.1})
    talk.says("it shows error four", categories={"technical": 0.9, "billing": 0.1})
    talk.says("do you take cards by the way", categories={"billing": 0.8, "technical": 0.2})
    assert talk.picture.category == "technical"
    assert talk.says("get me a human").category == "technical"


def test_a_conversation_that_turns_to_something_else_takes_the_case_with_it(talk: Talk) -> None:
    talk.says("when does my parcel come", categories={"orders_delivery": 1.0})
    for text in ("you charged me twice", "the charge is on my card", "I want that charge back"):
        talk.says(text, categories={"billing": 1.0})
    assert talk.picture.category == "billing"


def test_a_wobble_between_two_subjects_is_general_and_does_not_flip_with_every_turn(talk: Talk) -> None:
    seen = []
    for number in range(6):
        even = {"plan": 0.5, "billing": 0.5} if number % 2 else {"plan": 0.45, "billing": 0.45, "technical": 0.1}
        talk.says(f"sentence number {number}", categories=even)
        seen.append(talk.picture.category)
    assert seen[2:] == [None] * 4
    assert talk.says("get me a human").category == "general"


@pytest.mark.parametrize("given", [{"categories": {}}, {"categories": {}, "form": "refund_form"}])
def test_a_turn_that_says_nothing_of_a_category_changes_nothing(talk: Talk, given: dict[str, object]) -> None:
    talk.says("my boiler is dead", categories={"technical": 0.9, "billing": 0.1})
    for text in ("yes", "LH-10001", "thank you"):
        talk.says(text, **given)
    assert talk.picture.category == "technical"


def test_without_any_votes_the_last_request_says_what_it_is_about(talk: Talk) -> None:
    talk.says("pause my plan", topic="pause_plan", category="plan")
    assert talk.picture.category == "plan"
    talk.says("hm")
    assert talk.picture.category == "plan"


def test_a_risk_with_a_queue_of_its_own_goes_there_whatever_the_conversation_was_about(talk: Talk) -> None:
    talk.says("you charged me twice", categories={"billing": 1.0})
    outcome = talk.says("and somebody hacked my account", categories={"billing": 1.0})
    assert (outcome.action, outcome.category) == (Ask.NOW, "account_security")


def test_votes_fade_until_they_are_forgotten_and_begin_anew_after_a_human(talk: Talk) -> None:
    talk.says("when does my parcel come", categories={"orders_delivery": 0.2, "billing": 0.8})
    for _ in range(12):
        talk.says("the charge on my card", categories={"billing": 1.0})
    assert set(votes_of(talk.picture)) == {"billing"}
    assert after_human(talk.picture).votes == ()


def test_the_categories_of_a_picture_survive_its_json(talk: Talk) -> None:
    talk.says("my boiler is dead", categories={"technical": 0.9, "billing": 0.1})
    assert votes_of(Picture.from_json(talk.picture.to_json())) == {"technical": 0.9, "billing": 0.1}
