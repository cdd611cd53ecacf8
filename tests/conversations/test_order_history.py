"""Conversations about the orders one has placed, another delivery day, and the confirmation once more."""

from __future__ import annotations

from tests.conversations.assistant import Assistant, Customer


def test_the_orders_are_listed_and_one_of_them_chosen(maya: Customer) -> None:
    listed = maya.says("show me my orders")
    assert listed.responses == ("utter_orders_listed",)
    assert "LH-10001" in listed.text
    assert "on its way" in listed.text
    assert maya.presses("LH-10001").responses == ("utter_order_shipped",)


def test_whoever_forgot_the_number_of_an_order_finds_it(tom: Customer) -> None:
    assert "LH-10013" in tom.says("I can't remember my order number").text


def test_a_visitor_proves_whose_orders_they_are(visitor: Customer) -> None:
    assert visitor.says("list my orders").responses == ("utter_question_account_order_number",)
    visitor.says("LH-10040")
    assert visitor.says("maya.lind@mail.example").responses[0] == "utter_order_not_matched"
    visitor.says("LH-10040")
    listed = visitor.says("elena.rossi@mail.example")
    assert listed.responses == ("utter_orders_listed",)
    assert "LH-10001" not in listed.text


def test_the_orders_may_be_looked_at_before_one_is_cancelled(maya: Customer) -> None:
    maya.says("cancel LH-10002")
    told = maya.says("what have I ordered?")
    assert told.responses == ("utter_orders_listed", "utter_question_confirm_cancel")


def test_a_delivery_is_moved_to_a_day_from_the_list(maya: Customer, assistant: Assistant) -> None:
    asked = maya.says("move the delivery of LH-10002 to another day")
    assert asked.responses == ("utter_question_delivery_day",)
    day = next(iter(asked.buttons))
    confirmed = maya.presses(day)
    assert confirmed.responses == ("utter_question_confirm_day",)
    assert day in confirmed.text
    done = maya.presses("Yes, move it")
    assert done.responses == ("utter_delivery_moved",)
    assert day in done.text
    assert day in maya.says("where is LH-10002?").text
    assert assistant.count("effects") == 1


def test_a_delivery_day_is_corrected_before_it_is_moved(maya: Customer, assistant: Assistant) -> None:
    asked = maya.says("reschedule LH-10002")
    first, second = list(asked.buttons)[:2]
    maya.presses(first)
    assert maya.presses("No, leave it").responses == ("utter_day_kept",)
    assert assistant.count("effects") == 0
    maya.says("move my delivery LH-10002")
    maya.presses(second)
    assert second in maya.says("yes").text


def test_a_day_that_is_not_possible_is_declined_and_another_asked_for(maya: Customer) -> None:
    maya.says("postpone the delivery of LH-10002")
    declined = maya.says("1 January 2099")
    assert declined.responses == ("utter_day_not_possible", "utter_question_delivery_day")
    assert maya.says("whenever it suits you").responses[0] == "utter_invalid_delivery_day"


def test_an_overdue_delivery_cannot_be_moved_and_what_happens_is_said(jonas: Customer) -> None:
    told = jonas.says("can you deliver LH-10030 on another day")
    assert told.responses == ("utter_refused_too_late_to_move",)
    assert "pick-up point" in told.text


def test_a_delivered_order_cannot_be_moved(maya: Customer) -> None:
    assert maya.says("change the delivery date of LH-10003").responses == ("utter_refused_already_delivered",)


def test_a_delivery_moved_twice_by_one_message_is_moved_once(maya: Customer, assistant: Assistant) -> None:
    asked = maya.says("I need another delivery day for LH-10002")
    maya.presses(next(iter(asked.buttons)))
    first = maya.says("yes", message_id="message-5")
    assistant.rewind(maya.conversation)
    assert maya.says("yes", message_id="message-5").text == first.text
    assert assistant.count("effects") == 1


def test_a_question_before_the_delivery_is_moved_is_answered_first(maya: Customer) -> None:
    maya.says("move the delivery of LH-10002")
    answered = maya.says("how long do refunds take?")
    assert answered.responses == ("utter_faq/returns_refunds_refund_time", "utter_question_delivery_day")
    assert maya.says("stop").responses == ("utter_stopped",)


def test_a_confirmation_is_sent_again_to_the_address_on_file(maya: Customer, assistant: Assistant) -> None:
    sent = maya.says("please send me the order confirmation for LH-10002 again")
    assert sent.responses == ("utter_confirmation_sent",)
    assert "m***@mail.example" in sent.text
    assert assistant.count("outbox") == 1


def test_which_confirmation_is_asked_where_there_are_several_orders(maya: Customer) -> None:
    assert maya.says("I never got a confirmation e-mail").responses == ("utter_question_order_number_choose",)
    assert maya.says("the last one").responses == ("utter_confirmation_sent",)


def test_the_confirmation_of_somebody_elses_order_is_not_sent(maya: Customer, assistant: Assistant) -> None:
    assert maya.says("resend the confirmation of LH-10010").responses[0] == "utter_order_not_yours"
    assert assistant.count("outbox") == 0


def test_a_visitor_gets_a_confirmation_only_with_the_right_email(visitor: Customer, assistant: Assistant) -> None:
    visitor.says("my order confirmation hasn't arrived")
    visitor.says("LH-10041")
    assert visitor.says("tom.becker@mail.example").responses[0] == "utter_order_not_matched"
    visitor.says("LH-10041")
    assert visitor.says("elena.rossi@mail.example").responses == ("utter_confirmation_sent",)
    assert assistant.count("outbox") == 1
