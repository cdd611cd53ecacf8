"""Every customer turn is scored once, recorded, and never lost to an error (P1, P2, P3, P5)."""

from __future__ import annotations

from typing import Any

import pytest

from actions.brain import Brain
from actions.scoring.picture import Picture
from handoff.contract import DecisionAction, EscalationKind, HandoffReason
from tests.actions.escalation_cast import NOW, PRIYA, Rasa, ScriptedFrustration

LATE = "where is my order LH-10030"


def contact(number: int, topic: str = "order_status", category: str = "orders_delivery") -> dict[str, Any]:
    at = NOW.replace(day=20 - number).isoformat()
    return {"conversation_id": f"old-{number}", "topic": topic, "category": category, "at": at}


async def test_a_calm_question_is_recorded_and_answered_by_the_bot(rasa: Rasa) -> None:
    decision = await rasa.hears(LATE, "order_status", order_number="LH-10030")

    assert decision.action is DecisionAction.NONE
    assert rasa.record.intent == "order_status"
    assert rasa.record.topic == "order_status"
    assert rasa.record.entities == {"order_number": "LH-10030"}
    assert rasa.record.decision == decision
    assert rasa.slots["escalation"]["message_id"] == "msg-1"
    assert rasa.slots["topic"] == "order_status"
    assert rasa.responses == []


async def test_growing_frustration_is_acknowledged_then_offered_a_person_then_handed_over(
    rasa: Rasa, feelings: ScriptedFrustration
) -> None:
    feelings.scores = {"not again": 0.7, "this is a joke": 0.8, "I am furious": 0.9}
    await rasa.hears(LATE, "order_status")
    rasa.does("action_order_status", "utter_order_shipped")

    first = await rasa.hears("not again", "complain")
    assert (first.action, first.acknowledge) == (DecisionAction.NONE, True)
    assert rasa.responses == [], "the answer to a complaint says sorry by itself"
    rasa.does("utter_complain")

    second = await rasa.hears("this is a joke", "complain")
    assert second.action is DecisionAction.OFFER
    assert rasa.responses == []
    rasa.does("utter_offer_person")

    third = await rasa.hears("I am furious", "complain")
    assert third.action is DecisionAction.NOW
    assert third.reason is HandoffReason.FRUSTRATION
    assert third.category == "orders_delivery"
    assert third.reasons[0].evidence == ("I", "am")
    assert third.reasons[0].threshold == 0.55


async def test_a_brief_request_to_say_it_again_is_not_taken_for_anger(
    rasa: Rasa, feelings: ScriptedFrustration
) -> None:
    rant = "tell me again why nobody has written to me although you said so every single day"
    feelings.scores = {"tell me again": 0.89, rant: 0.89, "sorry I was rude": 0.87}
    assert not (await rasa.hears("tell me again", "repeat_answer")).acknowledge
    assert not (await rasa.hears("sorry I was rude", "apologise")).acknowledge
    assert (await rasa.hears(rant, "repeat_answer")).acknowledge


async def test_a_person_asked_for_is_granted_at_once_even_inside_a_form(rasa: Rasa) -> None:
    await rasa.hears("I want a refund", "request_refund")
    rasa.loop = {"name": "refund_form"}
    rasa.slots["requested_slot"] = "order_number"

    decision = await rasa.hears("just give me a human being", "nlu_fallback", 0.4)

    assert decision.action is DecisionAction.NOW
    assert decision.reason is HandoffReason.EXPLICIT_REQUEST
    assert decision.kind is EscalationKind.FUNCTIONAL
    assert decision.category == "returns_refunds"


async def test_a_button_for_a_person_is_granted_at_once(rasa: Rasa) -> None:
    decision = await rasa.hears("/talk_to_person", "talk_to_person", 1.0)
    assert decision.action is DecisionAction.NOW
    assert rasa.record.scored_by == "none"


async def test_yes_to_an_offer_hands_over(rasa: Rasa) -> None:
    await rasa.hears("that is wrong", "not_helpful")
    rasa.does("utter_offer_person")
    decision = await rasa.hears("yes please", "affirm")
    assert decision.action is DecisionAction.NOW
    assert decision.reason is HandoffReason.EXPLICIT_REQUEST


async def test_yes_without_an_offer_hands_nothing_over(rasa: Rasa) -> None:
    await rasa.hears("cancel order LH-10002", "cancel_order")
    rasa.does("utter_ask_confirm_cancel")
    decision = await rasa.hears("yes please", "affirm")
    assert decision.action is DecisionAction.NONE


