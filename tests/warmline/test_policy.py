"""The escalation matrix is readable, checked on load, and says where a slip of the pen is (P15)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from handoff.contract import Category
from warmline.paths import PROJECT_ROOT
from warmline.policy import EscalationPolicy, PolicyError, load_policy

SHIPPED = PROJECT_ROOT / "data" / "escalation.yml"


@pytest.fixture(scope="module")
def policy() -> EscalationPolicy:
    return load_policy(SHIPPED)


def test_the_shipped_policy_has_every_category_and_severity(policy: EscalationPolicy) -> None:
    assert set(policy.categories) == set(Category)
    for category in policy.categories:
        for severity in (1, 2, 3, 4):
            targets = policy.targets(category, severity)
            assert timedelta() < targets.first_response <= targets.resolution


def test_worse_cases_are_promised_sooner_help(policy: EscalationPolicy) -> None:
    for category in policy.categories:
        firsts = [policy.targets(category, severity).first_response for severity in (1, 2, 3, 4)]
        assert firsts == sorted(firsts)


@pytest.mark.parametrize(
    ("topic", "category"),
    [
        ("order_status", "orders_delivery"),
        ("request_refund", "returns_refunds"),
        ("faq/billing_payment_methods", "billing"),
        ("faq/account_security_two_factor", "account_security"),
        ("end_plan", "plan"),
        ("troubleshoot_device", "technical"),
        ("refund_status", "returns_refunds"),
        ("cancel_return", "returns_refunds"),
        ("gift_card_balance", "billing"),
        ("repair_status", "technical"),
        ("guarantee_check", "technical"),
        ("resume_plan", "plan"),
        ("reschedule_delivery", "orders_delivery"),
        ("check_stock", "orders_delivery"),
        ("greet", "general"),
        (None, "general"),
    ],
)
def test_a_topic_belongs_to_a_category(policy: EscalationPolicy, topic: str | None, category: str) -> None:
    assert policy.category_of(topic) == category


def test_small_talk_is_no_request(policy: EscalationPolicy) -> None:
    assert policy.is_known("order_status")
    assert policy.is_known("faq/plan_price")
    assert not policy.is_known("greet")
    assert not policy.is_known("")


def test_a_sum_goes_to_the_first_level_that_may_decide_it(policy: EscalationPolicy) -> None:
    refund = policy.authority["refund"]
    assert refund.bot_limit == 50.0
    assert [refund.level_for(amount) for amount in (60, 300, 649, 99_999)] == [1, 2, 3, 4]


def test_the_version_follows_the_content(edited: Callable[[str, str], Path], policy: EscalationPolicy) -> None:
    other = load_policy(edited("bot_limit: 50.00", "bot_limit: 60.00"))
    assert other.version != policy.version
    assert load_policy(SHIPPED).version == policy.version


@pytest.mark.parametrize(
    ("old", "new", "needle", "says"),
    [
        ("bot_limit: 50.00", "bot_limit: 500.00", "authority.refund", "limits must rise"),
        ("first_response: 2m, next_update: 15m", "first_response: soon, next_update: 15m", "first_response", "15m"),
        ("bot_patience_seconds: 45", "bot_patience: 45", "bot_patience", "spelling"),
        ("    acknowledge: 0.50", "    acknowledge: 1.50", "acknowledge", "must be at most 1 (found"),
        ("    now: 0.55           # an", "    now: 0.40           # an", "signals.frustration", "must rise"),
        ("    category: account_security\n", "    category: accounts\n", "risks.security.category", "accounts"),
        ("[risk_safety, risk_self_harm]", "[risk_saftey]", "triage.safety.signals", "name a risk (risk_NAME)"),
        ("large_sum: 200.00", "large_sum: -1", "triage.money.large_sum", "must be at least 0 (found"),
        ("  general:            #", "  generally:          #", "categories", "general"),
        ("  offline_after: 60s", "  offline_after: 20s", "presence.offline_after", "must be at least 45s"),
        ("  tries: 3 ", "  tries: -3 ", "offers.tries", "must be at least 0 (found"),
        ("{account_security: 2}", "{accounts: 2}", "assignment.weight_by_category.accounts", "there is no category"),
        ("next_best: [lead]", "next_best: [boss]", "assignment.next_best", "level_below"),
        ("  language: en ", "  language: English please ", "assignment.language", "pattern"),
        ("  4: {name: Manager", "  5: {name: Manager", "levels", "must be at most 4"),
        ("first_response: 2m", "first_response: 99999999999999d", "first_response", "write at most 3660d"),
        ("    acknowledge: 0.50", "    acknowledge: 0,50", "acknowledge", "must be a number; write 0.50"),
        ("    acknowledge: 0.50", "    acknowledge: 50%", "acknowledge", "must be a number; write 0.5 (found"),
        ("    acknowledge: 0.50", "    acknowledge:", "acknowledge", "must be a number (found nothing)"),
        ("bot_limit: 50.00", "bot_limit: £50", "authority.refund.bot_limit", "write 50, without a sign"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_how_to_mend_it(
    edited: Callable[[str, str], Path], old: str, new: str, needle: str, says: str
) -> None:
    path = edited(old, new)
    with pytest.raises(PolicyError) as refused:
        load_policy(path)
    told = str(refused.value)
    assert str(path) in told
    assert needle in told
    assert says in told
    assert all(problem.line >= 1 for problem in refused.value.problems)


def test_the_line_is_that_of_the_mistake(edited: Callable[[str, str], Path]) -> None:
    path = edited("bot_patience_seconds: 45", "bot_patience_seconds: long")
    line = next(
        number
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if "bot_patience_seconds" in text
    )
    with pytest.raises(PolicyError) as refused:
        load_policy(path)
    assert [problem.line for problem in refused.value.problems] == [line]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    label: Billing", "\tlabel: Billing", "a tab stands here"),
        ("    label: Billing", "    label: Billing\n    label: Bills", "label stands here twice; remove one"),
        ("    label: Billing", "    label: Billing: all", "a text with a colon needs quotes"),
        ("targets: *standard_targets", "targets: *standard_target", "check the spelling of both"),
        ('"i\'m bleeding"', "\"i'm bleeding", "is not closed, or a comma is missing"),
        ("in hospital with burns", "in hospital] with burns", "closed too early there"),
        ("acknowledge: 0.50", "acknowledge:\u00a00.50", "delete it and type a space"),
        ("cooldown:", "<<<<<<< HEAD\ncooldown:", "add its colon, or remove it"),
        ("cooldown:", "---\ncooldown:", "begins another file here"),
    ],
)
def test_what_is_no_yaml_is_told_in_words_for_who_edits_it(
    edited: Callable[[str, str], Path], old: str, new: str, says: str
) -> None:
    path = edited(old, new)
    with pytest.raises(PolicyError) as refused:
        load_policy(path)
    (problem,) = refused.value.problems
    changed = SHIPPED.read_text(encoding="utf-8").split(old)[0].count("\n") + 1
    assert says in problem.what
    assert "scalar" not in problem.what
    begun = re.search(r"begins in line (\d+)", problem.what)
    assert changed <= problem.line <= changed + 3 or (begun and int(begun[1]) <= changed < problem.line)


def test_a_slip_in_what_all_queues_share_is_told_once(edited: Callable[[str, str], Path]) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(edited("first_response: 2m, next_update: 15m", "first_response: soon, next_update: 15m"))
    assert [problem.where for problem in refused.value.problems] == ["categories.billing.targets.1.first_response"]


def test_every_missing_key_is_told(edited: Callable[[str, str], Path]) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(edited("  after_decline_turns:", "  after_decline:"))
    assert [problem.where for problem in refused.value.problems] == [
        "cooldown.after_decline_turns",
        "cooldown.after_decline",
    ]


@pytest.mark.parametrize("content", [b"", b"- a\n- b\n", b"a: [1, 2\n", b"\tx: 1\n", b"\xff\xfe\x00"])
def test_what_is_no_policy_is_refused_clearly(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "escalation.yml"
    path.write_bytes(content)
    with pytest.raises(PolicyError):
        load_policy(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="put the escalation policy there"):
        load_policy(tmp_path / "nowhere.yml")


def test_rasa_does_not_take_the_policy_for_training_data() -> None:
    keys = {line.partition(":")[0] for line in SHIPPED.read_text(encoding="utf-8").splitlines() if line[:1].isalpha()}
    assert not keys & {"nlu", "stories", "rules", "responses", "version", "intents", "slots", "actions"}


def test_a_policy_without_the_newer_parts_has_sensible_ones(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    start, end = text.index("\npresence:\n"), text.index("# Several customers with the same problem (P14)")
    path = tmp_path / "escalation.yml"
    path.write_text(text[:start] + "\n" + text[end:], encoding="utf-8")
    older = load_policy(path)

    assert older.offers.tries > 0
    assert older.assignment.weight("billing", 1) > older.assignment.weight("billing", 4)
    assert older.assignment.skills_for("troubleshoot_device") == ()
    assert load_policy(SHIPPED).assignment.skills_for("troubleshoot_device") == ("repairs",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    if_meant_from: 0.30\n", "", "if_meant needs if_meant_from"),
        ("    if_meant_from: 0.30\n", "    if_meant_from: 0.56\n", "if_meant_from must not be above meaning_from"),
    ],
)
def test_words_that_count_with_their_meaning_need_a_likelihood_below_it(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "escalation.yml"
    path.write_text(SHIPPED.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyError, match=said):
        load_policy(path)
