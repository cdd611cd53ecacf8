"""An offer of a person is answered in many ways, and each yes and no is heard."""

from __future__ import annotations

import pytest

from actions.scoring.answers import accepts, refuses
from actions.scoring.policy import PolicyView
from actions.scoring.signal import Ask
from actions.scoring.turn import OFFER_ACTION
from tests.actions.scoring.talk import Talk, named


@pytest.mark.parametrize(
    "text",
    ["no", "No!", "nope, not now", "no, just fix it", "no, I want my money back", "no I want to know where my order is",
     "No – let me try once more", "nah thanks", "n", "not yet", "maybe later", "no need", "never mind, thank you",
     "nein danke", "nein, ich will nur meine Bestellung", "no gracias", "no, gracias", "no hace falta", "non merci"],
)  # fmt: skip
def test_a_no_to_an_offer_is_heard_whatever_else_it_asks_for(text: str) -> None:
    assert refuses(text)
    assert not accepts(text)


@pytest.mark.parametrize(
    "text",
    ["yes", "Yes please!", "ok", "sure, thanks", "yes, and tell them about my order LK-10022", "yes but quickly",
     "yes, please do", "ja bitte", "ja, gerne", "sí por favor", "sí", "oui, merci", "go ahead"],
)  # fmt: skip
def test_a_yes_to_an_offer_is_heard_in_more_languages_than_one(text: str) -> None:
    assert accepts(text)
    assert not refuses(text)


@pytest.mark.parametrize(
    "text",
    ["no answer, no parcel, nothing", "nobody ever calls back", "no idea what that means", "not one of you has helped",
     "yesterday it worked", "ok where is my order", "yes I know that it is on its way", "nothing works", "",
     "note that it was order 10022", "no, and I tell you what: I have written to you four times about this parcel now"],
)  # fmt: skip
def test_what_only_begins_like_an_answer_is_none(text: str) -> None:
    assert not refuses(text)
    assert not accepts(text)


def test_a_declined_offer_is_respected_also_where_the_refusal_asks_for_something_else(view: PolicyView) -> None:
    talk = Talk(view, last_actions=(OFFER_ACTION,))
    talk.says("no, I want my money back", intent="request_refund", frustration=0.9)
    assert talk.picture.declined_turn == 1
    assert talk.says("this is an absolute disgrace", frustration=0.95).action is Ask.NOTHING


def test_a_person_asked_for_after_a_no_still_comes(view: PolicyView) -> None:
    talk = Talk(view, last_actions=(OFFER_ACTION,))
    assert talk.says("no, give me your manager", intent="nlu_fallback").reason == "explicit_request"


def test_a_yes_that_was_not_understood_still_brings_the_person(view: PolicyView) -> None:
    outcome = Talk(view, last_actions=(OFFER_ACTION,)).says("ja bitte", intent="nlu_fallback", confidence=0.1)
    accepted = named(outcome, "accepted_offer")
    assert outcome.action is Ask.NOW
    assert accepted is not None
    assert accepted.value >= accepted.threshold
