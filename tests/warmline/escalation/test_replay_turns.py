"""A stored conversation is decided again as it was decided then, and stored with all that needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from handoff.contract import Decision, DecisionAction, TurnRecord, TurnScene
from tests.warmline.escalation.replay_cast import POLICY, Felt, Talk
from warmline.escalation.replay.stored import Conversation
from warmline.escalation.replay.turns import ReplayedTurn, UnderPolicy, replay, turns_of
from warmline.policy import EscalationPolicy

LATE = "where is my order LH-10030"
SHIPPED = "Your order was sent on Monday and is with the carrier now."
OFFER = "Would you like a person to take this over?"
SAME = UnderPolicy(POLICY)


def replayed(conversation: Conversation, under: UnderPolicy = SAME) -> list[ReplayedTurn]:
    return list(replay(conversation, under))


def decided(conversation: Conversation) -> list[Decision]:
    """What was decided; the mood only chooses words."""
    return [turn.record.decision.model_copy(update={"mood": None}) for turn in turns_of(conversation)]


async def frustrated() -> Talk:
    """Frustration is acknowledged, a person is offered, and the conversation handed over."""
    talk = Talk()
    await talk.says(LATE, "order_status", order_number="LH-10030")
    talk.answers("action_order_status", SHIPPED)
    await talk.says("not again, that is rubbish", "complain", felt=Felt(0.70004, 0.12345, 0.3, {"failed": 0.41239}))
    talk.answers("utter_complain", "I'm sorry about this.", "What can I do?")
    await talk.says("this is a joke", "complain", felt=Felt(0.8, words=("joke",)))
    talk.answers("utter_offer_person", OFFER)
    await talk.says("I am furious", "complain", felt=Felt(0.9, words=("furious",)))
    return talk


async def repetitive() -> Talk:
    """Not understood, the same answer twice, asked again in other words."""
    talk = Talk()
    talk.rasa.understood = {"label_ranking": [["faq/billing_methods", 0.6123], ["order_status", 0.1], ["greet", 0.004]]}
    await talk.says("flurb the wozzle thing", "nlu_fallback", 0.21)
    talk.answers("utter_default", "I'm afraid I did not get that.")
    await talk.says("how does one pay the wozzle thing", "faq/billing_methods", 0.34567)
    talk.answers("utter_faq", "You can pay by card or by bank transfer at any time.")
    await talk.says("that is no help", "not_helpful")
    talk.answers("utter_faq", "You can pay by card or by bank transfer at any time.")
    await talk.says("and pay the wozzle thing how", "faq/billing_methods", 0.7)
    talk.answers("utter_faq", "You can pay by card or by bank transfer at any time.")
    await talk.says("yes", "affirm")
    return talk


async def inside_a_form() -> Talk:
    """Free answers to a form's questions; the same question unanswered."""
    talk = Talk()
    await talk.says("I want my money back for LH-10003", "request_refund", order_number="LH-10003")
    talk.answers("refund_form", "How much is it about?")
    talk.rasa.loop = {"name": "refund_form"}
    talk.rasa.slots["requested_slot"] = "amount"
    for text in ("the big one", "well that one", "you know which I mean", "never mind, give me a human being"):
        await talk.says(text, "nlu_fallback", 0.2)
        talk.answers("refund_form", "How much is it about?")
    return talk


async def of_a_vip_for_the_third_time() -> Talk:
    talk = Talk()
    talk.rasa.customer = {**talk.rasa.customer, "tier": "vip"}
    for days in (40, 3, 2):
        at = (talk.now - timedelta(days=days)).isoformat()
        earlier = {"conversation_id": f"old-{days}", "topic": "order_status", "category": "orders_delivery", "at": at}
        talk.contacts.append(earlier)
    await talk.says("hello", "greet")
    talk.answers("utter_greet", "Hello, what can I do for you?")
    await talk.says(LATE, "order_status")
    return talk


async def twice_with_a_person() -> Talk:
    """A person deals with it and gives back; what was settled triggers no more, something else does."""
    talk = await of_a_vip_for_the_third_time()
    talk.goes_to_a_person()
    await talk.comes_back("Your case is closed: it comes on Friday. Did that help?")
    await talk.says("yes, " + LATE, "order_status")
    talk.answers("action_order_status", SHIPPED)
    await talk.says("you will hear from my lawyer", "nlu_fallback", 0.3)
    return talk


async def told_by_meaning() -> Talk:
    """A phrase is overlooked where the meaning tells nothing of it; without a model it counts."""
    talk = Talk()
    await talk.says("its price gave me a shock", felt=Felt(0.2, needs={"safety": 0.0154, "money": 0.1}))
    talk.answers("utter_faq", "Prices are on each product's page.")
    handover = Felt(0.31239, 0.1, 0.7, {"money": 0.51239}, take_over=0.61239)
    await talk.says("that cost me a week of takings", felt=handover)
    talk.answers("utter_offer_person", OFFER)
    await talk.says("now it gave me a shock", felt=Felt(0.2))
    return talk


TALKS = (told_by_meaning, frustrated, repetitive, inside_a_form, of_a_vip_for_the_third_time, twice_with_a_person)


