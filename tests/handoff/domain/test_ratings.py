"""Which of the bot's messages is the answer of a turn, and may therefore be rated."""

from __future__ import annotations

import pytest

from handoff.contract import TurnRecord
from handoff.domain.conversations import BotReply, Turn, TurnStatus
from handoff.domain.ratings import answer_among
from tests.handoff.cast import START, WORDING, decision, record


def answer(*replies: BotReply | str, understood: TurnRecord | None = None, seq: int = 1) -> int | None:
    """The place of the answer among replies; a word stands for the response ``utter_<word>``."""
    turn = Turn("m1", "c1", seq, "hello", TurnStatus.PENDING, START)
    said = [BotReply("...", response=f"utter_{reply}") if isinstance(reply, str) else reply for reply in replies]
    return answer_among(turn, said, understood or record("m1"), WORDING.no_answers)


def test_the_answer_to_a_frequent_question_can_be_rated() -> None:
    assert answer("faq/billing_methods") == 0


def test_of_several_messages_the_last_one_that_answers_is_rated() -> None:
    assert answer("acknowledge", "order_shipped", "order_late", "offer_person") == 2


def test_a_question_of_a_form_is_no_answer_but_the_aside_before_it_is() -> None:
    assert answer("question_order_number") is None
    assert answer("acknowledge", "question_order_number") is None
    assert answer("faq/returns_refunds_period", "question_order_number") == 0
    assert answer("invalid_order_number") is None


def test_what_ends_a_form_is_an_answer_though_its_turn_only_gave_a_number() -> None:
    assert answer("order_shipped", understood=record("m1", topic=None, intent="inform")) == 0


@pytest.mark.parametrize("said", ["greet", "thanks", "goodbye", "help_menu", "complain", "offer_person", "stopped"])
def test_small_talk_and_offers_are_no_answers(said: str) -> None:
    assert answer(said, understood=record("m1", topic=None, intent=said)) is None


def test_saying_that_nothing_was_understood_can_be_rated() -> None:
    assert answer("default", understood=record("m1", topic=None, intent="nlu_fallback", in_scope=False)) == 0


def test_a_reply_without_a_name_answers_a_request_unless_it_asks_back() -> None:
    small_talk = record("m1", topic=None, intent="greet")
    lost = record("m1", topic=None, intent="nlu_fallback", in_scope=False)
    assert answer(BotReply("It arrives today.")) == 0
    assert answer(BotReply("Which one? ")) is None
    assert answer(BotReply("Hello"), understood=small_talk) is None
    assert answer(BotReply("I don't know."), understood=lost) == 0


def test_a_turn_of_ours_and_one_that_a_person_takes_over_have_no_answer() -> None:
    assert answer("faq/billing_methods", seq=0) is None
    handed_over = record("m1").model_copy(update={"decision": decision()})
    assert answer("refund_above_limit", understood=handed_over) is None


def test_without_a_record_only_a_name_tells_an_answer() -> None:
    turn = Turn("m1", "c1", 1, "hello", TurnStatus.PENDING, START)
    assert answer_among(turn, [BotReply("Hello")], None, WORDING.no_answers) is None
    assert answer_among(turn, [BotReply("Hello", response="utter_faq/x")], None, WORDING.no_answers) == 0
