"""Conditional rules as operations write them (P8): checked when loaded, doubted when they hardly can be meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from warmline.content.corpus import read_corpus
from warmline.escalation.check import check
from warmline.escalation.matrix import rows
from warmline.paths import PROJECT_ROOT
from warmline.policy import PolicyError, load_policy

SHIPPED = (PROJECT_ROOT / "data" / "escalation.yml").read_text(encoding="utf-8")
HEAD = "conditional_rules:\n"


@pytest.fixture
def with_rule(tmp_path: Path) -> Callable[[str], Path]:
    """The shipped policy with one more rule before its own."""

    def write(rule: str) -> Path:
        path = tmp_path / "escalation.yml"
        path.write_text(SHIPPED.replace(HEAD, f"{HEAD}  - {rule}\n", 1), encoding="utf-8")
        return path

    return write


def test_one_word_may_stand_without_brackets(with_rule: Callable[[str], Path]) -> None:
    rule = "{name: urgent, when: {phrases: urgent, topic: faq/billing_*}, then: {action: offer}}"
    first = load_policy(with_rule(rule)).conditional_rules[0]
    assert (first.when.phrases, first.when.topic) == (("urgent",), ("faq/billing_*",))
    assert (first.label, first.then.severity, first.then.level) == ("Urgent", 3, 1)


@pytest.mark.parametrize(
    ("rule", "where", "says"),
    [
        ("{name: two words, when: {turns_from: 3}, then: {action: offer}}", "0.name", "small letters"),
        ("{name: nothing, when: {}, then: {action: offer}}", "0.when", "fits every turn"),
        (
            "{name: unless, when: {unless: [x], turns_from: 2}, then: {action: offer}}",
            "0.when",
            "give phrases too",
        ),
        ("{name: later, when: {turns_from: 3}, then: {action: later}}", "0.then.action", "'offer' or 'now'"),
        ("{name: word, when: {word: urgent}, then: {action: now}}", "0.when.word", "check its spelling"),
        ("{name: where, when: {category: bills}, then: {action: offer}}", "0.when.category", "no category 'bills'"),
        ("{name: who, when: {tier: gold}, then: {action: offer}}", "0.when.tier", "choose one of standard, plus, vip"),
        ("{name: to, when: {turns_from: 3}, then: {action: offer, category: bills}}", "0.then.category", "no category"),
        ("{name: plus_refund_again, when: {turns_from: 3}, then: {action: offer}}", "2.name", "a name of its own"),
        (
            "{name: much, when: {frustration_from: 5}, then: {action: now}}",
            "0.when.frustration_from",
            "must be at most 1",
        ),
    ],
)
def test_a_mistake_in_a_rule_is_told_with_its_line_and_how_to_mend_it(
    with_rule: Callable[[str], Path], rule: str, where: str, says: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(with_rule(rule))
    (problem,) = refused.value.problems
    assert problem.where == f"conditional_rules.{where}"
    assert says in problem.what
    assert problem.line > SHIPPED[: SHIPPED.index(HEAD)].count("\n")


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("{name: broad, when: {category: billing}, then: {action: now}}", "hands over by category alone"),
        ("{name: long, when: {turns_from: 4, topic: order_status}, then: {action: now}}", "topic, turns_from alone"),
        ("{name: high, when: {phrases: urgent}, then: {action: now, severity: 3, level: 4}}", "to level 4 (Manager)"),
        ("{name: odd, when: {topic: order_statuses}, then: {action: offer}}", "'order_statuses' fits no intent"),
        ("{name: twice, when: {phrases: [urgent, Urgent]}, then: {action: offer}}", "'Urgent' stands in"),
        ("{name: never, when: {phrases: [not urgent], unless: [urgent]}, then: {action: offer}}", "never counts"),
    ],
)
def test_check_finds_a_rule_that_can_hardly_be_meant(with_rule: Callable[[str], Path], rule: str, says: str) -> None:
    (finding,) = check(with_rule(rule), read_corpus(PROJECT_ROOT / "data").entries).findings
    assert says in finding.what
    assert finding.what.startswith("conditional_rules.0.")


def test_a_rule_stands_in_the_matrix_where_its_cases_go() -> None:
    policy = load_policy(PROJECT_ROOT / "data" / "escalation.yml")
    there = {
        row.category
        for row in rows(policy)
        for trigger in row.because
        if trigger.what == "A member asks for their refund again" and row.severity == 2
    }
    assert there == {"returns_refunds"}
