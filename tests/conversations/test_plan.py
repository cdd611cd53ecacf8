"""Conversations about how the plan stands, and about letting it go on."""

from __future__ import annotations

from tests.conversations.assistant import Assistant, Customer


def test_a_running_plan_is_told_with_its_price_and_next_payment(maya: Customer) -> None:
    told = maya.says("is my plan running?")
    assert told.responses == ("utter_plan_state_active",)
    assert "£9.99" in told.text


def test_a_paused_plan_says_until_when(jonas: Customer) -> None:
    told = jonas.says("until when is my plan paused")
    assert told.responses == ("utter_plan_state_paused",)
    assert "resume my plan" in told.text


def test_whoever_has_no_plan_is_told_so(elena: Customer) -> None:
    assert elena.says("do I have a Larkfield Care plan?").responses == ("utter_refused_no_plan",)


def test_how_the_plan_stands_may_be_asked_before_it_is_ended(tom: Customer) -> None:
    tom.says("I want to end my plan")
    told = tom.says("when is my next plan payment?")
    assert told.responses == ("utter_plan_state_active", "utter_question_confirm_end")


def test_a_paused_plan_goes_on_after_a_clear_yes(jonas: Customer, assistant: Assistant) -> None:
    asked = jonas.says("please resume my plan")
    assert asked.responses == ("utter_question_resume_paused",)
    assert "£9.99" in asked.text
    assert jonas.says("yes please").responses == ("utter_plan_resumed",)
    assert assistant.count("effects") == 1
    assert jonas.says("is my plan active").responses == ("utter_plan_state_active",)


def test_a_plan_stays_paused_after_a_no(jonas: Customer, assistant: Assistant) -> None:
    jonas.says("restart my plan")
    assert jonas.presses("No, leave it").responses == ("utter_plan_kept",)
    assert assistant.count("effects") == 0


def test_an_ending_is_taken_back(tom: Customer) -> None:
    tom.says("end my plan")
    tom.says("yes")
    assert tom.says("undo the cancellation of my plan").responses == ("utter_question_resume_ending",)
    assert tom.presses("Yes, go on").responses == ("utter_plan_resumed",)


def test_a_plan_that_runs_has_nothing_to_resume(maya: Customer) -> None:
    assert maya.says("reactivate my plan").responses == ("utter_refused_plan_running",)


def test_a_question_before_the_plan_goes_on_is_answered_first(jonas: Customer) -> None:
    jonas.says("resume my plan")
    answered = jonas.says("how many devices does the plan cover?")
    assert answered.responses == ("utter_faq/plan_devices", "utter_question_resume_paused")
    assert jonas.says("yes").responses == ("utter_plan_resumed",)