async def test_the_third_contact_about_the_same_thing_is_handed_over_with_priority(rasa: Rasa) -> None:
    rasa.contacts = [contact(3), contact(2)]
    decision = await rasa.hears(LATE, "order_status")

    assert decision.action is DecisionAction.NOW
    assert decision.reason is HandoffReason.REPEAT_CONTACT
    assert decision.kind is EscalationKind.PRIORITY
    assert decision.contact_number == 3
    assert decision.severity == 2
    assert decision.reasons[0].evidence[0] == "3rd contact about this in 7 days"


async def test_two_visits_to_one_conversation_are_two_contacts(rasa: Rasa) -> None:
    visits = [contact(3), contact(2)]
    rasa.contacts = [{**visit, "conversation_id": "c-1"} for visit in visits]
    decision = await rasa.hears(LATE, "order_status")

    assert (decision.reason, decision.contact_number) == (HandoffReason.REPEAT_CONTACT, 3)


async def test_a_greeting_is_not_yet_the_third_contact(rasa: Rasa) -> None:
    rasa.contacts = [contact(3), contact(2)]
    assert (await rasa.hears("hello", "greet")).action is DecisionAction.NONE


async def test_contacts_about_other_things_do_not_count(rasa: Rasa) -> None:
    rasa.contacts = [contact(3, "invoice_copy", "billing"), contact(2, "faq/billing_methods", "billing")]
    decision = await rasa.hears(LATE, "order_status")
    assert decision.action is DecisionAction.NONE
    assert decision.contact_number == 1


async def test_questions_of_the_faq_are_no_repeat_contact_by_category(rasa: Rasa) -> None:
    rasa.contacts = [contact(3), contact(2)]
    decision = await rasa.hears("do you deliver on Sundays", "faq/orders_delivery_sunday")
    assert decision.action is DecisionAction.NONE
    assert rasa.record.topic == "faq/orders_delivery_sunday"


async def test_after_a_human_has_dealt_with_it_the_third_contact_does_not_trigger_again(rasa: Rasa) -> None:
    rasa.contacts = [contact(3), contact(2)]
    await rasa.hears(LATE, "order_status")
    await rasa.hears('/EXTERNAL_case_resolved{"outcome": "refund"}', "EXTERNAL_case_resolved", 1.0)
    decision = await rasa.hears(LATE, "order_status")
    assert decision.action is DecisionAction.NONE


async def test_a_note_of_the_system_is_recorded_but_not_scored(rasa: Rasa, feelings: ScriptedFrustration) -> None:
    text = '/EXTERNAL_case_resolved{"outcome": "you lost my furious lawyer"}'
    feelings.scores = {text: 0.99}
    decision = await rasa.hears(text, "EXTERNAL_case_resolved", 1.0)

    assert decision.action is DecisionAction.NONE
    assert rasa.record.frustration == 0.0
    assert Picture.from_json(rasa.slots["picture"]).turns == 0


async def test_a_declined_offer_is_respected_until_the_cooldown_is_over(
    rasa: Rasa, feelings: ScriptedFrustration
) -> None:
    hot = ["this is bad", "so bad again", "bad once more", "and bad still", "bad bad bad"]
    feelings.scores = dict.fromkeys(hot, 0.85)
    await rasa.hears(hot[0], "complain")
    await rasa.hears(hot[1], "complain")
    rasa.does("utter_offer_person")
    await rasa.hears("no thanks", "deny")

    during = [(await rasa.hears(text, "complain")).action for text in hot[2:]]
    assert during == [DecisionAction.NONE] * 3
    assert (await rasa.hears(hot[0], "complain")).action is DecisionAction.OFFER


async def test_a_declined_offer_does_not_hold_back_a_later_wish_for_a_person(rasa: Rasa) -> None:
    await rasa.hears("hm", "not_helpful")
    rasa.does("utter_offer_person")
    await rasa.hears("/decline_person", "decline_person", 1.0)
    assert (await rasa.hears("ok get me a human", "talk_to_person")).action is DecisionAction.NOW


async def test_one_bad_word_does_not_escalate(rasa: Rasa, feelings: ScriptedFrustration) -> None:
    feelings.scores = {"bloody hell": 0.97}
    decision = await rasa.hears("bloody hell", "complain")
    assert (decision.action, decision.acknowledge) == (DecisionAction.NONE, True)


async def test_three_calm_turns_forgive(rasa: Rasa, feelings: ScriptedFrustration) -> None:
    feelings.scores = {"this is bad": 0.8}
    await rasa.hears("this is bad", "complain")
    for text in ("LH-10001", "the kettle", "thanks"):
        await rasa.hears(text)
    decision = await rasa.hears("this is bad", "complain")
    assert (decision.action, decision.acknowledge) == (DecisionAction.NONE, True)


