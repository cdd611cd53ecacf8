"""Conversations about the guarantee of one's own devices, and about repairs."""

from __future__ import annotations

from tests.conversations.assistant import Assistant, Customer


def test_the_guarantee_of_a_named_device_is_told_with_its_last_day(maya: Customer) -> None:
    told = maya.says("is my kettle still under guarantee?")
    assert told.responses == ("utter_guarantee_valid",)
    assert "kettle" in told.text


def test_which_device_is_asked_where_none_is_named(maya: Customer) -> None:
    asked = maya.says("check my guarantee please")
    assert asked.responses == ("utter_question_owned_device",)
    assert "television" in maya.says("the telly, I mean the television").text


def test_a_guarantee_that_is_over_is_said_with_a_way_on(jonas: Customer) -> None:
    told = jonas.says("is my microwave still under warranty")
    assert told.responses == ("utter_guarantee_over",)
    assert "Go through the fault" in told.buttons


def test_a_device_that_was_never_bought_is_not_guessed_at(maya: Customer) -> None:
    told = maya.says("is my tablet still under guarantee?")
    assert told.responses == ("utter_guarantee_not_found",)
    assert "tablet" in told.text


def test_the_guarantee_may_be_asked_about_in_the_middle_of_a_return(maya: Customer) -> None:
    maya.says("I want to return LH-10004")
    told = maya.says("is my kettle still under guarantee?")
    assert told.responses == ("utter_guarantee_valid", "utter_question_return_reason")


def test_the_engineers_day_is_told(priya: Customer, assistant: Assistant) -> None:
    told = priya.says("when does the engineer come?")
    assert told.responses == ("utter_repair_visit",)
    assert "dishwasher" in told.text
    assert assistant.recorder.of(priya.conversation) == []


def test_a_device_in_the_workshop_is_told_with_its_day(tom: Customer) -> None:
    told = tom.says("how far is my repair")
    assert told.responses == ("utter_repair_workshop",)
    assert "smart hub" in told.text


def test_where_no_repair_is_booked_help_is_offered(elena: Customer) -> None:
    told = elena.says("when is the engineer coming to me?")
    assert told.responses == ("utter_repair_none",)
    assert "Something doesn't work" in told.buttons


def test_moving_a_visit_goes_to_a_person_in_the_same_turn(priya: Customer, assistant: Assistant) -> None:
    told = priya.says("I need to move the engineer's visit to another day")
    assert told.responses == ("utter_repair_visit", "utter_repair_change_by_person")
    (case,) = assistant.recorder.of(priya.conversation)
    assert (case.decision.reason, case.decision.category) == ("policy", "technical")
    assert ("action_repair_status", "beyond_authority") in [(step.action, step.outcome) for step in case.attempts]


def test_calling_a_visit_off_goes_to_a_person_too(priya: Customer, assistant: Assistant) -> None:
    priya.says("please cancel the engineer, it works again")
    assert len(assistant.recorder.of(priya.conversation)) == 1


def test_a_repair_that_was_just_booked_is_found(maya: Customer) -> None:
    maya.says("my kettle doesn't heat")
    for _ in range(3):
        maya.says("no")
    maya.presses("Yes, book an engineer")
    told = maya.says("what day is my repair visit?")
    assert told.responses == ("utter_repair_visit",)
    assert "kettle" in told.text
