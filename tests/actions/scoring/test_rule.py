"""Rules that operations wrote hand over, or offer a person, when all their conditions fit, and say what fitted (P8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actions.policy_view import view_of
from actions.scoring.decision import Outcome, score_turn
from actions.scoring.picture import Picture, after_human
from actions.scoring.policy import PolicyView, RuleView
from actions.scoring.signal import Ask
from actions.scoring.turn import OFFER_ACTION, Contact, Customer, TurnInput
from warmline.policy import EscalationPolicy

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
RULE = RuleView(name="test_rule", label="A test", at_once=True, severity=2, level=2)


def under(view: PolicyView, **conditions: Any) -> PolicyView:
    return replace(view, rules=(replace(RULE, **conditions),))


def turn(text: str = "hello there", **given: Any) -> TurnInput:
    return TurnInput(**{"key": "m1", "text": text, "at": NOW, **given})


def scored(policy: PolicyView, what: TurnInput, picture: Picture | None = None) -> Outcome:
    return score_turn(what, picture or Picture(), policy)[0]


EARLIER = (Contact("c0", "refund_status", "returns_refunds", NOW - timedelta(days=2)),)
REFUND = {"topic": "refund_status", "category": "returns_refunds"}
FITTING = [
    ({"phrases": ("urgent", "billing error*")}, turn("two billing errors already"), "said: billing errors"),
    ({"categories": ("billing", "returns_refunds")}, turn(**REFUND), "about returns_refunds"),
    ({"topics": ("refund_*",)}, turn(**REFUND), "topic refund_status"),
    ({"tiers": ("plus",)}, turn(customer=Customer("plus")), "tier plus"),
    ({"amount_from": 200.0}, turn("it was £1,200 in all"), "£1,200.00, from £200.00 on"),
    ({"frustration_from": 0.4}, turn(frustration=0.45), "frustration 0.45, from 0.40 on"),
    ({"contacts_from": 2}, turn(contacts=EARLIER, **REFUND), "2nd contact, from 2 on"),
    ({"contacts_from": 3}, turn("this is the third time I write"), "3rd contact, from 3 on"),
    ({"turns_from": 1}, turn(), "1st turn, from 1 on"),
    ({"minutes_from": 20.0}, turn(began=NOW - timedelta(minutes=21)), "21 minutes since the beginning, from 20 on"),
]
OTHERS: list[tuple[dict[str, Any], TurnInput]] = [
    ({"phrases": ("urgent",)}, turn("it is not urgent")),
    ({"phrases": ("urgent",), "unless": ("urgent care",)}, turn("a urgent care question")),
    ({"phrases": ("urgent",)}, turn("/urgent")),
    ({"categories": ("billing",)}, turn(**REFUND)),
    ({"topics": ("refund_status",)}, turn()),
    ({"tiers": ("plus", "vip")}, turn()),
    ({"amount_from": 200.0}, turn("it was £199.99")),
    ({"amount_from": 200.0}, turn("it was a lot")),
    ({"frustration_from": 0.4}, turn(frustration=0.39)),
    ({"contacts_from": 2}, turn(**REFUND)),
    ({"turns_from": 2}, turn()),
    ({"minutes_from": 20.0}, turn(began=NOW - timedelta(minutes=19))),
    ({"minutes_from": 20.0}, turn()),
]


@pytest.mark.parametrize(("conditions", "what", "evidence"), FITTING, ids=[item[2] for item in FITTING])
def test_a_condition_that_fits_hands_over_and_is_the_evidence(
    view: PolicyView, conditions: dict[str, Any], what: TurnInput, evidence: str
) -> None:
    outcome = scored(under(view, **conditions), what)
    signal = next(signal for signal in outcome.signals if signal.name == "rule_test_rule")

    assert (outcome.action, outcome.reason) == (Ask.NOW, "policy")
    assert signal.evidence == ("rule test_rule: A test", evidence)
    assert outcome.level == 2


@pytest.mark.parametrize(("conditions", "what"), OTHERS)
def test_a_condition_that_does_not_fit_does_nothing(
    view: PolicyView, conditions: dict[str, Any], what: TurnInput
) -> None:
    assert all(signal.name != "rule_test_rule" for signal in scored(under(view, **conditions), what).signals)


def test_all_conditions_must_fit(view: PolicyView) -> None:
    policy = under(view, phrases=("urgent",), tiers=("plus",), turns_from=1)
    assert scored(policy, turn("this is urgent")).action is Ask.NOTHING
    outcome = scored(policy, turn("this is urgent", customer=Customer("plus")))
    assert outcome.action is Ask.NOW
    assert outcome.signals[0].evidence[1:] == ("said: urgent", "tier plus", "1st turn, from 1 on")


def test_the_case_goes_where_the_rule_says_or_else_where_its_topic_belongs(view: PolicyView) -> None:
    assert scored(under(view, phrases=("urgent",), category="billing"), turn("urgent", **REFUND)).category == "billing"
    assert scored(under(view, phrases=("urgent",)), turn("urgent", **REFUND)).category == "returns_refunds"


def test_what_the_conversation_was_about_counts_in_later_turns(view: PolicyView) -> None:
    policy = under(view, topics=("refund_status",), phrases=("urgent",))
    _, picture = score_turn(turn("where is my refund", **REFUND), Picture(), policy)
    assert scored(policy, turn("it is urgent", key="m2"), picture).action is Ask.NOW


def test_a_declined_offer_holds_a_rule_that_offers_back_and_not_one_that_hands_over(view: PolicyView) -> None:
    declined = Picture(turns=3, offer_turn=2, declined_turn=3)
    said = turn("it is urgent")
    assert scored(under(view, phrases=("urgent",)), said, declined).action is Ask.NOW
    assert scored(under(view, phrases=("urgent",), at_once=False), said).action is Ask.OFFER
    assert scored(under(view, phrases=("urgent",), at_once=False), said, declined).action is Ask.NOTHING


def test_a_rule_without_words_offers_once_and_does_not_nag(view: PolicyView) -> None:
    policy = under(view, turns_from=2, at_once=False)
    _, picture = score_turn(turn(), Picture(), policy)
    outcome, picture = score_turn(turn(key="m2"), picture, policy)
    assert outcome.action is Ask.OFFER
    for number in range(3, 12):
        last = (OFFER_ACTION,) if number == 3 else ()
        outcome, picture = score_turn(turn(key=f"m{number}", frustration=0.46, last_actions=last), picture, policy)
        assert outcome.action is Ask.NOTHING


def test_what_a_person_has_dealt_with_does_not_trigger_the_same_rule_again(view: PolicyView) -> None:
    always = under(view, turns_from=1)
    outcome, picture = score_turn(turn(), Picture(), always)
    assert outcome.action is Ask.NOW
    assert scored(always, turn("thanks", key="m2"), after_human(picture)).action is Ask.NOTHING
    words = under(view, phrases=("urgent",))
    _, picture = score_turn(turn("urgent"), Picture(), words)
    assert scored(words, turn("urgent again", key="m2"), after_human(picture)).action is Ask.NOW


@pytest.mark.parametrize(
    ("text", "given", "action"),
    [
        ("the till is broken and we can't take payments", {}, Ask.NOW),
        ("we had to close the shop because of it", {}, Ask.NOW),
        ("my business is closed on Sundays, can you deliver on Monday?", {}, Ask.NOTHING),
        ("do you take payments by card", {}, Ask.NOTHING),
        ("where is my refund", {"contacts": EARLIER, "customer": Customer("plus"), **REFUND}, Ask.OFFER),
        ("where is my refund", {"contacts": EARLIER, **REFUND}, Ask.NOTHING),
    ],
)
def test_the_shipped_rules_do_what_they_say(
    policy: EscalationPolicy, text: str, given: dict[str, Any], action: Ask
) -> None:
    assert scored(view_of(policy), turn(text, **given)).action is action
