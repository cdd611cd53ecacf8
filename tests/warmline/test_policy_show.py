"""``warmline escalation show``: the matrix that operations and agents read (P15)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from warmline import cli
from warmline.escalation.matrix import next_level, rows
from warmline.paths import PROJECT_ROOT
from warmline.policy import load_policy

POLICY = load_policy(PROJECT_ROOT / "data" / "escalation.yml")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(["escalation", "show", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_matrix_has_every_category_at_every_severity() -> None:
    assert len(rows(POLICY)) == len(POLICY.categories) * 4
    assert [row.severity for row in rows(POLICY, "billing")] == [1, 2, 3, 4]


def test_a_row_says_what_brings_a_case_there_and_at_which_level() -> None:
    critical = rows(POLICY, "technical")[0]
    assert [(trigger.what, trigger.level) for trigger in critical.because] == [("Safety", 2), ("Legal", 4)]
    assert critical.levels == "2 to 4"
    normal = rows(POLICY, "returns_refunds")[2]
    assert ("refund above £50.00", 1) in [(trigger.what, trigger.level) for trigger in normal.because]


def test_what_moves_a_case_up_names_the_sums_of_its_category() -> None:
    assert "refund above £150.00: level 2, £300.00: level 3, £1,000.00: level 4" in next_level(
        POLICY, "returns_refunds"
    )
    assert "refund" not in " ".join(next_level(POLICY, "plan"))


def test_the_tables_show_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys)

    assert code == 0
    for category in POLICY.categories.values():
        assert category.label in out
    for part in ("Escalation matrix", "Levels", "Signals", "Risks, handed over", "Authority", "Further"):
        assert part in out
    assert POLICY.version in out
    assert "90m (stated: 90m)" in out


def test_one_category_is_shown_alone(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--category", "billing")
    assert "(billing)" in out
    assert "(technical)" not in out
    assert "Safety" not in out


def test_the_matrix_as_json_has_durations_in_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(run(capsys, "--json", "--category", "billing")[1])

    assert [row["severity"] for row in told["matrix"]] == [1, 2, 3, 4]
    assert told["matrix"][0]["targets"] == {"first_response": 120.0, "next_update": 900.0, "resolution": 14400.0}
    assert list(told["categories"]) == ["billing"]
    assert told["authority"]["refund"]["bot_limit"] == 50.0


def test_a_wrong_category_and_a_broken_file_are_refused_with_the_remedy(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, err = run(capsys, "--category", "gardening")
    assert (code, "choose one of billing" in err) == (2, True)
    broken = tmp_path / "escalation.yml"
    broken.write_text("categories: {}\n")
    code, _, err = run(capsys, "--file", str(broken))
    assert (code, "line 1" in err, "warmline escalation check" in err) == (1, True, True)
