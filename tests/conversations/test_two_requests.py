"""One message, two requests: both are met, the second without being asked for again."""

from __future__ import annotations

import pytest

from tests.conversations.assistant import Assistant, Customer

REFUND_TIME = "utter_faq/returns_refunds_refund_time"


def test_where_is_my_parcel_and_you_charged_me_twice_gets_both(maya: Customer) -> None:
    asked = maya.says("where is my parcel, and you charged me twice")
    assert asked.responses[-1] == "utter_question_order_number_choose"
    told = maya.says("LH-10001")
    assert told.responses == ("utter_order_shipped", "utter_next_request", "utter_charge_hold")
    assert "a charge that you'd like explained" in told.text


def test_a_question_beside_an_order_is_answered_at_once(maya: Customer) -> None:
    told = maya.says("where is LH-10001, and how long does a refund take?")
    assert told.responses == ("utter_order_shipped", "utter_next_request", REFUND_TIME)
    assert "how long a refund takes" in told.text


def test_of_two_questions_both_are_answered(maya: Customer) -> None:
    told = maya.says("What are your opening hours and do you deliver to the Isle of Man?")
    assert told.responses == (
        "utter_faq/general_opening_hours",
        "utter_next_request",
        "utter_faq/orders_delivery_areas",
    )


def test_a_question_first_and_then_a_request_that_asks_back(maya: Customer) -> None:
    asked = maya.says("What are your opening hours? Also, I need a copy of my invoice.")
    assert asked.responses == (
        "utter_faq/general_opening_hours",
        "utter_next_request",
        "utter_question_invoice_choose",
    )
    assert maya.says("the last one").responses == ("utter_invoice_sent",)


def test_each_of_two_requests_keeps_its_own_order(maya: Customer, assistant: Assistant) -> None:
    asked = maya.says("Please cancel LH-10002 and tell me where LH-10001 is")
    assert asked.responses == ("utter_question_confirm_cancel",)
    assert "LH-10002" in asked.text
    told = maya.says("yes")
    assert told.responses == ("utter_order_cancelled_now", "utter_next_request", "utter_order_shipped")
    assert "where your order LH-10001 is" in told.text
    assert assistant.count("effects") == 1


def test_the_second_request_follows_where_the_first_was_refused(maya: Customer) -> None:
    told = maya.says("cancel LH-10001, and how long does a refund take?")
    assert told.responses == ("utter_refused_already_shipped", "utter_next_request", REFUND_TIME)


def test_the_second_request_follows_where_the_first_is_called_off(maya: Customer, assistant: Assistant) -> None:
    maya.says("cancel LH-10002, and what delivery can I choose?")
    assert maya.says("no").responses == ("utter_cancel_dropped", "utter_next_request", "utter_delivery_options")
    assert assistant.count("effects") == 0


def test_stopping_the_first_request_brings_the_second_and_not_the_first_again(maya: Customer) -> None:
    maya.says("Please cancel LH-10002 and tell me where LH-10001 is")
    assert maya.says("stop").responses == ("utter_stopped", "utter_next_request", "utter_order_shipped")
    assert maya.says("yes").responses == ("utter_affirm_without_question",)


def test_stopping_the_second_request_ends_it(maya: Customer) -> None:
    maya.says("What are your opening hours? Also, I need a copy of my invoice.")
    assert maya.says("stop").responses == ("utter_stopped",)
    assert maya.says("hello").responses == ("utter_greet",)


def test_whoever_says_goodbye_is_not_kept_with_a_second_request(maya: Customer) -> None:
    maya.says("cancel LH-10002, and what delivery can I choose?")
    assert maya.says("bye").responses == ("utter_goodbye",)
    assert maya.says("hello").responses == ("utter_greet",)


def test_a_second_request_that_is_asked_for_by_itself_is_not_taken_again(maya: Customer) -> None:
    maya.says("cancel LH-10002, and how long does a refund take?")
    assert maya.says("how long does a refund take?").responses[0] == REFUND_TIME
    assert maya.says("yes").responses == ("utter_order_cancelled_now",)


def test_two_requests_in_the_middle_of_a_third_are_both_met(maya: Customer) -> None:
    maya.says("cancel LH-10002")
    told = maya.says("how long does a refund take? and where is LH-10001?")
    assert told.responses == (REFUND_TIME, "utter_question_confirm_cancel")
    done = maya.says("yes")
    assert done.responses == ("utter_order_cancelled_now", "utter_next_request", "utter_order_shipped")


def test_a_person_who_takes_over_sees_the_second_request(maya: Customer, assistant: Assistant) -> None:
    maya.says("my address has changed, and I'd also like to pause my plan")
    maya.says("I want to talk to a human")
    (case,) = assistant.recorder.of(maya.conversation)
    assert case.problem == "changing your address, and pausing your Larkfield Care plan"
    assert case.facts["also_asked"] == "pausing your Larkfield Care plan"
    assert "next_request" not in maya.slots


def test_an_unverified_visitor_is_asked_for_what_either_request_needs(visitor: Customer) -> None:
    visitor.says("I can't get into my account. And where's my parcel?")
    sent = visitor.says("maya.lind@mail.example")
    assert sent.responses == ("utter_access_link_sent", "utter_next_request", "utter_question_order_number")
    assert visitor.says("LH-10001").responses == ("utter_order_shipped",)


def test_a_fault_in_one_breath_with_an_invoice_is_first_mended(maya: Customer) -> None:
    first = maya.says("the dishwasher doesn't drain; besides that I need last month's invoice")
    assert first.responses == ("utter_troubleshoot_first_step",)
    mended = maya.says("yes, it works")
    assert mended.responses == ("utter_troubleshoot_solved", "utter_next_request", "utter_question_invoice_choose")


def test_a_turn_that_is_sent_again_after_a_crash_answers_both_again(maya: Customer, assistant: Assistant) -> None:
    first = maya.says("where is LH-10001, and how long does a refund take?", message_id="m-1")
    assistant.rewind(maya.conversation)
    again = maya.says("where is LH-10001, and how long does a refund take?", message_id="m-1")
    assert again.responses == first.responses


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Hi, how are you? Where is LH-10001?", "utter_order_shipped"),
        ("where is LH-10001, I'm really annoyed", "utter_order_shipped"),
        ("cancel LH-10002 and get my money back", "utter_question_confirm_cancel"),
    ],
)
def test_a_greeting_an_angry_word_or_a_consequence_is_no_second_request(maya: Customer, text: str, first: str) -> None:
    maya.says(text)
    assert "next_request" not in maya.slots


def test_two_requests_are_found_behind_anger(maya: Customer) -> None:
    told = maya.says("this is the worst company ever, where is LH-10001? and you charged me twice, idiots!!")
    kind_words = {"utter_acknowledge", "utter_offer_person"}
    assert [name for name in told.responses if name not in kind_words] == [
        "utter_order_shipped",
        "utter_next_request",
        "utter_charge_hold",
    ]
