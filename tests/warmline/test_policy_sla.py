"""The section on service levels: who waits how long, in which hours, and what is near (P7, P15)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from warmline import cli
from warmline.content.corpus import read_corpus
from warmline.escalation.check import check
from warmline.paths import PROJECT_ROOT
from warmline.policy import PolicyError, load_policy
from warmline.policy.sla import SilencePolicy, SlaPolicy

SHIPPED = PROJECT_ROOT / "data" / "escalation.yml"
TEXT = SHIPPED.read_text(encoding="utf-8")
SECTION = TEXT[TEXT.index("\nsla:\n") : TEXT.index("\n# How bad it is.")]
HOUR = timedelta(hours=1)


def test_a_better_tier_waits_its_share_of_every_target() -> None:
    policy = load_policy(SHIPPED)
    whole, half = policy.targets("billing", 3), policy.targets("billing", 3, "vip")
    assert policy.targets("billing", 3, "standard") == whole
    assert half.first_response == whole.first_response / 2
    assert half.next_update == whole.next_update / 2
    assert half.resolution == whole.resolution / 2


def test_severe_cases_are_counted_around_the_clock_and_others_in_business_hours() -> None:
    policy, saturday_night = load_policy(SHIPPED), datetime(2026, 3, 7, 22, tzinfo=UTC)
    assert policy.sla_hours("billing", 1).after(saturday_night, HOUR) == saturday_night + HOUR
    assert policy.sla_hours("billing", 2).after(saturday_night, HOUR) == datetime(2026, 3, 9, 9, tzinfo=UTC)


def test_the_clocks_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["escalation", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["sla"]
    assert shown["share_by_tier"] == {"standard": 1.0, "plus": 0.75, "vip": 0.5}
    assert shown["stalled_after"]["1"] == 1800.0
    assert cli.main(["escalation", "show"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "standard 1, plus 0.75, vip 0.5" in told
    assert "reminded after 24h, closed after 72h" in told


def test_near_is_a_share_of_the_target_or_a_duration() -> None:
    sla = SlaPolicy.model_validate({"near": {"first_response": 0.5, "resolution": "10m"}})
    assert sla.near.span("first_response", 2 * HOUR) == HOUR
    assert sla.near.span("resolution", 2 * HOUR) == timedelta(minutes=10)


def test_a_policy_without_the_section_has_sensible_service_levels(edited: Callable[[str, str], Path]) -> None:
    policy = load_policy(edited(SECTION, ""))
    assert policy.sla.around_the_clock == (1,)
    assert policy.targets("billing", 3, "vip") == policy.targets("billing", 3)
    assert policy.sla.stalled_after == load_policy(SHIPPED).sla.stalled_after
    assert policy.sla.customer_silent == SilencePolicy()


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        ("plus: 0.75, vip: 0.5}", "gold: 0.75}", "sla.share_by_tier.gold", "there is no tier 'gold'"),
        ("    next_update: 0.25", "    next_update: 1.5", "sla.near.next_update", "no share of a target"),
        ("    next_update: 0.25", "    next_update: soon", "sla.near.next_update", "not a duration"),
        ("around_the_clock: [1]", "around_the_clock: [5]", "sla.around_the_clock", "must be at most 4"),
        ("1: 30m, 2: 1h, 3: 4h, 4: 8h}", "1: 30m}", "sla", "stalled_after for severity 2, 3, 4"),
        ("remind_after: 24h", "remind_after: 96h", "sla.customer_silent", "nobody is closed unreminded"),
        (
            "    disposition: no_response",
            "    disposition: gone",
            "customer_silent.disposition",
            "among the dispositions",
        ),
        ("root_cause: went_silent", "root_cause: away", "customer_silent.root_cause", "among the root_causes"),
    ],
)
def test_a_mistake_in_the_section_is_told_with_its_line(
    edited: Callable[[str, str], Path], old: str, new: str, where: str, says: str
) -> None:
    path = edited(old, new)
    with pytest.raises(PolicyError) as refused:
        load_policy(path)
    (problem,) = refused.value.problems
    assert where in problem.where
    assert says in problem.what
    assert problem.line > TEXT[: TEXT.index("\nsla:\n")].count("\n")


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        ("1: 30m, 2: 1h", "1: 3h, 2: 1h", "sla.stalled_after", "severity 1 is stalled after 3h"),
        ("vip: 0.5}", "vip: 2.0}", "sla.share_by_tier.vip", "waits 2 times as long"),
        (
            "    first_response: 0.3",
            "    first_response: 10m",
            "sla.near.first_response",
            "nobody is told that 10m are",
        ),
    ],
)
def test_the_check_doubts_what_can_hardly_be_meant(
    edited: Callable[[str, str], Path], old: str, new: str, where: str, says: str
) -> None:
    labels = tuple(read_corpus(PROJECT_ROOT / "data").entries)
    found = [str(finding) for finding in check(edited(old, new), labels).findings]
    assert any(where in line and says in line for line in found), found
