"""What happens when something else is said in the middle of a request, and how a customer gets out of it."""

from __future__ import annotations

from handoff.contract import Category, LastCase
from tests.conversations.assistant import Assistant, Customer


def test_a_question_inside_a_form_is_answered_and_the_form_goes_on(maya: Customer) -> None:
    maya.says("cancel LH-10002")
    answered = maya.says("how long do refunds take?")
    assert answered.responses[0].startswith("utter_faq/")
    assert answered.responses[-1] == "utter_question_confirm_cancel"
    assert maya.says("yes").responses == ("utter_order_cancelled_now",)


def test_a_greeting_inside_a_form_is_returned(maya: Customer) -> None:
    maya.says("where is my order")
    assert maya.says("hello").responses == ("utter_greet", "utter_question_order_number_choose")


def test_stop_leaves_the_form_and_forgets_its_answers(maya: Customer, assistant: Assistant) -> None:
    maya.says("refund LH-10003")
    maya.says("broken lid")
    assert maya.says("stop").responses == ("utter_stopped",)
    assert maya.says("yes").responses == ("utter_affirm_without_question",)
    assert "reason" not in maya.slots
    assert assistant.count("effects") == 0


def test_another_request_inside_a_form_takes_over(maya: Customer) -> None:
    maya.says("return something")
    assert maya.says("actually, cancel my order LH-10002").responses == ("utter_question_confirm_cancel",)
    assert maya.says("yes").responses == ("utter_order_cancelled_now",)


def test_a_person_asked_for_inside_a_form_is_called_at_once(maya: Customer, assistant: Assistant) -> None:
    """P3: an explicit request works from anywhere."""
    maya.says("cancel LH-10002")
    assert maya.says("I want to talk to a human").responses == ()
    (case,) = assistant.recorder.of(maya.conversation)
    assert case.decision.reason == "explicit_request"
    assert case.facts["order_number"] == "LH-10002"
    assert maya.says("yes").responses != ("utter_order_cancelled_now",)
    assert assistant.count("effects") == 0


def test_three_answers_that_cannot_be_read_end_the_form_with_help(maya: Customer) -> None:
    maya.says("where is my order")
    assert maya.says("the blue thing").responses[0] == "utter_invalid_order_number_choose"
    assert maya.says("you know, the blue one").responses[0] == "utter_invalid_order_number_choose"
    given_up = maya.says("blue")
    assert given_up.responses[0] == "utter_form_given_up"
    assert "Talk to a person" in given_up.buttons


def test_the_answers_of_one_request_do_not_leak_into_the_next(maya: Customer) -> None:
    for text in ("refund LH-10003", "broken lid", "no"):
        maya.says(text)
    assert maya.says("refund LH-10003").responses == ("utter_question_refund_reason",)


def test_an_order_that_does_not_fit_the_next_request_is_not_taken_up(maya: Customer) -> None:
    maya.says("where is LH-10001")
    asked = maya.says("I want to return something")
    assert asked.responses == ("utter_question_order_number_choose",)


def test_a_message_that_is_not_understood_is_admitted(maya: Customer) -> None:
    told = maya.says("colourless green ideas sleep furiously")
    assert told.responses == ("utter_default",)
    assert "Talk to a person" in told.buttons


def test_a_person_is_one_message_away_from_the_greeting_on(visitor: Customer) -> None:
    assert "person" in visitor.says("hello").text


def test_the_help_menu_starts_what_it_offers(maya: Customer) -> None:
    maya.says("what can you do")
    assert maya.presses("Where is my order?").responses == ("utter_question_order_number_choose",)


def test_how_long_delivery_takes_is_told_inside_a_form_which_then_goes_on(maya: Customer) -> None:
    maya.says("cancel LH-10002")
    answered = maya.says("how long does delivery take?")
    assert answered.responses == ("utter_delivery_options", "utter_question_confirm_cancel")
    assert maya.says("yes").responses == ("utter_order_cancelled_now",)


def test_where_another_order_is_may_be_asked_before_one_is_cancelled(maya: Customer) -> None:
    maya.says("cancel LH-10002")
    told = maya.says("where is LH-10001?")
    assert told.responses == ("utter_order_shipped", "utter_question_confirm_cancel")
    assert "LH-10002" in told.text.splitlines()[-1]
    assert maya.says("yes").responses == ("utter_order_cancelled_now",)


def test_a_question_with_questions_of_its_own_comes_back_to_the_request(maya: Customer) -> None:
    maya.says("refund LH-10003")
    assert maya.says("can I have the invoice first?").responses == ("utter_question_invoice_choose",)
    assert maya.says("the last one").responses == ("utter_invoice_sent", "utter_question_refund_reason")


def test_a_refund_instead_of_a_return_is_no_reason_for_the_return(maya: Customer, assistant: Assistant) -> None:
    maya.says("I want to return the kettle")
    assert maya.says("actually can I get a refund instead").responses == ("utter_question_refund_reason",)
    assert assistant.count("returns") == 0


def test_whoever_says_goodbye_is_not_asked_on(maya: Customer) -> None:
    maya.says("return the kettle")
    assert maya.says("bye").responses == ("utter_goodbye",)
    assert maya.says("hello").responses == ("utter_greet",)


def test_what_it_can_do_may_be_asked_where_an_address_is_wanted(maya: Customer) -> None:
    maya.says("change my address")
    assert maya.says("what can you do?").responses == ("utter_help_menu", "utter_question_new_address")