@pytest.mark.parametrize("talk", TALKS, ids=[talk.__name__ for talk in TALKS])
async def test_under_the_same_policy_everything_is_decided_as_it_was(talk: Any) -> None:
    """The whole decision with reasons, values and evidence, not only what is done."""
    stored = (await talk()).stored
    again = replayed(stored)

    assert [turn.decision for turn in again] == decided(stored)
    assert all(turn.exact for turn in again)
    assert any(decision.action is not DecisionAction.NONE for decision in decided(stored))


async def test_what_was_felt_is_kept_to_the_digits_with_which_it_was_decided() -> None:
    stored = (await frustrated()).stored
    scene = turns_of(stored)[1].record.scene

    assert scene is not None
    assert (scene.abuse, scene.needs) == (0.123, {"failed": 0.412})
    assert turns_of(stored)[1].record.frustration == 0.7


async def test_another_policy_decides_otherwise_about_the_same_words() -> None:
    stored = (await frustrated()).stored
    stricter = other(offer_at_once=0.65)

    assert [turn.decision.action for turn in replayed(stored, UnderPolicy(stricter))][:2] == ["none", "offer"]


async def test_a_longer_window_counts_contacts_that_were_too_old_to_be_handed_in() -> None:
    """The month-old contact was not told with the turn, and makes the third one only under the longer window."""
    talk = await of_a_vip_for_the_third_time()
    longer = other_contacts(window_days=60, contacts=4)

    assert [turn.decision.contact_number for turn in replayed(talk.stored)] == [1, 3]
    assert [turn.decision.contact_number for turn in replayed(talk.stored, UnderPolicy(longer))] == [1, 4]


async def test_a_topic_moves_to_another_queue_with_the_policy_that_moves_it() -> None:
    talk = Talk()
    talk.rasa.understood = {"label_ranking": [["order_status", 0.9]]}
    await talk.says(LATE, "order_status")
    talk.answers("action_order_status", SHIPPED)
    await talk.says("get me a human being", "talk_to_person")
    moved = changed("categories", lambda all_of_them: _move(all_of_them, "order_status", "orders_delivery", "billing"))

    assert replayed(talk.stored)[1].decision.category == "orders_delivery"
    assert replayed(talk.stored, UnderPolicy(moved))[1].decision.category == "billing"


async def test_messages_sent_without_waiting_are_matched_with_their_own_replies() -> None:
    talk = await repetitive()
    first, bot, second = talk.messages[0], talk.messages[1], talk.messages[2]
    straight = turns_of(talk.stored)
    talk.messages[:3] = [first, {**second, "at": first["at"]}, bot]

    assert [turn.replies for turn in turns_of(talk.stored)] == [turn.replies for turn in straight]


async def test_a_record_without_its_scene_is_replayed_as_far_as_it_goes_and_said_to_be_so() -> None:
    talk = await frustrated()
    talk.forget_scenes()
    again = replayed(talk.stored)

    assert not any(turn.exact for turn in again)
    assert [turn.decision.action for turn in again][:3] == ["none", "none", "offer"]


async def test_a_turn_whose_scoring_failed_counts_for_nothing_then_and_now() -> None:
    talk = await frustrated()
    talk.messages[2]["record"] |= {"scored_by": "failed", "scene": None}

    assert replayed(talk.stored)[1].decision.reasons == ()


def test_what_is_as_usual_is_not_written() -> None:
    scene = TurnScene(form="refund_form", contact_days=7)
    record = TurnRecord(message_id="m1", intent="inform", confidence=0.9, scene=scene)
    written = record.model_dump(mode="json")

    assert written["scene"] == {"version": 1, "form": "refund_form", "contact_days": 7}
    assert TurnRecord.model_validate(written) == record


async def test_a_typical_turn_takes_little_room() -> None:
    """Bytes of the scene as JSON: it is stored and travels with every turn."""
    talk = Talk()
    talk.rasa.understood = {"label_ranking": [["order_status", 0.91], ["order_change_date", 0.04], ["greet", 0.001]]}
    await talk.says(LATE, "order_status", felt=Felt(0.3, 0.02, 0.3, {"long_wait": 0.2}), order_number="LH-10030")
    scene = turns_of(talk.stored)[0].record.scene

    assert scene is not None
    assert len(scene.model_dump_json()) < 300


def other(**frustration: float) -> EscalationPolicy:
    """The shipped policy with other thresholds of frustration."""
    signals = POLICY.signals
    hot = signals.frustration.model_copy(update=frustration)
    return POLICY.model_copy(update={"signals": signals.model_copy(update={"frustration": hot}), "version": "other"})


def other_contacts(**repeat: int) -> EscalationPolicy:
    signals = POLICY.signals
    contact = signals.repeat_contact.model_copy(update=repeat)
    return POLICY.model_copy(update={"signals": signals.model_copy(update={"repeat_contact": contact})})


def changed(part: str, how: Any) -> EscalationPolicy:
    return POLICY.model_copy(update={part: how(getattr(POLICY, part))})


def _move(categories: Any, topic: str, source: str, target: str) -> dict[str, Any]:
    def topics(key: str, had: tuple[str, ...]) -> Iterator[str]:
        yield from (one for one in had if not (key == source and one == topic))
        if key == target:
            yield topic

    return {key: one.model_copy(update={"topics": tuple(topics(key, one.topics))}) for key, one in categories.items()}
