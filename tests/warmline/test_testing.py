"""``make test`` counts honestly: nothing that failed, or never ran, passes for a success."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests import conftest
from warmline import testing
from warmline.errors import CommandError
from warmline.paths import PROJECT_ROOT
from warmline.progress import Progress
from warmline.testing import (
    BOT,
    DIALOGUES,
    GROUPS,
    LINT,
    TYPES,
    Check,
    Tally,
    in_turn,
    read_report,
    run_beside,
    run_check,
)

REPORT = """<testsuites><testsuite tests="7" failures="1" errors="1" skipped="2"/></testsuites>"""


def test_the_tally_is_read_from_what_pytest_wrote(tmp_path: Path) -> None:
    (tmp_path / "tests.xml").write_text(REPORT)

    assert read_report(tmp_path / "tests.xml") == Tally(passed=3, failed=2, skipped=2)


def test_a_pytest_that_dies_before_it_reports_is_a_failure(tmp_path: Path) -> None:
    check = Check("tests", (sys.executable, "-c", "raise SystemExit(3)"), counted=True)

    assert run_check(check, {}, tmp_path).tally == Tally(failed=1)


@pytest.mark.parametrize(("code", "tally"), [(0, Tally(passed=1)), (1, Tally(failed=1))])
def test_a_linter_counts_as_one_check(tmp_path: Path, code: int, tally: Tally) -> None:
    check = Check("ruff", (sys.executable, "-c", f"raise SystemExit({code})"))

    assert run_check(check, {}, tmp_path).tally == tally


def test_checks_that_leave_a_core_idle_run_side_by_side_and_everything_else_in_its_turn() -> None:
    turns = in_turn(tuple(GROUPS))

    assert sorted(check.name for turn in turns for check in turn) == sorted(
        check.name for checks in GROUPS.values() for check in checks
    ), "nothing is left out, nothing runs twice"
    assert (TYPES, BOT, DIALOGUES) in turns
    assert [len(turn) for turn in turns] == [1, 1, 3, 1, 1]
    assert in_turn(("lint",)) == [(check,) for check in LINT]


def test_of_two_checks_side_by_side_each_is_counted_and_neither_writes_into_the_others_lines(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each waits for the other's file: they would never end one after the other."""
    meets = """
import pathlib, sys, time
me, other, code = sys.argv[1:]
print(f"{me} begins", flush=True)
pathlib.Path(me).touch()
while not pathlib.Path(other).exists():
    time.sleep(0.01)
print(f"{me} ends", flush=True)
sys.exit(int(code))
"""
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    checks = (
        Check("first", (sys.executable, "-c", meets, one, two, "0")),
        Check("second", (sys.executable, "-c", meets, two, one, "1")),
    )

    ran = run_beside(checks, {}, tmp_path)

    assert [(each.check.name, each.tally) for each in ran] == [
        ("first", Tally(passed=1)),
        ("second", Tally(failed=1)),
    ]
    assert capfd.readouterr().out.splitlines() == [
        f"{one} begins",
        f"{one} ends",
        "== second",
        f"{two} begins",
        f"{two} ends",
        "",
    ]


def test_at_the_end_it_is_said_how_long_each_check_took(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(testing, "GROUPS", {"lint": (Check("ruff check", (sys.executable, "-c", "")),)})

    assert testing.run(("lint",)) == 0

    told = capfd.readouterr()
    assert re.search(r"^ +\d+ s  ruff check$", told.err, re.MULTILINE)
    assert told.out.startswith("1 passed, 0 failed in ")


def test_arithmetic_gets_one_thread_in_every_test_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "8")

    assert testing._environment(Progress(quiet=True))["OMP_NUM_THREADS"] == "1"


def test_in_ci_the_browser_tests_are_never_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(testing, "find_for_tests", lambda: None)
    with pytest.raises(CommandError, match="in CI the browser tests are never skipped"):
        testing._environment(Progress(quiet=True))

    monkeypatch.setattr(testing, "find_for_tests", lambda: Path("/usr/bin/chromium"))
    assert testing._environment(Progress(quiet=True))["WARMLINE_REQUIRE_BROWSER"] == "1"


def test_without_a_browser_it_is_said_loudly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(testing, "find_for_tests", lambda: None)

    testing._environment(Progress())

    assert "NO BROWSER" in capsys.readouterr().err


def test_the_longest_files_come_first_and_are_there() -> None:
    assert [name for name in conftest.LONGEST_FIRST if not (PROJECT_ROOT / "tests" / name).is_file()] == []
