"""The small signals: contacts counted in words, sums, repetition, contacts within the window."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from actions.scoring.decision import score_turn
from actions.scoring.picture import Picture, repeats_itself
from actions.scoring.policy import PolicyView
from actions.scoring.signal import Ask, Kind, Scene, Signal
from actions.scoring.signals.authority import amount_of
from actions.scoring.signals.repeat_contact import ordinal, same_contacts
from actions.scoring.signals.repeat_in_words import contacts_in_words
from actions.scoring.signals.repeat_in_words import detect as detect_repeat
from actions.scoring.turn import Contact, TurnInput
from actions.scoring.words import find_phrases, normalise

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("this is the third time I write", 3),
        ("I'm contacting you for the 4th time about this", 4),
        ("second time I have to ask", 2),
        ("I already called about this", 2),
        ("I've called twice and nothing happened", 3),
        ("we have emailed three times", 4),
        ("I've already contacted you", 2),
        ("how many times do I have to explain this", 2),
        ("I keep calling and nobody answers", 2),
        ("this is my third message about the parcel, I'm still waiting", 3),
        ("this is my 4th msg about the missing bolt", 4),
        ("it's the third letter I've sent, still no answer", 3),
        ("third time we order with you and the first time I have a question", 0),
        ("this is the second time I've bought it, love it", 0),
        ("the second email address in my account is wrong, can I delete it", 0),
        ("this is the second message I got from you", 0),
        ("the carrier came the second time on Tuesday", 0),
        ("my third kettle is broken", 0),
        ("I already told you my number", 0),
        ("where is my parcel", 0),
        ("the light blinks three times", 0),
    ],
)
def test_contacts_are_counted_as_the_customer_counts_them(text: str, count: int) -> None:
    assert contacts_in_words(text)[0] == count


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("refund my £649.00", 649.0),
        ("I paid 1,299 pounds", 1299.0),
        ("£12.50 and £30", 30.0),
        ("order LH-10004", None),
        ("the 2 plates", None),
    ],
)
def test_the_largest_sum_in_the_words_counts(text: str, amount: float | None) -> None:
    assert amount_of(TurnInput(key="1", text=text)) == amount


def test_a_sum_may_come_as_an_entity() -> None:
    assert amount_of(TurnInput(key="1", text="all of it", entities={"amount": "£59.90"})) == 59.9


@pytest.mark.parametrize(("number", "told"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd")])
def test_contacts_are_told_as_ordinals(number: int, told: str) -> None:
    assert ordinal(number) == told


def test_who_tells_of_earlier_contacts_without_a_number_is_taken_to_come_the_second_time(view: PolicyView) -> None:
    """P2: by meaning, in whatever words."""
    view = replace(view, repeat_meaning_from=0.6)
    told = TurnInput(key="1", text="we have been through all of this last week", needs={"repeat_contact": 0.6})
    vague = replace(told, needs={"repeat_contact": 0.59})
    counted = replace(told, text="this is the third time I write")

    (signal,) = repeat_in_words(told, view)
    assert (signal.value, signal.reason, signal.kind) == (2, "repeat_contact", Kind.PRIORITY)
    assert signal.evidence == ("not the first contact, by meaning: 60% likely",)
    assert repeat_in_words(vague, view) == []
    assert [found.value for found in repeat_in_words(counted, view)] == [3]


def repeat_in_words(turn: TurnInput, view: PolicyView) -> list[Signal]:
    return list(detect_repeat(Scene(turn, Picture(), Picture(), view)))


def test_only_contacts_within_the_window_count(view: PolicyView) -> None:
    def contact(days: int) -> Contact:
        return Contact(f"c-{days}", "order_status", "orders_delivery", NOW - timedelta(days=days))

    turn = TurnInput(
        key="1",
        text="where is it",
        topic="order_status",
        category="orders_delivery",
        contacts=(contact(2), contact(6), contact(8)),
        at=NOW,
    )
    assert [found.conversation_id for found in same_contacts(turn, view)] == ["c-6", "c-2"]


def test_asking_the_same_in_other_words_is_a_repetition(view: PolicyView) -> None:
    picture = Picture(requests=("order_status?",), texts=("where is my order",))
    again = TurnInput(key="2", text="can you track it", topic="order_status")
    other = TurnInput(key="2", text="track this one", topic="order_status", entities={"order_number": "LH-10002"})
    assert repeats_itself(picture, again, view)
    assert not repeats_itself(picture, other, view)


def test_the_same_sentence_again_is_a_repetition_but_a_short_word_is_not(view: PolicyView) -> None:
    picture = Picture(texts=("the pump still makes a noise", "yes"))
    assert repeats_itself(picture, TurnInput(key="2", text="The pump still makes a noise!"), view)
    assert not repeats_itself(picture, TurnInput(key="2", text="yes"), view)


def test_several_mild_signals_together_make_an_offer(view: PolicyView) -> None:
    picture = Picture(turns=3, heat=0.45, repeats=0, texts=("the pump still makes a noise",))
    turn = TurnInput(key="4", text="the pump still makes a noise", intent="nlu_fallback", frustration=0.62)
    alone, _ = score_turn(turn, picture, replace(view, combined_offer=9.0, combined_now=9.0))
    pressure = sum(signal.pressure for signal in alone.signals)
    outcome, _ = score_turn(turn, picture, replace(view, combined_offer=pressure, combined_now=9.0))
    assert (alone.action, outcome.action) == (Ask.NOTHING, Ask.OFFER)
    assert {signal.name for signal in outcome.signals} == {"frustration", "repeated_fallback", "repetition"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I’ll see my LAWYER", ("lawyer",)),
        ("no lawyer needed", ()),
        ("this is not funny, my lawyer knows", ("lawyer",)),
        ("lawyerly", ()),
    ],
)
def test_phrases_are_whole_words_and_denials_are_seen(text: str, found: tuple[str, ...]) -> None:
    assert find_phrases(normalise(text), ("lawyer",)) == found
