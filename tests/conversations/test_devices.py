"""Troubleshooting, step by step."""

from __future__ import annotations

from tests.conversations.assistant import Assistant, Customer


def test_a_kettle_is_gone_through_to_the_end_and_a_repair_booked(maya: Customer, assistant: Assistant) -> None:
    assert maya.says("my kettle doesn't heat").responses == ("utter_troubleshoot_first_step",)
    assert maya.presses("No, not yet").responses == ("utter_troubleshoot_step",)
    assert "Step 3 of 3" in maya.says("it still doesn't work").text
    assert maya.says("no").responses == ("utter_question_wants_repair",)
    assert maya.presses("Yes, book an engineer").responses == ("utter_repair_booked",)
    assert assistant.count("repair_visits") == 1


def test_a_step_that_helps_ends_it(maya: Customer) -> None:
    maya.says("help me with my television")
    maya.presses("Picture, but no sound")
    assert maya.says("yes, it works now").responses == ("utter_troubleshoot_solved",)


def test_a_repair_that_is_not_wanted_offers_a_person(maya: Customer) -> None:
    maya.says("my coffee machine leaks")
    for _ in range(3):
        maya.says("no")
    ended = maya.presses("No, thanks")
    assert ended.responses == ("utter_troubleshoot_unsolved",)
    assert "Talk to a person" in ended.buttons


def test_a_visitor_who_wants_a_repair_says_whose_device_it_is(visitor: Customer, assistant: Assistant) -> None:
    visitor.says("my coffee machine leaks")
    for _ in range(3):
        visitor.says("no")
    assert visitor.says("yes").responses == ("utter_question_account_order_number",)
    visitor.says("LH-10010")
    assert visitor.says("tom.becker@mail.example").responses == ("utter_repair_booked",)
    assert assistant.count("repair_visits") == 1


def test_a_device_without_steps_is_admitted(maya: Customer) -> None:
    told = maya.says("my tablet freezes")
    assert told.responses == ("utter_troubleshoot_unknown",)
    assert "Talk to a person" in told.buttons
