"""Conversations about refunds and returns that are under way, and about keeping an item after all."""

from __future__ import annotations

from tests.conversations.assistant import Assistant, Customer


def test_the_refund_under_way_is_told_with_its_day(elena: Customer) -> None:
    told = elena.says("where is my refund?")
    assert told.responses == ("utter_money_sent",)
    assert "£24.50" in told.text
    assert "LH-10042" in told.text


def test_a_refund_that_is_overdue_can_be_traced_by_a_person(jonas: Customer, assistant: Assistant) -> None:
    told = jonas.says("I still haven't got the money back for LH-10032")
    assert told.responses == ("utter_money_sent_overdue",)
    assert jonas.presses("Have a person trace it").responses == ()
    (case,) = assistant.recorder.of(jonas.conversation)
    assert case.decision.category == "returns_refunds"
    assert case.problem == "the money from order LH-10032"


def test_whoever_waits_for_no_money_is_told_how_to_ask_for_some(tom: Customer) -> None:
    tom.says("cancel my return")
    tom.says("yes")
    told = tom.says("has my refund been paid?")
    assert told.responses == ("utter_money_none",)
    assert "I want a refund" in told.text


def test_the_money_of_a_cancelled_order_is_free_by_a_day(maya: Customer) -> None:
    maya.says("please cancel LH-10002")
    maya.says("yes")
    told = maya.says("when is the money for LH-10002 back on my card?")
    assert told.responses == ("utter_money_set_free",)
    assert "£108.00" in told.text


def test_a_visitor_hears_of_a_refund_after_proving_whose_it_is(visitor: Customer) -> None:
    assert visitor.says("where is my refund").responses == ("utter_question_order_number",)
    visitor.says("LH-10042")
    assert visitor.says("elena.rossi@mail.example").responses == ("utter_money_sent",)


def test_a_refund_may_be_asked_about_in_the_middle_of_a_cancellation(elena: Customer) -> None:
    elena.says("cancel LH-10041")
    told = elena.says("where is my refund for LH-10042?")
    assert told.responses == ("utter_money_sent", "utter_question_confirm_cancel")
    assert "LH-10041" in told.text.splitlines()[-1]


def test_a_parcel_that_has_arrived_is_told_with_the_day_of_the_money(priya: Customer) -> None:
    told = priya.says("have you received my return?")
    assert told.responses == ("utter_return_received",)
    assert "£79.00" in told.text


def test_a_return_that_was_not_handed_in_says_until_when(tom: Customer) -> None:
    told = tom.says("what's the status of my return")
    assert told.responses == ("utter_return_registered",)
    assert "table lamp" in told.text


def test_where_nothing_was_returned_a_return_is_offered(maya: Customer) -> None:
    assert maya.says("did my return arrive?").responses == ("utter_return_none",)


def test_a_return_of_somebody_else_is_not_shown(maya: Customer) -> None:
    told = maya.says("has the return for LH-10022 reached you?")
    assert told.responses[0] == "utter_order_not_yours"
    assert "headphones" not in told.text


def test_a_return_is_called_off_after_a_clear_yes_and_the_item_kept(tom: Customer) -> None:
    asked = tom.says("please cancel my return, I'm keeping the lamp")
    assert asked.responses == ("utter_question_confirm_keep",)
    assert "table lamp" in asked.text
    assert tom.presses("Yes, I'll keep it").responses == ("utter_return_cancelled",)
    assert tom.says("what's happening with my return").responses == ("utter_return_none",)


def test_a_return_goes_on_after_a_no(tom: Customer, assistant: Assistant) -> None:
    tom.says("cancel the return of LH-10014")
    assert tom.presses("No, it's going back").responses == ("utter_return_goes_on",)
    assert assistant.count("effects") == 0


def test_a_parcel_that_has_arrived_cannot_be_called_back(priya: Customer) -> None:
    told = priya.says("I want to keep the headphones after all, cancel the return of LH-10022")
    assert told.responses == ("utter_refused_return_received",)
    assert "Talk to a person" in told.buttons


def test_a_question_before_a_return_is_called_off_is_answered_first(tom: Customer) -> None:
    tom.says("cancel my return please")
    answered = tom.says("how long do I have to return something?")
    assert answered.responses == ("utter_faq/returns_refunds_return_period", "utter_question_confirm_keep")
    assert tom.says("yes").responses == ("utter_return_cancelled",)


def test_a_return_called_off_twice_by_one_message_is_called_off_once(tom: Customer, assistant: Assistant) -> None:
    """handoff sends a message again when it heard no answer: same identifier, after a rewind."""
    tom.says("cancel my return")
    first = tom.says("yes", message_id="message-9")
    assistant.rewind(tom.conversation)
    assert tom.says("yes", message_id="message-9").text == first.text
    assert assistant.count("effects") == 1
