"""What a turn tells by its meaning: needs in whatever words, the wish for a person, a named risk (P3, P5, P6)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.scoring.policy import MeaningRule, PolicyView
from actions.scoring.signal import Ask, Kind, Signal
from actions.scoring.signals import explicit_request, meaning, risk
from actions.scoring.turn import TurnInput
from tests.actions.scoring.talk import Talk, scene

LOST_MONEY = MeaningRule(
    name="money_at_stake",
    label="Money at stake",
    need="money",
    offer=0.5,
    now=0.8,
    adds_frustration=0.2,
    weight=1.0,
    severity=2,
    level=1,
    category=None,
)


@pytest.fixture
def lost_money(view: PolicyView) -> PolicyView:
    return replace(view, meanings=(LOST_MONEY,))


def money(view: PolicyView, likely: float, frustration: float = 0.0) -> list[Signal]:
    turn = TurnInput(key="1", text="it left my account", needs={"money": likely}, frustration=frustration)
    return list(meaning.detect(scene(view, turn)))


@pytest.mark.parametrize(
    ("likely", "asks"), [(0.24, None), (0.3, Ask.NOTHING), (0.5, Ask.OFFER), (0.79, Ask.OFFER), (0.8, Ask.NOW)]
)
def test_the_likelier_a_need_is_the_more_is_done(lost_money: PolicyView, likely: float, asks: Ask | None) -> None:
    found = money(lost_money, likely)
    assert [signal.asks for signal in found] == ([] if asks is None else [asks])


def test_frustration_makes_a_need_more_pressing_but_makes_none(lost_money: PolicyView) -> None:
    assert money(lost_money, 0.65)[0].asks is Ask.OFFER
    assert money(lost_money, 0.65, frustration=1.0)[0].asks is Ask.NOW
    assert money(lost_money, 0.2, frustration=1.0) == []


def test_a_need_may_only_ever_offer_or_only_ever_hand_over(view: PolicyView) -> None:
    only_offers = replace(view, meanings=(replace(LOST_MONEY, now=None),))
    only_hands_over = replace(view, meanings=(replace(LOST_MONEY, offer=None),))
    assert money(only_offers, 1.0)[0].asks is Ask.OFFER
    assert money(only_hands_over, 0.79)[0].asks is Ask.NOTHING
    assert money(only_hands_over, 0.8)[0].asks is Ask.NOW


def test_a_severe_need_has_priority_and_says_how_likely_it_was(view: PolicyView) -> None:
    mild = replace(view, meanings=(replace(LOST_MONEY, severity=3, category="billing"),))
    (severe,), (other,) = money(replace(view, meanings=(LOST_MONEY,)), 0.55), money(mild, 0.55)
    assert (severe.kind, other.kind, other.category) == (Kind.PRIORITY, Kind.FUNCTIONAL, "billing")
    assert severe.evidence == ("Money at stake: by meaning, 55% likely",)


def test_no_need_hands_over_against_a_declined_offer(lost_money: PolicyView) -> None:
    talk = Talk(lost_money)
    assert talk.says("it left my account", needs={"money": 0.6}).action is Ask.OFFER
    assert talk.says("no thanks", intent="decline_person").action is Ask.NOTHING
    assert talk.says("and it is gone for good", needs={"money": 0.9}).action is Ask.NOTHING


@pytest.mark.parametrize(
    ("needs", "wanted", "superior"),
    [
        ({"person": 0.69}, False, False),
        ({"person": 0.7}, True, False),
        ({"superior": 0.7}, True, True),
        ({"person": 0.9, "superior": 0.2}, True, False),
        ({}, False, False),
    ],
)
def test_the_wish_for_a_person_is_understood_by_its_meaning(
    view: PolicyView, needs: dict[str, float], wanted: bool, superior: bool
) -> None:
    """P3: in any wording."""
    view = replace(view, request_meaning_from=0.7)
    turn = TurnInput(key="1", text="is nobody made of flesh and blood around", intent="inform", needs=needs)
    found = list(explicit_request.detect(scene(view, turn)))
    assert bool(found) == wanted
    if wanted:
        assert found[0].hard
        assert found[0].asks is Ask.NOW
        assert found[0].kind is (Kind.HIERARCHICAL if superior else Kind.FUNCTIONAL)
        assert found[0].level == (view.superior_level if superior else 1)


@pytest.mark.parametrize(
    "text",
    [
        "I don't want an agent, just tell me where it is",
        "please do not connect me to a human",
        "no need for a manager",
        "rather than an agent, give me a link",
    ],
)
def test_a_wish_that_is_denied_in_words_is_no_wish_whatever_the_meaning_says(view: PolicyView, text: str) -> None:
    turn = TurnInput(key="1", text=text, intent="talk_to_person", needs={"person": 0.99, "superior": 0.99})
    assert list(explicit_request.detect(scene(view, turn))) == []


def test_a_risk_is_recognised_by_its_meaning_where_the_policy_says_from_when(view: PolicyView) -> None:
    """P5."""
    safety = next(rule for rule in view.risks if rule.name == "safety")
    turn = TurnInput(key="1", text="the plug got so hot that it melted", needs={"safety": 0.7})
    by_meaning = replace(view, risks=(replace(safety, meaning_from=0.7, alone_from=None),))
    (signal,) = risk.detect(scene(by_meaning, turn))
    assert (signal.name, signal.asks, signal.hard, signal.severity) == ("risk_safety", Ask.NOW, True, safety.severity)
    assert signal.evidence == ("Safety: by meaning, 70% likely",)

    assert list(risk.detect(scene(by_meaning, replace(turn, needs={"safety": 0.69})))) == []
    words_only = replace(view, risks=(replace(safety, meaning_from=None, alone_from=None),))
    assert list(risk.detect(scene(words_only, replace(turn, needs={"safety": 1.0})))) == []


def test_a_risk_in_words_and_by_meaning_is_one_reason_with_both_as_evidence(view: PolicyView) -> None:
    safety = next(rule for rule in view.risks if rule.name == "safety")
    both = replace(view, risks=(replace(safety, meaning_from=0.7, alone_from=None),))
    turn = TurnInput(key="1", text="the plug is on fire", needs={"safety": 0.95})
    (signal,) = risk.detect(scene(both, turn))
    assert signal.evidence == ("Safety: on fire", "Safety: by meaning, 95% likely")


def test_a_need_counts_only_in_a_turn_that_reads_enough_like_those_that_needed_a_person(lost_money: PolicyView) -> None:
    """P10: words about money alone bring nobody."""
    view = replace(lost_money, like_handoffs=replace(lost_money.like_handoffs, with_meaning=0.3))
    turn = TurnInput(key="1", text="it left my account", needs={"money": 0.9}, take_over=0.29)
    assert [signal.asks for signal in meaning.detect(scene(view, turn))] == [Ask.NOTHING]
    assert [signal.asks for signal in meaning.detect(scene(view, replace(turn, take_over=0.3)))] == [Ask.NOW]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I ended up in hospital because of it", "safety"),
        ("there is an unauthorised payment on my card", "fraud"),
        ("I am reporting you to the authorities", "regulator"),
        ("you will get a terrible review from me", "press"),
    ],
)
def test_a_risk_named_in_words_counts_though_the_model_hears_none(view: PolicyView, text: str, name: str) -> None:
    """P5."""
    turn = TurnInput(key="1", text=text, needs={name: 0.0})
    (found,) = risk.detect(scene(view, turn))
    assert (found.name, found.asks) == (f"risk_{name}", Ask.NOW)
