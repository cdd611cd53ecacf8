"""First help, then a person: where an answer did not help, another one is proposed before anybody is offered (P11)."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa_sdk.executor import ActionExecutor

from actions.another_answer import ActionAnotherAnswer
from actions.brain import Brain
from actions.content import ContentError, OtherAnswers, load_other_answers
from actions.requests import request_actions
from actions.score_turn import ActionValidateSlotMappings
from actions.wording import Problems
from handoff.contract import DecisionAction
from tests.actions.escalation_cast import Rasa, ScriptedFrustration
from tests.data.test_content import SELF_SERVICE, by_intent
from warmline.policy import EscalationPolicy

DATA = Path(__file__).resolve().parents[2] / "data"
SHIPPED = load_other_answers(DATA)
WIFI = "faq/technical_connect_wifi"


@pytest.fixture
def rasa(brain: Brain) -> Rasa:
    executor = ActionExecutor()
    for action in (ActionValidateSlotMappings(brain), ActionAnotherAnswer(brain, SHIPPED), *request_actions(brain)):
        executor.register_action(action)
    return Rasa(executor)


async def says_that_it_did_not_help(rasa: Rasa) -> tuple[list[str], list[str]]:
    """What the bot answers, and the titles of the buttons below."""
    await rasa.hears("that didn't help", "not_helpful")
    await rasa.runs("action_another_answer")
    told = [message for message in rasa.said if message.get("response") and message["response"] != "utter_acknowledge"]
    for event, message in zip(rasa.events[-1:], told, strict=True):
        event["data"]["buttons"] = message["buttons"]
    return [message["response"] for message in told], [b["title"] for message in told for b in message["buttons"]]


async def test_after_an_answer_about_a_device_the_step_by_step_help_is_proposed(rasa: Rasa) -> None:
    await rasa.hears("how do I connect the speaker", WIFI)
    rasa.does("utter_faq", f"utter_{WIFI}")
    decision = rasa.decision
    responses, titles = await says_that_it_did_not_help(rasa)
    assert decision.action is DecisionAction.NONE
    assert responses == ["utter_another_answer"]
    assert titles == ["A device that isn't working as it should", "Manuals", "Talk to a person"]
    assert rasa.slots["problem"] == "connecting a device to Wi-Fi"


async def test_after_where_an_order_is_a_refund_within_the_limit_is_proposed(rasa: Rasa) -> None:
    """P4: the assistant may decide it without asking anyone."""
    await rasa.hears("where is LH-10001", "order_status", order_number="LH-10001")
    rasa.does("action_order_status", "utter_order_shipped")
    _, titles = await says_that_it_did_not_help(rasa)
    assert "Your refund" in titles


async def test_what_was_asked_or_proposed_already_is_not_proposed_again(rasa: Rasa) -> None:
    await rasa.hears("I want my money", "request_refund")
    await rasa.hears("where is LH-10001", "order_status", order_number="LH-10001")
    rasa.does("action_order_status", "utter_order_shipped")
    _, titles = await says_that_it_did_not_help(rasa)
    assert titles == ["A parcel that got lost", "Cancelling your order", "Talk to a person"]
    responses, _ = await says_that_it_did_not_help(rasa)
    assert responses == ["utter_not_helpful"]


async def test_a_person_is_offered_only_after_another_answer_was_proposed(rasa: Rasa) -> None:
    await rasa.hears("how do I connect the speaker", WIFI)
    first = await rasa.hears("that didn't help", "not_helpful")
    second = await rasa.hears("no, that didn't help either", "not_helpful")
    assert [first.action, second.action] == [DecisionAction.NONE, DecisionAction.OFFER]


async def test_a_mildly_annoyed_customer_is_helped_and_acknowledged_before_anybody_is_offered(
    rasa: Rasa, feelings: ScriptedFrustration
) -> None:
    feelings.scores = {"not again, where is it": 0.6}
    decision = await rasa.hears("not again, where is it", "order_status")
    assert (decision.action, rasa.responses) == (DecisionAction.NONE, ["utter_acknowledge"])


async def test_what_was_not_understood_is_no_answer_to_a_question_before_it(rasa: Rasa) -> None:
    await rasa.hears("how do I connect the speaker", WIFI)
    await rasa.hears("flurb the wozzle", "nlu_fallback", 0.2)
    rasa.does("action_not_known", "utter_default")
    responses, _ = await says_that_it_did_not_help(rasa)
    assert responses == ["utter_not_helpful"]


async def test_without_an_answer_before_it_the_customer_is_asked_what_is_missing(rasa: Rasa) -> None:
    responses, _ = await says_that_it_did_not_help(rasa)
    assert responses == ["utter_not_helpful"]


async def test_inside_a_form_nothing_else_is_proposed(rasa: Rasa) -> None:
    await rasa.hears("where is my order", "order_status")
    rasa.loop = {"name": "order_status_form"}
    rasa.slots["requested_slot"] = "order_number"
    responses, _ = await says_that_it_did_not_help(rasa)
    assert responses == ["utter_not_helpful"]


def test_every_topic_that_is_proposed_is_one_with_a_name(problems: Problems) -> None:
    topics = SELF_SERVICE | set(by_intent("faq"))
    proposed = {topic for others in SHIPPED.another_answer.values() for topic in others}
    assert proposed <= topics
    assert [topic for topic in proposed if problems.title(topic) is None] == []


def test_every_request_and_every_question_but_those_about_the_house_has_something_else(
    policy: EscalationPolicy,
) -> None:
    topics = SELF_SERVICE | {key for key in by_intent("faq") if policy.category_of(key) != "general"}
    assert [topic for topic in sorted(topics) if not set(SHIPPED.of(topic)) - {topic}] == []


def test_a_line_that_an_earlier_pattern_hides_is_never_reached() -> None:
    lines = list(SHIPPED.another_answer)
    assert [line for line in lines if SHIPPED.of(line.replace("*", "x")) != SHIPPED.another_answer[line]] == []


def test_a_team_without_the_file_simply_has_nothing_else_to_propose(tmp_path: Path) -> None:
    assert load_other_answers(tmp_path) == OtherAnswers()


def test_a_slip_in_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "another_answer.yml").write_text("another_answer:\n  order_status: 7\n")
    with pytest.raises(ContentError, match=r"another_answer\.yml: another_answer\.order_status"):
        load_other_answers(tmp_path)
