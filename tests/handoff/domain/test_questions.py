"""Which questions an editor should look at, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handoff.contract import HandoffReason
from handoff.domain.conversations import Turn, TurnStatus
from handoff.domain.questions import Handover, Why, questions_of
from tests.handoff.cast import START, record


class Said:
    """One conversation, turn by turn."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.unhelpful: set[str] = set()
        self.handovers: list[Handover] = []

    def turn(self, text: str, topic: str | None, status: TurnStatus = TurnStatus.ANSWERED, **given: object) -> str:
        """A turn of the customer; returns its id, which is its text."""
        place = len(self.turns) + 1
        made = Turn(text, "c1", place, text, status, START + timedelta(minutes=place))
        self.turns.append(replace(made, record=record(text, topic=topic, **given)))  # type: ignore[arg-type]
        return text

    def asks(self, text: str, **given: object) -> str:
        """A request that was understood."""
        return self.turn(text, "order_status", **given)  # type: ignore[arg-type]

    def is_lost(self, text: str) -> str:
        """Something that was not understood."""
        return self.turn(text, None, intent="nlu_fallback", in_scope=False, confidence=0.2)

    def talks(self, text: str) -> str:
        """Small talk, or what a form asked for."""
        return self.turn(text, None, intent="inform")

    def goes_to_a_person(self, message_id: str, reason: HandoffReason, count: int = 1) -> None:
        self.handovers.append(Handover(message_id, reason, count))

    def found(self) -> dict[str, list[str]]:
        """Each question with its reasons."""
        found = questions_of(self.turns, self.unhelpful, self.handovers)
        return {question.text: list(question.why) for question in found}


def test_what_was_not_understood_is_listed_and_what_was_is_not() -> None:
    said = Said()
    said.talks("hello")
    said.asks("where is my parcel")
    said.is_lost("do you paint plates")
    assert said.found() == {"do you paint plates": [Why.FELL_BACK]}


def test_buttons_and_messages_without_a_word_are_left_out() -> None:
    said = Said()
    said.is_lost("/order_status")
    said.is_lost("?!")
    said.is_lost(" ")
    assert said.found() == {}


def test_an_unhelpful_answer_points_to_the_question_that_it_answered() -> None:
    said = Said()
    said.unhelpful.add(said.asks("how long is the guarantee"))
    said.asks("where is my parcel")
    said.unhelpful.add(said.talks("LH-10001"))
    assert said.found() == {"how long is the guarantee": [Why.UNHELPFUL], "where is my parcel": [Why.UNHELPFUL]}


def test_an_unhelpful_answer_to_a_request_by_button_points_to_no_other_question() -> None:
    said = Said()
    said.asks("how long is the guarantee")
    said.asks("/order_status")
    said.unhelpful.add(said.talks("LH-10001"))
    assert said.found() == {}


def test_every_turn_in_a_row_that_was_not_understood_led_to_the_person() -> None:
    said = Said()
    said.is_lost("an old failure")
    said.asks("where is my parcel")
    for text in ("paint my plate", "the plate, paint it"):
        said.is_lost(text)
    said.goes_to_a_person(said.is_lost("painting"), HandoffReason.REPEATED_FALLBACK, 3)
    both = [Why.FELL_BACK, Why.HANDED_OVER]
    assert said.found() == {
        "an old failure": [Why.FELL_BACK],
        "paint my plate": both,
        "the plate, paint it": both,
        "painting": both,
    }


def test_unsure_answers_in_a_row_led_to_the_person() -> None:
    said = Said()
    said.asks("where is my parcel")
    said.asks("about the thing with the box", confidence=0.3)
    said.goes_to_a_person(said.asks("the box thing", confidence=0.3), HandoffReason.LOW_CONFIDENCE, 2)
    assert said.found() == {"about the thing with the box": [Why.HANDED_OVER], "the box thing": [Why.HANDED_OVER]}


def test_who_gets_angry_after_an_answer_was_failed_by_it_and_who_comes_in_anger_was_not() -> None:
    said = Said()
    said.goes_to_a_person(said.asks("WHERE IS MY PARCEL"), HandoffReason.FRUSTRATION)
    assert said.found() == {}
    said.asks("and the refund")
    said.goes_to_a_person(said.talks("this is useless"), HandoffReason.FRUSTRATION)
    assert said.found() == {"and the refund": [Why.HANDED_OVER]}


def test_an_explicit_wish_for_a_person_lists_the_last_real_question_before_it() -> None:
    said = Said()
    said.asks("how long is the guarantee")
    said.asks("and for a kettle")
    said.talks("thanks")
    said.goes_to_a_person(said.talks("/talk_to_person"), HandoffReason.EXPLICIT_REQUEST)
    assert said.found() == {"and for a kettle": [Why.HANDED_OVER]}


def test_a_second_wish_for_a_person_does_not_reach_behind_the_first() -> None:
    said = Said()
    said.asks("how long is the guarantee")
    said.goes_to_a_person(said.talks("/talk_to_person"), HandoffReason.EXPLICIT_REQUEST)
    said.goes_to_a_person(said.talks("a person again"), HandoffReason.EXPLICIT_REQUEST)
    assert said.found() == {"how long is the guarantee": [Why.HANDED_OVER]}


def test_a_handoff_for_risk_or_authority_says_nothing_of_the_answer() -> None:
    said = Said()
    said.asks("where is my parcel")
    said.goes_to_a_person(said.asks("it smells of smoke"), HandoffReason.POLICY)
    said.goes_to_a_person(said.asks("refund 900 pounds"), HandoffReason.AUTHORITY)
    assert said.found() == {}