async def test_not_being_understood_offers_a_person_and_then_hands_over(rasa: Rasa) -> None:
    await rasa.hears("flurb the wozzle", "nlu_fallback", 0.2)
    second = await rasa.hears("wozzle it then", "nlu_fallback", 0.2)
    assert second.action is DecisionAction.OFFER
    rasa.does("utter_offer_person")
    third = await rasa.hears("no idea how else to put it", "nlu_fallback", 0.2)
    assert (third.action, third.reason) == (DecisionAction.NOW, HandoffReason.REPEATED_FALLBACK)
    assert not rasa.record.in_scope


async def test_a_free_answer_inside_a_form_is_no_failure_to_understand(rasa: Rasa) -> None:
    await rasa.hears("a plate arrived broken", "report_problem_item")
    rasa.loop = {"name": "report_problem_form"}
    for slot in ("item", "problem_kind", "problem_description"):
        rasa.slots["requested_slot"] = slot
        decision = await rasa.hears(f"something about the {slot}", "nlu_fallback", 0.2)
        assert rasa.record.in_scope
    assert decision.action is DecisionAction.NONE


async def test_a_question_inside_a_form_that_is_not_understood_is_out_of_scope(rasa: Rasa) -> None:
    await rasa.hears("a plate arrived broken", "report_problem_item")
    rasa.loop = {"name": "report_problem_form"}
    rasa.slots["requested_slot"] = "order_number"
    await rasa.hears("do you paint plates?", "nlu_fallback", 0.2)
    assert not rasa.record.in_scope


async def test_the_same_question_of_a_form_unanswered_again_and_again_counts(rasa: Rasa) -> None:
    rasa.loop = {"name": "refund_form"}
    rasa.slots["requested_slot"] = "order_number"
    await rasa.hears("the big one", "nlu_fallback", 0.2)
    await rasa.hears("well that one", "nlu_fallback", 0.2)
    decision = await rasa.hears("you know which I mean", "nlu_fallback", 0.2)
    assert decision.action is DecisionAction.OFFER


@pytest.mark.parametrize(
    ("text", "category", "severity"),
    [
        ("my toaster caught fire", "technical", 1),
        ("I think I was hacked", "account_security", 1),
        ("this is fraud", "account_security", 1),
        ("you will hear from my lawyer", "orders_delivery", 1),
        ("I will report you to trading standards", "orders_delivery", 2),
        ("I am going to the newspaper", "orders_delivery", 2),
    ],
)
async def test_a_named_risk_is_handed_over_whatever_the_mood(
    rasa: Rasa, text: str, category: str, severity: int
) -> None:
    await rasa.hears(LATE, "order_status")
    decision = await rasa.hears(text, "nlu_fallback", 0.3)
    assert decision.action is DecisionAction.NOW
    assert decision.reason is HandoffReason.POLICY
    assert (decision.category, decision.severity) == (category, severity)


@pytest.mark.parametrize("text", ["I am not going to sue you", "is the fire stick in stock", "I pressed the button"])
async def test_words_that_only_look_like_a_risk_do_not_escalate(rasa: Rasa, text: str) -> None:
    assert (await rasa.hears(text, "inform")).action is DecisionAction.NONE


async def test_a_sum_above_the_authority_goes_to_the_level_that_may_decide_it(rasa: Rasa) -> None:
    text = "refund the £649.00 for LH-10004"
    decision = await rasa.hears(text, "request_refund", order_number="LH-10004", amount="649.00")
    assert (decision.action, decision.reason) == (DecisionAction.NOW, HandoffReason.AUTHORITY)
    assert decision.kind is EscalationKind.HIERARCHICAL
    assert decision.level == 3


async def test_a_sum_within_the_authority_is_left_to_the_bot(rasa: Rasa) -> None:
    decision = await rasa.hears("refund the £39 for LH-10003", "request_refund", order_number="LH-10003")
    assert decision.action is DecisionAction.NONE


async def test_a_superior_asked_for_is_a_hierarchical_escalation(rasa: Rasa) -> None:
    decision = await rasa.hears("let me speak to your manager", "talk_to_person")
    assert (decision.kind, decision.level) == (EscalationKind.HIERARCHICAL, 3)


async def test_a_vip_is_offered_a_person_one_step_earlier_and_more_severely(
    rasa: Rasa, feelings: ScriptedFrustration
) -> None:
    rasa.customer = dict(PRIYA)
    feelings.scores = {"this is bad": 0.7}
    decision = await rasa.hears("this is bad", "complain")
    assert decision.action is DecisionAction.OFFER
    assert decision.kind is EscalationKind.PRIORITY
    assert decision.severity == 2


