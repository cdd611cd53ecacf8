"""``make test`` counts honestly: nothing that failed, or never ran, passes for a success."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from warmline import testing
from warmline.errors import CommandError
from warmline.progress import Progress
from warmline.testing import Check, Tally, read_report, run_check

REPORT = """<testsuites><testsuite tests="7" failures="1" errors="1" skipped="2"/></testsuites>"""


def test_the_tally_is_read_from_what_pytest_wrote(tmp_path: Path) -> None:
    (tmp_path / "tests.xml").write_text(REPORT)

    assert read_report(tmp_path / "tests.xml") == Tally(passed=3, failed=2, skipped=2)


def test_a_pytest_that_dies_before_it_reports_is_a_failure(tmp_path: Path) -> None:
    check = Check("tests", (sys.executable, "-c", "raise SystemExit(3)"), counted=True)

    assert run_check(check, {}, tmp_path) == Tally(failed=1)


@pytest.mark.parametrize(("code", "tally"), [(0, Tally(passed=1)), (1, Tally(failed=1))])
def test_a_linter_counts_as_one_check(tmp_path: Path, code: int, tally: Tally) -> None:
    assert run_check(Check("ruff", (sys.executable, "-c", f"raise SystemExit({code})")), {}, tmp_path) == tally


def test_in_ci_the_browser_tests_are_never_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(testing, "find_chromium", lambda: None)
    with pytest.raises(CommandError, match="in CI the browser tests are never skipped"):
        testing._environment(Progress(quiet=True))

    monkeypatch.setattr(testing, "find_chromium", lambda: Path("/usr/bin/chromium"))
    assert testing._environment(Progress(quiet=True))["WARMLINE_REQUIRE_BROWSER"] == "1"


def test_without_a_browser_it_is_said_loudly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(testing, "find_chromium", lambda: None)

    testing._environment(Progress())

    assert "NO BROWSER" in capsys.readouterr().err
