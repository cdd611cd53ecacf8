"""The triage of a decision (P12): what is at stake, over the whole conversation, and the severity that follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.scoring.picture import Picture, after_human
from actions.scoring.policy import AnswerRule, PolicyView, TriageRule
from actions.scoring.signal import Ask
from actions.scoring.signals.authority import amount_of
from actions.scoring.triage import Triage, severity_of
from actions.scoring.turn import Customer, TurnInput
from tests.actions.scoring.talk import Talk

TRIAGE = TriageRule(
    money=AnswerRule(("money_at_stake", "risk_fraud", "authority_*"), 3),
    large_sum=200.0,
    large_sum_severity=2,
    reputation=AnswerRule(("risk_press",), 2),
    legal=AnswerRule(("risk_legal", "risk_regulator"), 2),
    business_critical=AnswerRule(("business_critical", "rule_business_stands_still"), 2),
    safety=AnswerRule(("risk_safety", "risk_self_harm"), 1),
    many_customers=5,
    many_customers_severity=1,
)


@pytest.fixture
def talk(view: PolicyView) -> Talk:
    return Talk(replace(view, triage=TRIAGE))


def test_a_plain_wish_for_a_person_touches_one_customer_and_nothing_is_at_stake(talk: Talk) -> None:
    outcome = talk.says("get me a human")
    assert (outcome.action, outcome.triage) == (Ask.NOW, Triage(customers=1))
    assert outcome.severity == talk.view.request_severity


def test_the_sum_that_is_asked_back_is_at_stake(talk: Talk) -> None:
    outcome = talk.says("refund my £649", topic="request_refund", entities={"order_number": "LH-10001"})
    assert (outcome.triage.money, outcome.triage.amount) == (True, 649.0)
    assert outcome.severity == 2


def test_what_was_told_before_is_still_at_stake_when_a_person_is_asked_for(talk: Talk) -> None:
    talk.says("can I have my £310 back", topic="request_refund")
    outcome = talk.says("oh just give me a human")
    assert (outcome.reason, outcome.triage.amount, outcome.severity) == ("explicit_request", 310.0, 2)


def test_of_several_sums_the_largest_is_at_stake(talk: Talk) -> None:
    talk.says("refund the £80 please", topic="request_refund")
    talk.says("no, £35 of it", topic="request_refund")
    assert talk.says("get me a human").triage.amount == 80.0


def test_a_price_that_is_only_mentioned_is_not_at_stake(talk: Talk) -> None:
    talk.says("does the £899 washer come in white", topic="check_stock")
    outcome = talk.says("get me a human")
    assert (outcome.triage.money, outcome.triage.amount) == (False, None)


def test_money_is_at_stake_by_meaning_where_no_sum_is_named(talk: Talk) -> None:
    outcome = talk.says("all my savings are gone from the account", needs={"money": 1.0})
    assert (outcome.triage.money, outcome.triage.amount) == (True, None)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("my solicitor will write to you", {"legal": ("legal",)}),
        ("I reported you to the ombudsman", {"legal": ("regulator",)}),
        ("I will go to the press", {"reputation": True}),
        ("the plug is on fire", {"safety": ("safety",)}),
        ("we had to close the shop over this", {"business_critical": True}),
    ],
)
def test_a_named_risk_answers_its_question(talk: Talk, text: str, answer: dict[str, object]) -> None:
    triage = talk.says(text).triage
    assert {name: getattr(triage, name) for name in answer} == answer
    rest = replace(triage, **{name: getattr(Triage(), name) for name in answer})  # type: ignore[arg-type]
    assert rest == Triage()


def test_a_hint_that_is_too_weak_to_offer_a_person_answers_nothing(talk: Talk) -> None:
    rule = next(rule for rule in talk.view.meanings if rule.name == "business_critical")
    assert rule.offer is not None
    talk.says("the cafe needs it", needs={rule.need: rule.offer * 0.8})
    assert not talk.says("get me a human").triage.business_critical


def test_an_answer_makes_a_case_more_severe_and_never_milder(view: PolicyView) -> None:
    mild = replace(TRIAGE, legal=AnswerRule(("risk_legal",), 4), safety=AnswerRule(("risk_self_harm",), 1))
    severe = Talk(replace(view, triage=mild)).says("my solicitor will write to you")
    assert severe.severity == next(rule.severity for rule in view.risks if rule.name == "legal")


def test_a_high_value_customer_is_triaged_one_step_more_severe(talk: Talk) -> None:
    view = replace(talk.view, vip_tiers=("vip",), vip_severity_up=1)
    vip = Talk(view).says(
        "refund my £649", topic="request_refund", entities={"order_number": "LH-1"}, customer=Customer("vip", True)
    )
    assert vip.severity == 1


def test_a_turn_that_goes_on_with_the_bot_stays_mild_whatever_is_at_stake(talk: Talk) -> None:
    outcome = talk.says("refund my £649", topic="request_refund")
    assert (outcome.action, outcome.severity) == (Ask.NOTHING, 4)


@pytest.mark.parametrize(
    ("triage", "severity"),
    [
        (Triage(), 4),
        (Triage(money=True), 3),
        (Triage(money=True, amount=199.99), 3),
        (Triage(money=True, amount=200.0), 2),
        (Triage(reputation=True), 2),
        (Triage(legal=("legal",), money=True), 2),
        (Triage(business_critical=True), 2),
        (Triage(safety=("safety",), legal=("legal",)), 1),
        (Triage(customers=4), 4),
        (Triage(customers=5), 1),
    ],
)
def test_the_worst_answer_makes_the_severity(talk: Talk, triage: Triage, severity: int) -> None:
    assert severity_of(triage, talk.view) == severity


def test_nothing_is_at_stake_any_more_once_a_person_has_dealt_with_it(talk: Talk) -> None:
    talk.says("refund my £649", topic="request_refund", entities={"order_number": "LH-10001"})
    rested = after_human(talk.picture)
    assert (rested.at_stake, rested.amount) == ((), None)
    assert Picture.from_json(talk.picture.to_json()).amount == 649.0


def test_a_row_of_digits_is_no_sum() -> None:
    assert amount_of(TurnInput(key="1", text="paid with card £4929123412341234 on Monday")) is None
    assert amount_of(TurnInput(key="1", text=f"£{'9' * 400}")) is None
