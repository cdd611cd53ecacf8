"""First help, then hand over: one bad word, a declined offer, calm turns, and what is never held back (P10, P11)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.scoring.policy import FrustrationRule, PolicyView
from actions.scoring.signal import Ask
from tests.actions.scoring.talk import Talk

ANGRY = 0.8


@pytest.fixture
def talk(view: PolicyView) -> Talk:
    hot = FrustrationRule(acknowledge=0.5, offer=0.5, offer_at_once=0.95, now=0.6, keep=0.5, weight=1.0, severity=3)
    return Talk(
        replace(view, frustration=hot, combined_offer=9.0, decline_turns=4, offer_turns=2, calm_turns=3, calm_below=0.4)
    )


def test_one_bad_word_is_acknowledged_and_does_not_escalate(talk: Talk) -> None:
    talk.says("where is my parcel")
    outcome = talk.says("this damn parcel is nowhere", frustration=ANGRY)
    assert (outcome.action, outcome.acknowledge) == (Ask.NOTHING, True)
    assert talk.says("ah well, it says Monday").action is Ask.NOTHING


def test_an_outcry_of_a_word_or_two_offers_nobody_however_furious(talk: Talk) -> None:
    assert talk.says("damn!", frustration=1.0).action is Ask.NOTHING


def test_anger_goes_up_one_step_at_a_time(talk: Talk) -> None:
    steps = [talk.says(f"angry sentence number {number}", frustration=ANGRY) for number in range(3)]
    assert [step.action for step in steps] == [Ask.NOTHING, Ask.OFFER, Ask.NOW]
    assert [step.acknowledge for step in steps] == [True, False, False]


def test_a_declined_offer_is_respected_for_as_long_as_the_policy_says(talk: Talk) -> None:
    talk.says("angry sentence number one", frustration=ANGRY)
    assert talk.says("angry sentence number two", frustration=ANGRY).action is Ask.OFFER
    actions = [talk.says("no thank you", intent="decline_person", frustration=ANGRY).action]
    actions += [talk.says(f"still angry, number {number}", frustration=ANGRY).action for number in range(4)]
    assert actions == [Ask.NOTHING] * 4 + [Ask.OFFER]


def test_no_to_an_offer_declines_it_and_any_other_no_does_not(talk: Talk) -> None:
    talk.says("not that one", intent="deny")
    assert talk.picture.declined_turn is None
    talk.says("angry sentence number one", frustration=ANGRY)
    talk.says("angry sentence number two", frustration=ANGRY)
    talk.says("no", intent="deny")
    assert talk.picture.declined_turn == talk.picture.turns


@pytest.mark.parametrize(
    ("text", "reason"), [("get me a human", "explicit_request"), ("my solicitor will write to you", "policy")]
)
def test_a_declined_offer_never_holds_back_a_wish_or_a_risk(talk: Talk, text: str, reason: str) -> None:
    talk.says("angry sentence number one", frustration=ANGRY)
    talk.says("angry sentence number two", frustration=ANGRY)
    talk.says("no", intent="deny")
    outcome = talk.says(text)
    assert (outcome.action, outcome.reason) == (Ask.NOW, reason)


def test_three_calm_turns_forgive_and_two_do_not(talk: Talk) -> None:
    talk.says("angry sentence number one", frustration=ANGRY)
    talk.says("angry sentence number two", frustration=ANGRY)
    talk.says("the number is LH-10001")
    talk.says("the one with the lamp")
    assert talk.picture.offers == 1
    talk.says("on the second floor")
    assert (talk.picture.offers, talk.picture.heat, talk.picture.acknowledged_turn) == (0, 0.0, None)
    again = talk.says("and now it is angry again", frustration=ANGRY)
    assert (again.action, again.acknowledge) == (Ask.NOTHING, True)


def test_calm_words_that_are_not_understood_forgive_nothing(talk: Talk) -> None:
    talk.says("angry sentence number one", frustration=ANGRY)
    talk.says("angry sentence number two", frustration=ANGRY)
    for text in ("the lamp one", "a lamp I said", "lamp, L A M P"):
        talk.says(text, intent="nlu_fallback")
    assert talk.picture.offers >= 1


def test_an_unsure_no_is_no_answer_to_an_offer(talk: Talk) -> None:
    """What is only taken for "no person, thanks" must not keep anybody away."""
    unsure = talk.view.request_confidence - 0.01
    talk.says("what would that be", intent="decline_person", confidence=unsure)
    assert talk.picture.declined_turn is None
    talk.says("no person, thanks", intent="decline_person", confidence=talk.view.request_confidence)
    assert talk.picture.declined_turn == 2
