"""Saying the last answer again, and saying in other words what is asked."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.clarification import ExplainDifferently, RepeatAnswer

CHASE = [{"title": "Have a person chase it", "payload": "/talk_to_person"}]


def customer(text: str) -> dict[str, Any]:
    return {"event": "user", "text": text}


def bot(text: str | None, response: str = "", buttons: list[dict[str, str]] | None = None) -> dict[str, Any]:
    metadata = {"utter_action": response} if response else {}
    return {"event": "bot", "text": text, "metadata": metadata, "data": {"buttons": buttons}}


RECORD = {"event": "bot", "text": None, "metadata": {}, "data": {"custom": {"turn": {"message_id": "m-1"}}}}
LATE = bot("Order LH-10030 is late.", "utter_order_shipped_late", CHASE)
WHICH = bot("Which order is it?", "utter_question_order_number_choose")
OFFER = bot("Shall a person go on from here?", "utter_offer_person")


async def says(
    action: RepeatAnswer | ExplainDifferently, *events: dict[str, Any], form: str = "", slot: str | None = None
) -> list[tuple[str, list[dict[str, str]]]]:
    """What ``action`` says: the response's name, or the text, and the buttons."""
    tracker = Tracker(
        sender_id="conversation-1",
        slots={"requested_slot": slot},
        latest_message={"text": "say that again"},
        events=[*events, customer("say that again"), RECORD],
        paused=False,
        followup_action=None,
        active_loop={"name": form} if form else {},
        latest_action_name="action_listen",
    )
    dispatcher = CollectingDispatcher()
    assert await action.run(dispatcher, tracker, {}) == []
    return [(message["response"] or message["text"], message["buttons"]) for message in dispatcher.messages]


async def test_the_last_answer_comes_again_with_its_buttons() -> None:
    said = await says(RepeatAnswer(), customer("hi"), bot("Hello."), customer("where is LH-10030"), RECORD, LATE)
    assert said == [("utter_repeat", []), ("Order LH-10030 is late.", CHASE)]


async def test_every_message_of_the_last_answer_comes_again_but_for_the_kind_word_before_it() -> None:
    sorry = bot("I hear you.", "utter_acknowledge")
    said = await says(RepeatAnswer(), customer("WHERE IS IT"), sorry, LATE, bot("Anything else?"))
    assert [words for words, _ in said] == ["utter_repeat", "Order LH-10030 is late.", "Anything else?"]


async def test_an_answer_can_come_a_third_time() -> None:
    again = [bot("Of course, once more:", "utter_repeat"), bot("Order LH-10030 is late.", buttons=CHASE)]
    said = await says(RepeatAnswer(), customer("where is it"), LATE, customer("say that again"), *again)
    assert said == [("utter_repeat", []), ("Order LH-10030 is late.", CHASE)]


async def test_a_courtesy_or_a_turn_without_words_is_not_what_was_meant() -> None:
    wait = bot("Take your time.", "utter_wait")
    said = await says(RepeatAnswer(), customer("where is it"), LATE, customer("wait"), wait, customer("hm"), RECORD)
    assert [words for words, _ in said] == ["utter_repeat", "Order LH-10030 is late."]


async def test_an_answer_that_was_taken_back_is_not_said_again() -> None:
    events = [customer("hi"), bot("Hello."), customer("where is it"), LATE, {"event": "rewind"}]
    assert [words for words, _ in await says(RepeatAnswer(), *events)] == ["utter_repeat", "Hello."]


async def test_an_offer_of_a_person_is_made_again_by_name_so_that_a_yes_accepts_it() -> None:
    said = await says(RepeatAnswer(), customer("where is it"), LATE, OFFER)
    assert [words for words, _ in said] == ["utter_repeat", "Order LH-10030 is late.", "utter_offer_person"]


async def test_inside_a_form_its_question_is_left_to_the_form() -> None:
    told = bot("Refunds take 5 working days.", "utter_faq/returns_refunds_refund_time")
    said = await says(RepeatAnswer(), customer("how long"), told, WHICH, OFFER, form="refund_form", slot="order_number")
    assert [words for words, _ in said] == ["utter_repeat", "Refunds take 5 working days."]


async def test_without_an_answer_there_is_nothing_to_say_again() -> None:
    assert await says(RepeatAnswer()) == [("utter_nothing_to_repeat", [])]


@pytest.mark.parametrize(
    ("form", "slot", "response"),
    [
        ("return_form", "reason", "utter_hint_reason"),
        ("cancel_order_form", "confirm_cancel", "utter_hint_confirmation"),
        ("", None, "utter_confused"),
        ("", "reason", "utter_confused"),
    ],
)
async def test_what_is_said_to_somebody_who_does_not_follow(form: str, slot: str | None, response: str) -> None:
    assert await says(ExplainDifferently(), WHICH, form=form, slot=slot) == [(response, [])]
