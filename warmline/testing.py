"""``make test``: lint, types, dependency rules and every test, in both environments, with one closing line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from warmline.browser import HOW_TO_GET_ONE, find_for_tests
from warmline.errors import CommandError, ExitCode
from warmline.paths import APP_ENVIRONMENT, PROJECT_ROOT, RASA_ENVIRONMENT, environment_python
from warmline.progress import Progress
from warmline.services import APP_ENVIRONMENT_VARIABLES, RASA_ENVIRONMENT_VARIABLES
from warmline.settings import Settings
from warmline.setup_steps import setup_steps

TYPED: Final = ("warmline", "handoff", "actions", "models", "benchmarks", "requirements/renew.py")
NEEDS_MODEL: Final = frozenset({"tests", "bot", "dialogue", "e2e"})
RESULTS: Final = PROJECT_ROOT / "results" / "tests"


@dataclass(frozen=True)
class Check:
    """One command that must succeed; ``counted`` when it writes a JUnit file that tells how many tests ran."""

    name: str
    command: tuple[str, ...]
    counted: bool = False
    rasa: bool = False


@dataclass(frozen=True)
class Tally:
    """How many checks and tests passed, failed and were left out."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


def _python(*arguments: str) -> tuple[str, ...]:
    return (str(environment_python(APP_ENVIRONMENT)), "-m", *arguments)


def _pytest(name: str, *arguments: str) -> Check:
    return Check(name, _python("pytest", *arguments), counted=True)


TYPES: Final = Check("mypy", _python("mypy", *TYPED))
LINT: Final = (
    Check("ruff check", _python("ruff", "check", ".")),
    Check("ruff format", _python("ruff", "format", "--check", ".")),
    TYPES,
)
BOT: Final = Check(
    "tests/bot (Rasa's environment)",
    (str(environment_python(RASA_ENVIRONMENT)), "-m", "pytest", "tests/bot"),
    counted=True,
    rasa=True,
)
WITHOUT: Final = ("--ignore=tests/bot", "--ignore=tests/conversations", "--ignore=tests/e2e")
BESIDE_EACH_OTHER: Final = ("--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")
"""One process for each core, each with a PostgreSQL of its own; the tests of a file stay together and share what they
made. Files are handed out in the order of ``tests/conftest.py``, the longest first, so that all processes end together;
xdist itself would begin with those that hold most tests."""
DIALOGUES: Final = _pytest("tests/conversations (dialogues with the trained assistant)", "tests/conversations")
SIDE_BY_SIDE: Final = frozenset({TYPES, BOT, DIALOGUES})
"""Single processes that leave a core idle and share neither ports nor files: those asked for run together."""
GROUPS: Final[Mapping[str, tuple[Check, ...]]] = {
    "lint": LINT,
    "tests": (_pytest("tests", "tests", *WITHOUT, *BESIDE_EACH_OTHER),),
    "bot": (BOT,),
    "dialogue": (DIALOGUES,),
    "e2e": (_pytest("tests/e2e (real processes, real browser)", "tests/e2e"),),
}
"""The groups of ``make test``, in the order in which they run: what fails fastest first."""


@dataclass(frozen=True)
class Ran:
    """A check that was run, what it counted, and how long it took."""

    check: Check
    tally: Tally
    seconds: float
    output: str = ""
    """What it wrote, where that was kept back."""


def run(groups: tuple[str, ...]) -> int:
    """Runs the groups named; prints how long each took, and the tally; 0 only if nothing failed.

    Raises:
        CommandError: a part that every test needs cannot be made.
    """
    progress = Progress()
    begun = time.monotonic()
    environment = _environment(progress)
    if NEEDS_MODEL.intersection(groups):
        _prepare(progress)
    ran: list[Ran] = []
    for checks in in_turn(groups):
        progress.line(f"== {', and beside it '.join(check.name for check in checks)}", style="bold")
        ran += run_beside(checks, environment)
    total = sum((one.tally for one in ran), Tally())
    if find_for_tests() is None:
        progress.line(f"THE BROWSER TESTS WERE SKIPPED: no Chromium was found; {HOW_TO_GET_ONE}", style="bold yellow")
    for one in ran:
        progress.line(f"{one.seconds:6.0f} s  {one.check.name}")
    if failures := [one.check.name for one in ran if one.tally.failed]:
        progress.line(f"failed: {', '.join(failures)}", style="bold red")
    skipped = f", {total.skipped} skipped" if total.skipped else ""
    sys.stderr.flush()
    print(f"{total.passed} passed, {total.failed} failed{skipped} in {time.monotonic() - begun:.0f} s", flush=True)
    return ExitCode.FAILED if total.failed else ExitCode.OK