async def test_contacts_counted_up_in_words_hand_over_at_the_third(rasa: Rasa) -> None:
    decision = await rasa.hears("this is the third time I write about it", "complain")
    assert (decision.action, decision.reason) == (DecisionAction.NOW, HandoffReason.REPEAT_CONTACT)
    assert decision.contact_number == 3


async def test_a_turn_is_scored_once_however_often_rasa_asks(rasa: Rasa) -> None:
    await rasa.hears("a", "not_helpful")
    before = dict(rasa.slots)
    events = await rasa.runs("action_validate_slot_mappings")
    assert events == []
    assert rasa.slots == before
    assert Picture.from_json(rasa.slots["picture"]).turns == 1
    assert len([m for m in rasa.said if m.get("custom")]) == 1


async def test_a_mapped_call_before_the_validation_loses_no_record(rasa: Rasa) -> None:
    rasa.latest = {}
    await rasa.hears("hello", "greet")
    # Rasa drops the messages of a mapped action; the validation action then tells what was scored.
    rasa.events = [event for event in rasa.events if event["event"] != "bot"]
    rasa.said = []
    await rasa.runs("action_validate_slot_mappings")
    assert rasa.record.message_id == "msg-1"


async def test_a_message_sent_again_after_a_rewind_is_not_counted_twice(rasa: Rasa) -> None:
    await rasa.hears("flurb", "nlu_fallback", 0.2)
    before = dict(rasa.slots)
    rasa.events.append({"event": "rewind", "timestamp": 3.0})
    decision = await rasa.hears("flurb", "nlu_fallback", 0.2, key="msg-1")
    assert decision.action is DecisionAction.NONE
    assert Picture.from_json(rasa.slots["picture"]).fallbacks == 1
    assert rasa.slots == before


async def test_without_handoff_the_bot_scores_but_sends_no_record(rasa: Rasa) -> None:
    rasa.online = False
    decision = await rasa.hears("get me a human", "talk_to_person")
    assert decision.action is DecisionAction.NOW
    assert rasa.said == []
    assert rasa.slots["escalation"]["message_id"] is None


async def test_an_error_in_scoring_never_loses_the_turn(rasa: Rasa, brain: Brain) -> None:
    class Broken:
        async def score(self, text: str, before: Any) -> Any:
            raise RuntimeError("no model")

    object.__setattr__(brain, "frustration", Broken())
    decision = await rasa.hears("I am furious", "complain")
    assert decision.action is DecisionAction.NONE
    assert rasa.record.scored_by == "failed"
    assert (await rasa.hears("and again", "complain")).action is DecisionAction.NONE


@pytest.mark.parametrize("junk", [None, 7, "x", {"v": 99}, {"v": 1, "turns": "many"}, {"v": 1, "scores": 3}])
async def test_a_damaged_picture_starts_afresh(rasa: Rasa, junk: object) -> None:
    rasa.slots["picture"] = junk
    assert (await rasa.hears("hello", "greet")).action is DecisionAction.NONE
    assert Picture.from_json(rasa.slots["picture"]).turns == 1


@pytest.mark.parametrize(
    ("text", "intent", "said"),
    [
        ("this is a joke", "complain", []),
        ("this is a joke", "order_status", ["utter_acknowledge"]),
        ("I am so furious about this", "complain", ["utter_acknowledge"]),
    ],
)
async def test_one_apology_is_enough(
    rasa: Rasa, feelings: ScriptedFrustration, text: str, intent: str, said: list[str]
) -> None:
    """The answer to a mere complaint says sorry itself; an offer in its place does not."""
    feelings.scores = {"this is a joke": 0.7, "I am so furious about this": 0.98}
    await rasa.hears(text, intent)
    assert rasa.responses == said


async def test_a_person_offered_because_nothing_helped_comes_with_a_kind_word(rasa: Rasa) -> None:
    await rasa.hears("that didn't help", "not_helpful")
    decision = await rasa.hears("still no help", "not_helpful")
    assert decision.action is DecisionAction.OFFER
    assert rasa.responses == ["utter_acknowledge"]


async def test_whoever_vents_twice_is_offered_a_person(rasa: Rasa, feelings: ScriptedFrustration) -> None:
    """P1: the second time in other words than at a request."""
    feelings.scores = {"how can you treat people like this": 0.72, "how can you treat people like this!!": 0.69}
    await rasa.hears("how can you treat people like this", "complain")
    assert (await rasa.hears("how can you treat people like this!!", "complain")).action is DecisionAction.OFFER
