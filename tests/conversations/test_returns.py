"""Conversations about damaged and missing items, returns and refunds."""

from __future__ import annotations

from tests.conversations.assistant import Assistant, Customer


def test_a_refund_within_the_authority_is_paid(maya: Customer, assistant: Assistant) -> None:
    maya.says("I want a refund for LH-10003")
    asked = maya.says("the lid is loose")
    assert asked.responses == ("utter_question_confirm_refund",)
    done = maya.says("yes please")
    assert done.responses == ("utter_refund_done",)
    assert "£39.00" in done.text
    assert assistant.count("refunds") == 1
    assert maya.slots["last_outcome"] == {"action": "action_refund", "outcome": "refunded"}


def test_a_refund_sent_twice_with_one_message_is_paid_once(maya: Customer, assistant: Assistant) -> None:
    """handoff sends a message again when it heard no answer: same identifier, after a rewind."""
    maya.says("refund LH-10003")
    maya.says("broken lid")
    first = maya.says("yes", message_id="message-1")
    assistant.rewind(maya.conversation)
    second = maya.says("yes", message_id="message-1")
    assert first.text == second.text
    assert second.responses == ("utter_refund_done",)
    assert assistant.count("refunds") == 1


def test_a_cancellation_sent_twice_with_one_message_happens_once(maya: Customer, assistant: Assistant) -> None:
    maya.says("cancel LH-10002")
    first = maya.says("yes", message_id="message-2")
    assistant.rewind(maya.conversation)
    assert maya.says("yes", message_id="message-2").text == first.text
    assert assistant.count("effects") == 1


def test_a_refund_over_the_limit_is_handed_over_in_the_same_turn(maya: Customer, assistant: Assistant) -> None:
    """P4: beyond the bot's authority a person decides, and nothing is claimed."""
    maya.says("refund LH-10004 please")
    told = maya.says("I changed my mind")
    assert told.responses == ("utter_refund_above_limit",)
    assert "£649.00" in told.text
    (case,) = assistant.recorder.of(maya.conversation)
    assert case.decision.reason == "authority"
    assert case.decision.kind == "hierarchical"
    assert ("action_refund", "above_authority") in [(step.action, step.outcome) for step in case.attempts]
    assert assistant.count("refunds") == 0


def test_small_refunds_of_one_order_together_stay_within_the_authority(elena: Customer, assistant: Assistant) -> None:
    elena.says("refund LH-10040")
    elena.presses("toaster")
    elena.says("scratched")
    assert elena.says("yes").responses == ("utter_refund_done",)
    elena.says("I want a refund for LH-10040")
    elena.presses("hand blender")
    assert elena.says("too loud").responses == ("utter_refund_above_limit",)
    assert assistant.count("refunds") == 1


def test_an_item_refunded_already_is_not_paid_again(maya: Customer, assistant: Assistant) -> None:
    for text in ("refund LH-10003", "broken lid", "yes"):
        maya.says(text)
    assert maya.says("refund LH-10003").responses == ("utter_refused_already_refunded",)
    assert assistant.count("refunds") == 1


def test_an_old_order_is_not_refunded_and_the_guarantee_is_named(tom: Customer) -> None:
    assert tom.says("I want my money back for LH-10012").responses == ("utter_refused_return_window_over",)


def test_the_reason_may_sound_like_another_request(maya: Customer) -> None:
    maya.says("refund LH-10003")
    assert maya.says("it arrived broken").responses == ("utter_question_confirm_refund",)


def test_a_return_gets_a_label(maya: Customer) -> None:
    maya.says("I want to return LH-10004")
    done = maya.says("too big for the room")
    assert done.responses == ("utter_return_label",)
    assert "https://larkfield.example/returns/" in done.text


def test_a_damaged_item_is_replaced(elena: Customer) -> None:
    elena.says("my toaster arrived broken")
    done = elena.says("the lever is bent")
    assert done.responses == ("utter_problem_replacement",)
    assert "toaster" in done.text


def test_a_missing_item_that_is_out_of_stock_is_followed_up(elena: Customer) -> None:
    elena.says("something was missing from my order LH-10040")
    elena.says("the blender")
    assert elena.says("the whole blender").responses == ("utter_problem_investigation",)