def in_turn(groups: Sequence[str]) -> list[tuple[Check, ...]]:
    """What runs one after the other: single checks, and those that run side by side where the first of them stands."""
    asked = [check for group in groups for check in GROUPS[group]]
    together = tuple(check for check in asked if check in SIDE_BY_SIDE)
    turns = [together if check in SIDE_BY_SIDE else (check,) for check in asked]
    return list(dict.fromkeys(turns))


def run_beside(checks: Sequence[Check], environment: Mapping[str, str], results: Path = RESULTS) -> list[Ran]:
    """Runs checks at once. The first one's output is shown as it comes, the others' when all are done."""
    first, *others = checks
    with ThreadPoolExecutor(len(checks)) as threads:
        running = [threads.submit(run_check, check, environment, results, shown=False) for check in others]
        shown = run_check(first, environment, results)
    kept_back = [future.result() for future in running]
    for one in kept_back:
        print(f"== {one.check.name}", one.output, sep="\n", flush=True)
    return [shown, *kept_back]


def run_check(check: Check, environment: Mapping[str, str], results: Path = RESULTS, *, shown: bool = True) -> Ran:
    """Runs one check and counts; its output is shown as it comes, or kept."""
    begun = time.monotonic()
    command = list(check.command)
    report = results / f"{check.name.partition(' ')[0].replace('/', '-')}.xml"
    if check.counted:
        results.mkdir(parents=True, exist_ok=True)
        report.unlink(missing_ok=True)
        command.append(f"--junitxml={report}")
    variables = {**environment, **(RASA_ENVIRONMENT_VARIABLES if check.rasa else {})}
    kept = None if shown else subprocess.PIPE
    ended = subprocess.run(  # noqa: S603
        command,
        cwd=PROJECT_ROOT,
        env=variables,
        check=False,
        stdout=kept,
        stderr=kept and subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    tally = _count(check, ended.returncode, report)
    return Ran(check, tally, time.monotonic() - begun, ended.stdout or "")


def _count(check: Check, code: int, report: Path) -> Tally:
    if not check.counted:
        return Tally(passed=int(code == 0), failed=int(code != 0))
    tally = read_report(report)
    if code != 0 and not tally.failed:
        tally += Tally(failed=1)  # pytest itself failed: nothing collected, or it was killed
    return tally


def read_report(report: Path) -> Tally:
    """The numbers of a JUnit file that pytest wrote; nothing where there is none."""
    try:
        suites = ElementTree.parse(report).getroot().iter("testsuite")  # noqa: S314 (written by our own pytest)
    except (OSError, ElementTree.ParseError):
        return Tally()
    total = Tally()
    for suite in suites:
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        total += Tally(int(suite.get("tests", 0)) - failed - skipped, failed, skipped)
    return total


def _environment(progress: Progress) -> dict[str, str]:
    """The environment of the tests: without this shell's Warmline settings; in CI a browser is a must.

    Arithmetic gets one thread, as in the services: with a test process on each core, more would only wait for each
    other, and training took twice the time. Compiled modules are kept, because the tests start hundreds of processes.
    """
    kept = ("WARMLINE_BROWSER", "WARMLINE_REQUIRE_BROWSER", "WARMLINE_PYTHON310", "WARMLINE_TEST_POSTGRES")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("WARMLINE_") or name in kept
    }
    environment |= APP_ENVIRONMENT_VARIABLES
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if os.environ.get("CI", "").lower() in ("1", "true"):
        environment["WARMLINE_REQUIRE_BROWSER"] = "1"
        if find_for_tests() is None:
            raise CommandError("no Chromium was found, and in CI the browser tests are never skipped", HOW_TO_GET_ONE)
    elif find_for_tests() is None:
        progress.line(f"NO BROWSER: the browser tests will be skipped. To run them, {HOW_TO_GET_ONE}", "bold yellow")
    return environment


def _prepare(progress: Progress) -> None:
    """The encoder and the trained assistant, which dialogue and end-to-end tests use as they are."""
    for step in setup_steps(Settings.load()):
        if step.name in ("encoder", "train") and step.is_needed():
            with progress.step(step.what, step.seconds) as tell:
                step.run(tell)
