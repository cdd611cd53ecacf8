"""Two requests in one message, the question which of two is meant, and what is offered when nothing was understood."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor

from actions.brain import Brain
from actions.cases import MemoryCases
from actions.handoff import ActionHandoff
from actions.requests import request_actions
from actions.score_turn import ActionValidateSlotMappings
from actions.talk import read_turn
from handoff.contract import DecisionAction, HandoffReason
from tests.actions.escalation_cast import Rasa

REFUND_TIME, REFUND_METHOD = "faq/returns_refunds_refund_time", "faq/returns_refunds_refund_method"
SAME_IN_OTHER_WORDS = {
    frozenset({"do you rent out dishwashers", "can I hire a dishwasher"}),
    frozenset({"tell me about refunds", "what about my money"}),
}


def likeness(one: str, other: str) -> float:
    """Stands for the encoder."""
    return 1.0 if one == other else 0.8 if frozenset({one, other}) in SAME_IN_OTHER_WORDS else 0.1


@pytest.fixture
def rasa(brain: Brain) -> Rasa:
    alike = replace(brain, likeness=likeness)
    executor = ActionExecutor()
    for action in (ActionValidateSlotMappings(alike), ActionHandoff(alike), *request_actions(alike)):
        executor.register_action(action)
    return Rasa(executor, slots=dict.fromkeys(("order_number", "amount", "next_request", "which_request")))


def two_requests(text: str, second: str, label: str, **found: str) -> dict[str, Any]:
    """What the pipeline finds in a message with two requests; ``found`` are entities by the words that hold them."""
    start = text.index(second)
    first = text[:start].rstrip(" ,.").removesuffix(" and").rstrip(",")
    entities = [
        {"entity": name.rstrip("2"), "value": words, "start": text.index(words), "end": text.index(words) + len(words)}
        for name, words in found.items()
    ]
    return {
        "two_requests": {
            "first": {"text": first, "start": 0, "end": len(first), "label": "-"},
            "second": {"text": second, "start": start, "end": len(text), "label": label},
        },
        "entities": entities,
    }


async def asks_for_two(rasa: Rasa) -> None:
    text = "cancel LH-10002 and tell me where LH-10001 is"
    rasa.understood = two_requests(
        text, "tell me where LH-10001 is", "order_status", order_number="LH-10002", order_number2="LH-10001"
    )
    await rasa.hears(text, "cancel_order")


def turn(rasa: Rasa) -> Any:
    """The turn as a form or action sees it."""
    return read_turn(Tracker("conv-1", dict(rasa.slots), rasa.latest, rasa.events, False, None, rasa.loop, None))


async def test_the_second_of_two_requests_is_remembered_with_what_it_names(rasa: Rasa) -> None:
    await asks_for_two(rasa)
    waiting = rasa.slots["next_request"]
    assert waiting["topic"] == "order_status"
    assert waiting["text"] == "tell me where LH-10001 is"
    assert waiting["entities"] == {"order_number": "LH-10001"}
    assert waiting["taken_for"] is None


async def test_the_first_of_two_requests_keeps_its_own_order_number(rasa: Rasa) -> None:
    await asks_for_two(rasa)
    assert rasa.slots["order_number"] == "LH-10002"
    assert turn(rasa).text == "cancel LH-10002"
    assert turn(rasa).entities == {"order_number": "LH-10002"}


async def test_the_order_number_stays_the_same_however_often_rasa_reads_the_message(rasa: Rasa) -> None:
    await asks_for_two(rasa)
    rasa.slots["order_number"] = "LH-10001"  # what the message says last, when a form starts
    await rasa.runs("action_validate_slot_mappings")
    assert rasa.slots["order_number"] == "LH-10002"


async def test_an_order_number_that_only_the_second_names_is_meant_for_both(rasa: Rasa) -> None:
    text = "cancel my order and tell me where LH-10001 is"
    rasa.understood = two_requests(text, "tell me where LH-10001 is", "order_status", order_number="LH-10001")
    await rasa.hears(text, "cancel_order")
    assert turn(rasa).entities == {"order_number": "LH-10001"}


async def test_an_order_of_the_second_request_does_not_become_that_of_the_open_form(rasa: Rasa) -> None:
    await rasa.hears("cancel LH-10002", "cancel_order", order_number="LH-10002")
    rasa.events.append({"event": "slot", "name": "order_number", "value": "LH-10002"})
    rasa.loop, rasa.slots["requested_slot"] = {"name": "cancel_order_form"}, "confirm_cancel"
    text = "how long does a refund take? and where is LH-10001?"
    rasa.understood = two_requests(text, "where is LH-10001?", "order_status", order_number="LH-10001")
    await rasa.hears(text, REFUND_TIME)
    assert rasa.slots["order_number"] == "LH-10002"
    assert turn(rasa).entities == {}
    assert rasa.slots["next_request"]["entities"] == {"order_number": "LH-10001"}


async def test_a_second_request_is_named_and_taken_with_its_own_words(rasa: Rasa) -> None:
    await asks_for_two(rasa)
    await rasa.hears("yes", "affirm")
    await rasa.runs("action_take_request")
    assert rasa.responses == ["utter_next_request"]
    assert rasa.said[-1]["problem"] == "where your order LH-10001 is"
    assert turn(rasa).text == "tell me where LH-10001 is"
    assert turn(rasa).intent == "order_status"
    assert rasa.slots["order_number"] == "LH-10001"
    assert rasa.slots["topic"] == "order_status", "a case would now be about it"


async def test_a_second_question_from_the_faq_is_answered_at_once(rasa: Rasa) -> None:
    text = "where is LH-10001, and how long does a refund take?"
    rasa.understood = two_requests(text, "how long does a refund take?", REFUND_TIME)
    await rasa.hears(text, "order_status")
    await rasa.runs("action_take_request")
    assert rasa.responses == ["utter_next_request", f"utter_{REFUND_TIME}"]
    assert [said["problem"] for said in rasa.said if "problem" in said] == ["how long a refund takes"]


async def test_a_request_that_was_taken_is_forgotten_with_the_next_message(rasa: Rasa) -> None:
    await asks_for_two(rasa)
    await rasa.runs("action_take_request")
    await rasa.hears("thanks", "thanks")
    assert rasa.slots["next_request"] is None
    assert turn(rasa).text == "thanks"


@pytest.mark.parametrize(
    ("text", "intent"),
    [("bye", "goodbye"), ("stop", "stop"), ("where is my order", "order_status"), ("/x", "EXTERNAL_case_resolved")],
)
async def test_a_second_request_is_dropped_when_it_is_done_with(rasa: Rasa, text: str, intent: str) -> None:
    await asks_for_two(rasa)
    await rasa.hears(text, intent)
    assert rasa.slots["next_request"] is None


async def test_stopping_the_first_request_does_not_drop_the_second(rasa: Rasa) -> None:
    await asks_for_two(rasa)
    rasa.loop = {"name": "cancel_order_form"}
    await rasa.hears("stop", "stop")
    assert rasa.slots["next_request"]["topic"] == "order_status"


async def test_what_answers_a_form_in_free_words_makes_no_second_request(rasa: Rasa) -> None:
    rasa.loop, rasa.slots["requested_slot"] = {"name": "refund_form"}, "reason"
    rasa.understood = two_requests("it broke and you charged me twice", "you charged me twice", "explain_charge")
    await rasa.hears("it broke and you charged me twice", "report_problem_item")
    assert rasa.slots["next_request"] is None


async def test_whoever_takes_the_case_sees_the_second_request(rasa: Rasa, cases: MemoryCases) -> None:
    await asks_for_two(rasa)
    await rasa.hears("I want to talk to a person", "talk_to_person")
    await rasa.runs("action_handoff")
    (request,) = cases.requests
    assert request.problem == "cancelling your order LH-10002, and where your order LH-10001 is"
    assert request.facts["also_asked"] == "where your order LH-10001 is"
    assert rasa.slots["next_request"] is None


async def test_a_second_answer_from_the_faq_is_one_of_the_attempts(rasa: Rasa, cases: MemoryCases) -> None:
    rasa.understood = two_requests("where is it, and how long is a refund", "how long is a refund", REFUND_TIME)
    await rasa.hears("where is it, and how long is a refund", "order_status")
    rasa.does("action_order_status", "utter_order_shipped")
    rasa.events.append({"event": "action", "name": "action_take_request", "timestamp": 2.0})
    await rasa.runs("action_take_request")
    await rasa.hears("a person please", "talk_to_person")
    await rasa.runs("action_handoff")
    (request,) = cases.requests
    assert [(attempt.action, attempt.outcome) for attempt in request.attempts] == [
        ("action_order_status", "order_shipped"),
        ("utter_faq", REFUND_TIME),
    ]


async def is_torn(rasa: Rasa, text: str = "tell me about refunds") -> None:
    rasa.understood = {"torn_between": [REFUND_TIME, REFUND_METHOD]}
    await rasa.hears(text, REFUND_TIME, 0.4)


async def test_between_two_topics_the_customer_is_asked(rasa: Rasa) -> None:
    await is_torn(rasa)
    assert rasa.slots["which_request"]["asked_for"] == "msg-1"
    await rasa.runs("action_ask_which")
    assert rasa.responses == ["utter_which"]
    assert [button["title"] for button in rasa.said[-1]["buttons"]] == [
        "How long a refund takes",
        "How a refund is paid",
        "Something else",
    ]
    assert rasa.said[-1]["buttons"][0]["payload"] == f'/choose_topic{{"topic": "{REFUND_TIME}"}}'


async def test_nobody_is_asked_twice_in_a_row(rasa: Rasa) -> None:
    await is_torn(rasa)
    await is_torn(rasa, "the thing with the money")
    assert rasa.slots["which_request"] is None
    await is_torn(rasa, "something with a parcel")
    assert rasa.slots["which_request"] is not None


async def test_inside_a_form_nobody_is_asked_which(rasa: Rasa) -> None:
    rasa.loop = {"name": "cancel_order_form"}
    await is_torn(rasa)
    assert rasa.slots["which_request"] is None


async def test_a_topic_without_a_name_is_not_asked_about(rasa: Rasa) -> None:
    rasa.understood = {"torn_between": [REFUND_TIME, "faq/brand_new"]}
    await rasa.hears("tell me about refunds", REFUND_TIME, 0.4)
    assert rasa.slots["which_request"] is None


@pytest.mark.parametrize("answer", ["the second one", "2", "how it is paid", "How a refund is paid"])
async def test_the_choice_may_be_typed(rasa: Rasa, answer: str) -> None:
    await is_torn(rasa)
    await rasa.hears(answer, "nlu_fallback", 0.4)
    assert rasa.slots["next_request"]["topic"] == REFUND_METHOD
    assert rasa.slots["next_request"]["taken_for"] == "msg-2"
    assert rasa.decision.action is DecisionAction.NONE
    await rasa.runs("action_take_request")
    assert rasa.responses == [f"utter_{REFUND_METHOD}"]


async def test_the_choice_of_a_button_keeps_what_the_message_said(rasa: Rasa) -> None:
    rasa.understood = {"torn_between": ["return_item", "request_refund"]}
    await rasa.hears("the kettle of LH-10003", "return_item", 0.4, order_number="LH-10003")
    await rasa.hears('/choose_topic{"topic": "request_refund"}', "choose_topic", 1.0, topic="request_refund")
    await rasa.runs("action_take_request")
    assert rasa.responses == []
    assert turn(rasa).intent == "request_refund"
    assert turn(rasa).text == "the kettle of LH-10003"
    assert rasa.slots["order_number"] == "LH-10003"


@pytest.mark.parametrize("answer", ["neither", "none of these", "something else", "no"])
async def test_it_may_be_neither(rasa: Rasa, answer: str) -> None:
    await is_torn(rasa)
    await rasa.hears(answer, "deny" if answer == "no" else "nlu_fallback")
    await rasa.runs("action_take_request")
    assert rasa.responses == ["utter_something_else"]


async def test_a_yes_to_this_or_that_is_asked_once_more(rasa: Rasa) -> None:
    await is_torn(rasa)
    await rasa.hears("yes", "affirm")
    assert rasa.slots["which_request"]["asked_for"] == "msg-2"
    await rasa.hears("the first", "inform")
    assert rasa.slots["next_request"]["topic"] == REFUND_TIME
    assert rasa.slots["next_request"]["text"] == "tell me about refunds"


async def test_another_request_is_no_answer_to_the_question(rasa: Rasa) -> None:
    await is_torn(rasa)
    await rasa.hears("please cancel my order LH-10002 right now, it is urgent", "cancel_order")
    assert rasa.slots["next_request"] is None
    assert rasa.slots["which_request"] is None


async def test_an_old_button_still_works(rasa: Rasa) -> None:
    await rasa.hears(f'/choose_topic{{"topic": "{REFUND_TIME}"}}', "choose_topic", 1.0, topic=REFUND_TIME)
    await rasa.runs("action_take_request")
    assert rasa.responses == [f"utter_{REFUND_TIME}"]


async def test_what_is_not_known_offers_what_comes_near_and_a_person(rasa: Rasa) -> None:
    rasa.understood = {"nearest": [REFUND_TIME, "order_status", "faq/brand_new"]}
    await rasa.hears("do you rent out dishwashers", "nlu_fallback")
    await rasa.runs("action_not_known")
    assert rasa.responses == ["utter_not_known_nearest"]
    assert [button["title"] for button in rasa.said[-1]["buttons"]] == [
        "How long a refund takes",
        "Where your order is",
        "Talk to a person",
    ]


async def test_nothing_is_offered_for_nonsense(rasa: Rasa) -> None:
    rasa.understood = {"nearest": []}
    await rasa.hears("colourless green ideas", "nlu_fallback")
    await rasa.runs("action_not_known")
    assert rasa.responses == ["utter_default"]


async def test_a_question_that_failed_and_is_put_in_other_words_counts_once_it_fails_again(rasa: Rasa) -> None:
    await rasa.hears("do you rent out dishwashers", "nlu_fallback")
    decision = await rasa.hears("can I hire a dishwasher", "nlu_fallback")
    assert decision.action is DecisionAction.OFFER
    assert decision.reason is HandoffReason.REPEATED_FALLBACK


async def test_a_question_that_is_understood_at_last_offers_nobody(rasa: Rasa) -> None:
    await rasa.hears("do you rent out dishwashers", "nlu_fallback")
    decision = await rasa.hears("can I hire a dishwasher", "faq/technical_installation")
    assert decision.action is DecisionAction.NONE
    decision = await rasa.hears("do you rent out dishwashers", "faq/general_product_advice")
    assert decision.action is DecisionAction.OFFER, "asked again, so that was no answer either"
    assert decision.reason is HandoffReason.REPEATED_FALLBACK


async def test_an_answer_that_did_not_help_and_the_question_again_is_a_repeated_fallback(rasa: Rasa) -> None:
    await rasa.hears("tell me about refunds", REFUND_TIME)
    await rasa.hears("that did not help", "not_helpful")
    decision = await rasa.hears("what about my money", REFUND_METHOD)
    assert decision.action is DecisionAction.OFFER
    assert "repeated_fallback" in {reason.signal for reason in decision.reasons}


async def test_a_question_left_open_and_put_again_counts_as_failed(rasa: Rasa) -> None:
    await is_torn(rasa)
    first = await rasa.hears("what about my money", "faq/billing_price_drop")
    assert "repeated_fallback" in {reason.signal for reason in first.reasons}
    second = await rasa.hears("tell me about refunds", "faq/billing_price_drop")
    assert second.action is DecisionAction.OFFER


async def test_another_question_after_a_failed_one_starts_afresh(rasa: Rasa) -> None:
    await rasa.hears("do you rent out dishwashers", "nlu_fallback")
    await rasa.hears("where is my order", "order_status")
    decision = await rasa.hears("can I hire a dishwasher", "nlu_fallback")
    assert decision.action is DecisionAction.NONE


async def test_being_asked_which_counts_as_an_unsure_turn(rasa: Rasa) -> None:
    rasa.understood = {"torn_between": [REFUND_TIME, REFUND_METHOD]}
    await rasa.hears("tell me about refunds", REFUND_TIME, 0.5)
    assert rasa.slots["picture"]["unsure"] == 1


async def test_pressing_one_of_the_two_is_no_failure(rasa: Rasa) -> None:
    await is_torn(rasa)
    await rasa.hears(f'/choose_topic{{"topic": "{REFUND_TIME}"}}', "choose_topic", 1.0, topic=REFUND_TIME)
    decision = await rasa.hears("what about my money", REFUND_TIME)
    assert "repeated_fallback" not in {reason.signal for reason in decision.reasons}