def test_a_question_of_a_form_can_be_heard_again(maya: Customer) -> None:
    asked = maya.says("cancel LH-10002")
    again = maya.says("can you say that again please")
    assert again.responses == ("utter_repeat", "utter_question_confirm_cancel")
    assert again.text.endswith(asked.text)
    assert again.buttons == asked.buttons
    assert maya.says("yes").responses == ("utter_order_cancelled_now",)


def test_an_answer_can_be_heard_again_word_for_word(maya: Customer) -> None:
    told = maya.says("where is LH-10001")
    again = maya.says("what did you just say")
    assert again.responses[0] == "utter_repeat"
    assert again.text.splitlines()[1:] == told.text.splitlines()
    assert maya.says("say it again").text.splitlines()[1:] == told.text.splitlines()


def test_before_anything_was_said_there_is_nothing_to_say_again(maya: Customer) -> None:
    assert maya.says("repeat that").responses == ("utter_nothing_to_repeat",)


def test_whoever_does_not_follow_a_question_is_told_what_is_expected(maya: Customer) -> None:
    maya.says("where is my order")
    told = maya.says("I don't understand what you mean")
    assert told.responses == ("utter_hint_order_number", "utter_question_order_number_choose")
    assert maya.says("LH-10001").responses == ("utter_order_shipped",)


def test_whoever_does_not_follow_an_answer_is_offered_the_menu_and_a_person(maya: Customer) -> None:
    told = maya.says("I'm confused")
    assert told.responses == ("utter_confused",)
    assert set(told.buttons.values()) == {"/help_menu", "/talk_to_person"}


def test_looking_for_the_number_does_not_cost_an_attempt(visitor: Customer) -> None:
    visitor.says("where is my order")
    for _ in range(4):
        assert visitor.says("one moment please").responses == ("utter_wait", "utter_question_order_number")


RESOLVED = '/EXTERNAL_case_resolved{"outcome": "The carrier found your parcel.", "agent": "Ben", "case": "WL-1001"}'
CASE = LastCase(id="case-7", number="WL-1001", category=Category.ORDERS_DELIVERY, outcome="The carrier found it.")


def test_the_outcome_of_a_case_is_told_and_whether_it_worked_is_asked(maya: Customer) -> None:
    """P26, P27."""
    told = maya.says(RESOLVED)
    assert told.responses == ("utter_case_resolved",)
    assert "The carrier found your parcel." in told.text
    assert "WL-1001" in told.text
    assert maya.presses("Yes").responses == ("utter_resolution_worked",)


def test_a_solution_that_failed_is_reopened_with_one_tap(maya: Customer, assistant: Assistant) -> None:
    """P26."""
    maya.last_case = CASE
    maya.says(RESOLVED)
    maya.presses("No, it isn't")
    assert assistant.recorder.reopened == ["case-7"]


def test_whoever_has_no_order_number_chooses_from_their_orders(maya: Customer) -> None:
    maya.says("hi, where's my parcel??")
    told = maya.says("i dont have the number")
    assert told.responses == ("utter_no_order_number_choose", "utter_question_order_number_choose")
    assert maya.says("the speaker one").responses == ("utter_order_processing",)


def test_an_order_that_has_arrived_may_be_named_by_what_is_in_it(maya: Customer) -> None:
    maya.says("where's my order?")
    assert maya.says("the kettle i think").responses == ("utter_order_delivered",)


def test_a_visitor_without_an_order_number_is_not_asked_for_it_again(visitor: Customer) -> None:
    visitor.says("where is my order")
    told = visitor.says("I don't know it I'm afraid, it was in an e-mail")
    assert told.responses == ("utter_no_order_number",)
    assert "Talk to a person" in told.buttons


def test_what_an_order_number_is_may_be_asked(visitor: Customer) -> None:
    visitor.says("where is my washing machine")
    told = visitor.says("what the hell is an order number, you have my name")
    assert "utter_hint_order_number" in told.responses


def test_a_number_put_right_where_the_address_is_asked_for_is_taken_up(visitor: Customer) -> None:
    visitor.says("where is my order")
    visitor.says("LH-99999")
    assert visitor.says("sorry LH-10001").responses == ("utter_question_email",)
    assert visitor.says("maya.lind@mail.example").responses == ("utter_order_shipped",)


def test_a_mistyped_address_is_put_right_without_the_number_once_more(visitor: Customer) -> None:
    visitor.says("where is my order LH-10001")
    told = visitor.says("maya.lind@mail.exampel")
    assert told.responses == ("utter_order_not_matched", "utter_question_number_or_email")
    assert visitor.says("maya.lind@mail.example").responses == ("utter_order_shipped",)


def test_how_long_it_takes_is_about_the_money_after_a_refund(maya: Customer) -> None:
    for text in ("i want my money back for the kettle", "the lid is cracked, it leaks everywhere", "yes please"):
        maya.says(text)
    assert maya.says("how long will it take?").responses == ("utter_faq/returns_refunds_refund_time",)


def test_a_person_is_had_in_ones_own_language(visitor: Customer, assistant: Assistant) -> None:
    """P3: an explicit request works in whatever language it is put."""
    visitor.says("Ich möchte bitte mit einem Menschen sprechen")
    (case,) = assistant.recorder.of(visitor.conversation)
    assert case.decision.reason == "explicit_request"
