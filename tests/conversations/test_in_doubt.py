"""When the assistant is not sure it asks; when it does not know it says so; whoever has to ask again gets a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.conversations.assistant import Assistant, Customer

MAY_MEAN_TWO = (
    "how do I clean and descale my coffee machine",
    "tell me about returns and refunds",
    "Larkfield Care",
    "returns",
    "descaling and cleaning",
    "do you give tours of the warehouse",
    "cleaning, descaling",
    "moving abroad with the plan",
    "spare parts or how long the guarantee lasts",
    "descaling or error codes",
    "water filters or which phones the app runs on",
    "connect to wifi or to the app",
    "pairing with the app or with the wifi",
    "a parcel left with a neighbour or a delivery on a bank holiday",
    "transport bolts or voice assistants",
    "when something is back in stock or where a parcel may be left",
)
"""Which of them the assistant doubts changes with its examples: a test takes the first that it does."""
NOT_KNOWN = (
    "can I buy shares in Larkfield",
    "can you print photos",
    "can your engineers mend my bike",
    "do you sell houses with the oven already built in",
    "do you print pictures on mugs",
    "can I borrow a fridge for a party",
    "which colour do the delivery vans have",
    "do your vans run on electricity",
    "give my order to my brother for his birthday",
    "my loyalty points",
    "my contract",
)
NONSENSE = "colourless green ideas sleep furiously"


def first_that(assistant: Assistant, texts: Iterable[str], suits: Callable[[dict[str, Any]], object]) -> str:
    """The first text of which the pipeline thinks so."""
    for text in texts:
        if suits(assistant.understood(text)):
            return text
    pytest.fail("none of the texts is in doubt any more: add some that may well mean two things, or are not known")


@pytest.fixture
def doubtful(assistant: Assistant) -> str:
    """A message that may mean two frequent questions."""

    def two_questions(understood: dict[str, Any]) -> bool:
        torn = understood.get("torn_between", ())
        return bool(torn) and all("/" in topic for topic in torn)

    return first_that(assistant, MAY_MEAN_TWO, two_questions)


@pytest.fixture
def unknown(assistant: Assistant) -> str:
    """A message that is not understood, and near to some topics."""
    return first_that(assistant, NOT_KNOWN, lambda understood: understood.get("nearest"))


def test_a_message_that_may_mean_two_things_is_asked_back(maya: Customer, doubtful: str) -> None:
    asked = maya.says(doubtful)
    assert asked.responses == ("utter_which",)
    assert len(asked.buttons) == 3
    assert list(asked.buttons)[-1] == "Something else"
    for title in list(asked.buttons)[:2]:
        assert title.lower() in asked.text.lower()


def test_pressing_one_of_the_two_answers_it(maya: Customer, assistant: Assistant, doubtful: str) -> None:
    first, second = assistant.understood(doubtful)["torn_between"]
    maya.says(doubtful)
    maya.presses(list(maya.offered)[1])
    assert maya.slots["topic"] == second
    maya.says(doubtful)
    answered = maya.presses(next(iter(maya.offered)))
    assert answered.responses == (f"utter_{first}",)


def test_the_choice_may_be_typed_too(maya: Customer, assistant: Assistant, doubtful: str) -> None:
    _, second = assistant.understood(doubtful)["torn_between"]
    maya.says(doubtful)
    assert maya.says("the second one").responses == (f"utter_{second}",)


def test_the_name_of_a_choice_may_be_typed(maya: Customer, assistant: Assistant, doubtful: str) -> None:
    first, _ = assistant.understood(doubtful)["torn_between"]
    asked = maya.says(doubtful)
    assert maya.says(next(iter(asked.buttons))).responses == (f"utter_{first}",)


def test_something_else_is_heard(maya: Customer, doubtful: str) -> None:
    maya.says(doubtful)
    answered = maya.presses("Something else")
    assert answered.responses == ("utter_something_else",)
    assert "Talk to a person" in answered.buttons


def test_neither_is_something_else(maya: Customer, doubtful: str) -> None:
    maya.says(doubtful)
    assert maya.says("neither").responses == ("utter_something_else",)


def test_nobody_is_asked_back_twice_in_a_row(maya: Customer, doubtful: str) -> None:
    assert maya.says(doubtful).responses == ("utter_which",)
    assert "utter_which" not in maya.says(doubtful).responses


def test_a_clear_request_instead_of_a_choice_is_simply_met(maya: Customer, doubtful: str) -> None:
    maya.says(doubtful)
    assert maya.says("cancel LH-10002").responses == ("utter_question_confirm_cancel",)


def test_inside_a_form_nothing_is_asked_back(maya: Customer, doubtful: str) -> None:
    maya.says("cancel LH-10002")
    answered = maya.says(doubtful)
    assert "utter_which" not in answered.responses
    assert answered.responses[-1] == "utter_question_confirm_cancel"


def test_a_person_asked_for_instead_of_a_choice_comes(maya: Customer, assistant: Assistant, doubtful: str) -> None:
    maya.says(doubtful)
    maya.says("just get me a human")
    (case,) = assistant.recorder.of(maya.conversation)
    assert case.decision.reason == "explicit_request"
    assert "which_request" not in maya.slots


def test_what_is_not_known_is_admitted_with_the_nearest_topics_and_a_person(maya: Customer, unknown: str) -> None:
    told = maya.says(unknown)
    assert told.responses == ("utter_not_known_nearest",)
    assert list(told.buttons)[-1] == "Talk to a person"
    assert 2 <= len(told.buttons) <= 4


def test_a_topic_that_comes_near_is_answered_when_it_is_pressed(
    maya: Customer, assistant: Assistant, unknown: str
) -> None:
    nearest = assistant.understood(unknown)["nearest"][0]
    maya.says(unknown)
    maya.presses(next(iter(maya.offered)))
    assert maya.slots["topic"] == nearest


def test_a_topic_pressed_while_something_else_is_asked_is_answered_and_the_form_goes_on(
    maya: Customer, doubtful: str
) -> None:
    maya.says(doubtful)
    offered = dict(maya.offered)
    maya.says("cancel LH-10002")
    maya.offered = offered
    answered = maya.presses(next(iter(offered)))
    assert answered.responses[0].startswith("utter_faq/")
    assert answered.responses[-1] == "utter_question_confirm_cancel"
    assert maya.says("yes").responses == ("utter_order_cancelled_now",)


def test_a_request_pressed_in_the_middle_of_another_is_met_and_the_form_goes_on(maya: Customer) -> None:
    maya.says("cancel LH-10002")
    told = maya.says('/choose_topic{"topic": "delivery_options"}')
    assert told.responses == ("utter_delivery_options", "utter_question_confirm_cancel")
    other = maya.says('/choose_topic{"topic": "return_item"}')
    assert other.responses == ("utter_question_order_number_choose",)


def test_nonsense_gets_no_topics(maya: Customer) -> None:
    told = maya.says(NONSENSE)
    assert told.responses == ("utter_default",)
    assert list(told.buttons) == ["What can you do?", "Talk to a person"]


def test_a_question_that_failed_twice_brings_the_offer_of_a_person(maya: Customer, unknown: str) -> None:
    maya.says(unknown)
    again = maya.says(unknown)
    assert again.responses[-1] == "utter_offer_person"


def test_an_answer_that_did_not_help_and_the_same_in_other_words_brings_the_offer_of_a_person(maya: Customer) -> None:
    maya.says("how long does a refund take?")
    maya.says("that didn't help")
    again = maya.says("so when would the refund reach me, how long will it be?")
    assert again.responses[-1] == "utter_offer_person"


def test_a_yes_to_this_or_that_is_asked_once_more(maya: Customer, assistant: Assistant, doubtful: str) -> None:
    first, _ = assistant.understood(doubtful)["torn_between"]
    maya.says(doubtful)
    assert maya.says("yes").responses == ("utter_which",)
    assert maya.says("the first one").responses == (f"utter_{first}",)
