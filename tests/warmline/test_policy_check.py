"""``warmline escalation check`` finds what a schema cannot, and says with the line how to mend it (P15)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from handoff.domain.queue_order import REPEAT_CONTACTS_COUNTED as COUNTED_BY_THE_QUEUE
from handoff.domain.queue_order import longest_overtaking
from handoff.services.context import weights_of
from warmline import cli
from warmline.content.corpus import read_corpus
from warmline.content.findings import Finding, Severity
from warmline.escalation.check import check
from warmline.paths import PROJECT_ROOT
from warmline.policy import load_policy
from warmline.policy.model import REPEAT_CONTACTS_COUNTED

SHIPPED = PROJECT_ROOT / "data" / "escalation.yml"
LABELS = tuple(read_corpus(PROJECT_ROOT / "data").entries)


def findings(path: Path) -> tuple[Finding, ...]:
    return check(path, LABELS).findings


def test_the_shipped_policy_gives_no_doubt() -> None:
    found = check(SHIPPED, LABELS)
    assert [str(finding) for finding in found.findings] == []
    assert found.version == load_policy(SHIPPED).version


DOUBTS = [
    ("  calm_below: 0.45", "  calm_below: 0.55", "forgiveness.calm_below", "counts as calm too"),
    ("    offer_at_once: 0.97", "    offer_at_once: 0.40", "frustration.offer_at_once", "one turn of 0.4"),
    ("    min_confidence: 0.60", "    min_confidence: 0.20", "explicit_request.min_confidence", "believed from 0.2"),
    ("  after_decline_turns: 4", "  after_decline_turns: 1", "cooldown.after_decline_turns", "repeated sooner"),
    ("    offer: 3\n    now: 5", "    offer: 1\n    now: 5", "low_confidence.offer", "1 unsure answers weigh as much"),
    ("    contacts: 3", "    contacts: 4", "repeat_in_words.now", "3 contacts that a customer claims"),
    ("  offer: 1.1            # also: hand over when an offer stands unanswered\n  now: 1.5",
     "  offer: 9.0\n  now: 9.5",
     "combined.offer", "is never reached"),
    ("    weight: 0.8", "    weight: 8.0", "repetition.weight", "repetition alone brings an offer"),
    ("{first_response: 2m, next_update: 15m", "{first_response: 6m, next_update: 15m", "targets.1.first_response",
     "severity 1 is promised 6m, the milder severity 2 already 5m"),
    ("next_update: 4h, resolution: 48h", "next_update: 3d, resolution: 48h", "targets.4.next_update",
     "comes after the solution"),
    ("    severity: 2\n    level: 3", "    severity: 4\n    level: 3", "risks.regulator.level",
     "severity 4 (Low) goes to level 3 (Lead) at once"),
    ("3: 30, 4: 10}", "3: 30, 4: 50}", "priority.severity", "severity 4 gets more points (50) than"),
    ("  per_minute: 2", "  per_minute: 1", "priority.overtaken_at_most", "180 minutes later, not 90m"),
    ("suicide, suicidal,", "suicide, suicidal, Suicide,", "self_harm.phrases", "'Suicide' stands in"),
    ("kill myself, killing", "“kill myself”, killing", "self_harm.phrases", "“kill myself” never counts: its"),
    ("suicide, suicidal,", "suicid*, suicidal,", "self_harm.phrases", "'suicidal' is covered by 'suicid*'"),
    ("kill myself, killing", "lawyer, kill myself, killing", "legal.if_meant", "shows the risk self_harm already"),
    ("power of attorney, powers", "lawsuit, power of attorney, powers", "legal.if_meant", "'lawsuit' never counts"),
    ("not_these: [delivery person,", "not_these: [delivery person, agent,", "people.agents", "'agent' never counts"),
    ("topics: [invoice_copy,", "topics: [invoice_copies,", "categories.billing.topics", "'invoice_copies' fits no"),
    ("faq/billing_*]", "faq/bills_*]", "categories.billing.topics", "'faq/bills_*' fits no intent and no FAQ"),
    ("topics: [explain_charge]", "topics: [explain_charges]", "authority.credit.topics", "'explain_charges' fits"),
    ("small_talk: [greet,", "small_talk: [", "categories", "no category takes greet"),
    ("small_talk: [greet,", "small_talk: [greet, order_status,", "small_talk", "order_status is a topic of category"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "what"), DOUBTS, ids=[doubt[3] for doubt in DOUBTS])
def test_what_can_hardly_be_meant_is_found_with_its_line_and_the_remedy(
    edited: Callable[[str, str], Path], old: str, new: str, where: str, what: str
) -> None:
    path = edited(old, new)
    found = [finding for finding in findings(path) if what in finding.what]

    assert found, [str(finding) for finding in findings(path)]
    assert where in found[0].what
    assert found[0].mend
    assert 1 < found[0].line <= len(path.read_text(encoding="utf-8").splitlines())


def test_the_line_is_that_of_the_phrase_itself_in_a_list_of_many_lines(edited: Callable[[str, str], Path]) -> None:
    path = edited("in hospital with burns,", "in hospital with burns, swollen battery,")
    line = next(
        number
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if "in hospital with burns, swollen battery" in text
    )
    (finding,) = findings(path)
    assert finding.line == line


def test_a_phrase_that_never_counts_is_an_error_and_one_that_stands_twice_a_warning(
    edited: Callable[[str, str], Path],
) -> None:
    (shadowed,) = findings(edited("power of attorney, powers", "lawsuit, power of attorney, powers"))
    (double,) = findings(edited("suicide, suicidal,", "suicide, suicidal, suicide,"))
    assert (shadowed.severity, double.severity) == (Severity.ERROR, Severity.WARNING)


def test_every_unknown_intent_of_the_data_is_named(tmp_path: Path) -> None:
    found = check(SHIPPED, (*LABELS, "book_installer", "faq/gardening_roses")).findings
    assert [finding.what.split()[4] for finding in found] == ["book_installer:", "faq/gardening_roses:"]


def test_the_bound_of_the_queue_is_that_of_the_points_that_it_gives() -> None:
    policy = load_policy(SHIPPED)
    weights = weights_of(policy)

    assert policy.priority.longest_overtaking() == longest_overtaking(weights) == timedelta(minutes=90)
    assert REPEAT_CONTACTS_COUNTED == COUNTED_BY_THE_QUEUE


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        code = cli.main(["escalation", *arguments])
    except SystemExit as ended:
        code = int(str(ended.code))
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_command_says_with_its_exit_code_whether_the_file_can_be_used(
    capsys: pytest.CaptureFixture[str], edited: Callable[[str, str], Path]
) -> None:
    assert run(capsys, "check")[0] == 0
    code, out, _ = run(capsys, "check", str(edited("  calm_below: 0.45", "  calm_below: 0.55")))
    assert (code, "1 warnings" in out) == (0, True)
    code, out, _ = run(capsys, "check", str(edited("bot_patience_seconds: 45", "bot_patience_seconds: long")))
    assert (code, "cannot be used; 1 errors" in out) == (1, True)
    code, _, err = run(capsys, "check", "nowhere.yml")
    assert (code, "there is no file" in err) == (2, True)


def test_the_findings_as_json_have_file_line_what_and_mend(
    capsys: pytest.CaptureFixture[str], edited: Callable[[str, str], Path]
) -> None:
    path = edited("  per_minute: 2", "  per_minute: 1")
    code, out, _ = run(capsys, "check", "--json", str(path))
    told = json.loads(out)

    assert (code, told["ok"], told["file"]) == (1, False, str(path))
    (finding,) = told["findings"]
    assert (finding["severity"], finding["kind"]) == ("error", "queue")
    assert {"file", "line", "what", "mend"} <= set(finding)
    assert json.loads(run(capsys, "check", "--json")[1])["ok"]
