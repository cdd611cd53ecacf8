"""Whoever is not well served is spoken to in words for their mood, by name and about their problem (P11, P22)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from actions.cases import MemoryCases
from actions.kind_words import Feeling, first_name, mood_of
from handoff.contract import Decision, DecisionAction, HandoffReason, Mood, Reason
from tests.actions.escalation_cast import Rasa, ScriptedFrustration

LATE = "where is my order LH-10030"


def decided(*signals: str, value: float = 1.0, threshold: float = 1.0) -> Decision:
    """A decision that these signals spoke for."""
    reasons = [Reason(signal=name, reason=HandoffReason.POLICY, value=value, threshold=threshold) for name in signals]
    return Decision(reasons=tuple(reasons))


@pytest.mark.parametrize(
    ("decision", "feeling", "mood"),
    [
        (decided(), Feeling(0.2), None),
        (decided("explicit_request", "vip"), Feeling(0.1), None),
        (decided("frustration"), Feeling(0.6, 0.6), Mood.ANNOYED),
        (decided("frustration"), Feeling(0.8, 0.8), Mood.FRUSTRATED),
        (decided("frustration"), Feeling(0.6, 0.9), Mood.FRUSTRATED),
        (decided("risk_legal"), Feeling(0.1), Mood.ANNOYED),
        (decided("risk_fraud", "frustration"), Feeling(0.9, 0.9), Mood.WORRIED),
        (decided(), Feeling(0.1, urgency=0.8), Mood.WORRIED),
        (decided("repeated_fallback"), Feeling(0.1), Mood.LET_DOWN),
        (decided("repetition", "frustration"), Feeling(0.9, 0.9), Mood.LET_DOWN),
        (decided("repeated_fallback", value=1.0, threshold=2.0), Feeling(0.1), None),
        (decided("repeat_in_words", "repetition"), Feeling(0.5), Mood.BACK_AGAIN),
        (decided("repeat_contact"), Feeling(0.1), Mood.BACK_AGAIN),
        (decided("frustration", "repeat_contact"), Feeling(0.9, abuse=0.7), Mood.ABUSIVE),
        (decided(), Feeling(0.1, abuse=0.4), None),
    ],
)
def test_the_mood_is_read_from_what_weighed(decision: Decision, feeling: Feeling, mood: Mood | None) -> None:
    assert mood_of(decision, feeling) is mood


@pytest.mark.parametrize(
    ("name", "called"),
    [("Maya Lind", "Maya"), ("maya", "Maya"), ("  Jo  ", "Jo"), ("", None), (None, None), ("x" * 60, None)],
)
def test_a_customer_is_called_by_their_first_name(name: str | None, called: str | None) -> None:
    assert first_name(name) == called


def kind_word(rasa: Rasa) -> dict[str, Any]:
    """What the acknowledgement of this turn was handed."""
    (said,) = [message for message in rasa.said if message.get("response") == "utter_acknowledge"]
    return {name: said[name] for name in ("mood", "customer_name", "problem")}


async def test_an_angry_request_is_acknowledged_by_name_and_problem(rasa: Rasa, feelings: ScriptedFrustration) -> None:
    """P22."""
    feelings.scores = {LATE: 0.8}
    decision = await rasa.hears(LATE, "order_status", order_number="LH-10030")
    assert decision.mood is Mood.FRUSTRATED
    assert rasa.record.decision.mood is Mood.FRUSTRATED
    assert kind_word(rasa) == {
        "mood": "frustrated",
        "customer_name": "Maya",
        "problem": "where your order LH-10030 is",
    }


async def test_the_offer_does_not_name_again_what_the_kind_word_before_it_named(
    rasa: Rasa, feelings: ScriptedFrustration
) -> None:
    feelings.scores = {LATE: 0.98}
    decision = await rasa.hears(LATE, "order_status", order_number="LH-10030")
    assert decision.action is DecisionAction.OFFER
    assert kind_word(rasa)["problem"] == "where your order LH-10030 is"
    assert rasa.slots["mood"] == "frustrated"
    assert (rasa.slots.get("customer_name"), rasa.slots.get("problem")) == (None, None)


async def test_an_offer_without_a_kind_word_names_both_itself(rasa: Rasa, feelings: ScriptedFrustration) -> None:
    feelings.scores = {"not again": 0.7, "this is a joke": 0.8}
    await rasa.hears(LATE, "order_status", order_number="LH-10030")
    await rasa.hears("thanks", "thanks")
    for text in ("not again", "this is a joke"):
        decision = await rasa.hears(text, "complain")
    assert (decision.action, rasa.responses) == (DecisionAction.OFFER, [])
    assert rasa.slots["problem"] == "where your order LH-10030 is"
    assert rasa.slots["mood"] == "frustrated"


async def test_a_customer_is_not_called_by_name_in_one_message_after_the_other(
    rasa: Rasa, feelings: ScriptedFrustration
) -> None:
    feelings.scores = {"not again": 0.7, "really": 0.6}
    named = []
    for number in range(9):
        await rasa.hears("not again" if number % 2 else "really", "complain")
        rasa.does("utter_complain")
        if number == 2:
            rasa.does("utter_offer_person")
            await rasa.hears("no", "decline_person")
        named.append(rasa.slots.get("customer_name"))
    assert named[0] == "Maya"
    assert not any(one and other for one, other in pairwise(named))


async def test_somebody_without_a_name_is_spoken_to_all_the_same(rasa: Rasa, feelings: ScriptedFrustration) -> None:
    rasa.customer = {"id": "visitor-1"}
    feelings.scores = {LATE: 0.6}
    await rasa.hears(LATE, "order_status")
    assert kind_word(rasa) == {"mood": "annoyed", "customer_name": None, "problem": "where your order is"}


async def test_after_words_that_were_not_understood_no_earlier_problem_is_named(
    rasa: Rasa, feelings: ScriptedFrustration
) -> None:
    feelings.scores = {"flurb this wozzle already": 0.8}
    await rasa.hears(LATE, "order_status", order_number="LH-10030")
    await rasa.hears("flurb this wozzle already", "nlu_fallback", 0.2)
    assert kind_word(rasa)["problem"] is None


async def test_a_phrase_that_the_customer_made_long_is_said_without_their_words(
    rasa: Rasa, feelings: ScriptedFrustration
) -> None:
    text = "the guarantee is a joke"
    feelings.scores = {text: 0.8}
    await rasa.hears(text, "guarantee_check", product="kettle " * 30)
    assert kind_word(rasa)["problem"] == "the guarantee on your device"


async def test_not_being_understood_twice_is_the_assistants_own_doing(rasa: Rasa) -> None:
    await rasa.hears("flurb the wozzle", "nlu_fallback", 0.2)
    decision = await rasa.hears("wozzle it then", "nlu_fallback", 0.2)
    assert (decision.action, decision.mood) == (DecisionAction.OFFER, Mood.LET_DOWN)
    assert rasa.slots["mood"] == "let_down"


async def test_a_calm_turn_has_no_mood_left_over_from_the_one_before(rasa: Rasa, feelings: ScriptedFrustration) -> None:
    feelings.scores = {LATE: 0.8}
    await rasa.hears(LATE, "order_status")
    decision = await rasa.hears("ok thank you", "thanks")
    assert decision.mood is None
    assert rasa.slots["mood"] is None


async def test_the_mood_and_the_names_are_no_facts_of_the_case(
    rasa: Rasa, feelings: ScriptedFrustration, cases: MemoryCases
) -> None:
    feelings.scores = {"this is a joke": 0.6}
    await rasa.hears(LATE, "order_status", order_number="LH-10030")
    await rasa.hears("this is a joke", "complain")
    assert {"mood", "customer_name", "problem"} <= rasa.slots.keys()
    await rasa.runs("action_handoff")
    (request,) = cases.requests
    assert request.facts == {"order_number": "LH-10030"}
