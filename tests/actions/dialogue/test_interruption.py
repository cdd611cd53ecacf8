"""Inside a form: what answers its question, and what the rules answer first."""

from __future__ import annotations

import pytest

from actions.dialogue.interruption import is_interruption
from actions.dialogue.turn import Turn


@pytest.mark.parametrize(
    ("text", "intent", "slot", "answered", "interrupts"),
    [
        ("LH-10002", "inform", "order_number", True, False),
        ("it's order number 10002", "order_status", "order_number", True, False),
        ("where is LH-10002?", "order_status", "order_number", True, True),
        ("where is LH-10002?", "inform", "order_number", True, True),
        ("cancel my order", "cancel_order", "order_number", False, False),
        ("where is my parcel", "order_status", "order_number", False, True),
        ("how long does a refund take?", "faq", "order_number", False, True),
        ("whenever it suits you", "faq", "delivery_day", False, False),
        ("any news on my refund?", "faq", "delivery_day", False, True),
        ("hello", "greet", "order_number", False, True),
        ("banana", "nlu_fallback", "order_number", False, False),
        ("stop", "stop", "order_number", False, True),
        ("I want a person", "talk_to_person", "reason", True, True),
        ("it arrived broken", "report_problem_item", "reason", True, False),
        ("where is my other order?", "order_status", "reason", True, True),
        ("it is too loud, I had asked before how loud it is", "faq", "reason", True, False),
        ("thanks", "thanks", "reason", True, True),
        ("I changed my mind", "stop", "reason", True, False),
        ("forget it", "stop", "reason", True, True),
        ("yes but not the lamp", "faq", "confirm_cancel", False, False),
        ("yes", "affirm", "confirm_cancel", True, False),
        ("no, where is it", "order_status", "confirm_cancel", True, False),
        ("how do I pay?", "faq", "confirm_cancel", False, True),
        ("the kettle", "troubleshoot_device", "item", True, False),
        ("it works now", "resolution_worked", "step_helped", True, False),
        ("that didn't help", "not_helpful", "step_helped", True, False),
        ("that didn't help", "not_helpful", "order_number", False, True),
        ("actually can I get a refund instead", "return_item", "reason", True, True),
        ("I'd rather have it changed", "change_order", "reason", True, True),
        ("hmm, how long does it take?", "faq", "reason", True, True),
        ("what can you do?", "help_menu", "new_address", False, True),
        ("the toaster?", "inform", "order_number", True, False),
        ("end it", "stop", "confirm_cancel", True, False),
        ("one moment", "wait_please", "order_number", False, True),
        ("sorry, it's LH-10002", "apologise", "order_number", True, False),
        ("say that again please", "repeat_answer", "confirm_cancel", True, True),
        ("I don't follow", "confused", "confirm_cancel", True, True),
        ("one moment please", "wait_please", "step_helped", True, True),
        ("yes, one moment", "wait_please", "confirm_cancel", True, True),
        ("hang on, it's LH-10002", "wait_please", "order_number", True, False),
        ("how long does it take please?", "faq", "confirm_cancel", True, True),
        ("tell me a joke", "joke", "item", False, True),
        ("I don't understand what you mean", "confused", "reason", True, True),
        ("I did not understand how one is meant to switch it on", "confused", "reason", True, False),
        ("stop", "stop", "confirm_cancel", False, True),
    ],
)
def test_a_turn_inside_a_form(text: str, intent: str, slot: str, answered: bool, interrupts: bool) -> None:
    own = "cancel_order" if slot != "reason" else "request_refund"
    assert is_interruption(Turn(text, intent), slot, own, answered=answered) is interrupts


def test_a_button_of_the_form_answers_and_any_other_interrupts() -> None:
    assert not is_interruption(Turn("", "inform", pressed=True), "item", "return_item", answered=True)
    assert not is_interruption(Turn("", "deny", pressed=True), "confirm_end", "end_plan", answered=True)
    assert is_interruption(Turn("", "decline_person", pressed=True), "item", "return_item", answered=False)


def test_a_no_to_the_offer_of_a_person_is_no_answer_to_the_form() -> None:
    turn = Turn("no", "deny", after_offer=True)
    assert is_interruption(turn, "confirm_cancel", "cancel_order", answered=True)


def test_a_postcode_after_a_word_on_delivery_is_no_answer_to_a_yes_or_no() -> None:
    turn = Turn("BT1 4ZZ", "inform", {"postcode": "BT1 4ZZ"})
    assert is_interruption(turn, "confirm_cancel", "cancel_order", answered=False)
    assert not is_interruption(turn, "new_address", "change_address", answered=False)
