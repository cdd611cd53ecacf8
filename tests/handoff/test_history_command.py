"""``python -m handoff.history``: whole conversations, a line each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from handoff import history
from handoff.domain.verdicts import Verdict
from handoff.services.case_steps import accept
from handoff.services.verdicts import judge
from tests.handoff.cast import BEN, Clock, House
from tests.handoff.commands import check_failures, fill, run
from warmline.paths import PROJECT_ROOT
from warmline.settings import Settings

PAGE = (PROJECT_ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SAID = "give me\na person \x1b[31mnow"


@pytest.fixture
def two_days(settings_of_the_test: Settings, clock: Clock) -> None:
    """A judged case on the first day, a word of a visitor on the second."""

    async def happen(house: House) -> None:
        conversation = await house.begin()
        case_id = await house.hand_over(conversation, await house.say(conversation, SAID))
        await accept(house.context, case_id, BEN)
        await judge(house.context, case_id, BEN, verdict=Verdict.NEEDED)
        house.clock.move(days=1)
        await house.say(await house.begin(None), "hello")

    fill(settings_of_the_test, clock, happen)


def lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    code, out, _ = run(history.main, capsys, "--json-lines", *arguments)
    assert code == 0
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.usefixtures("two_days")
def test_each_conversation_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = lines(capsys)
    assert [message["text"] for message in second["messages"]] == ["hello"]  # type: ignore[attr-defined]
    assert lines(capsys, "--conversation", str(first["id"])) == [first]


@pytest.mark.usefixtures("two_days")
def test_days_are_whole_days(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = lines(capsys)
    assert lines(capsys, "--since", "2026-03-03") == [second]
    assert lines(capsys, "--until", "2026-03-02") == [first]
    assert lines(capsys, "--since", "2026-03-02", "--until", "2026-03-03") == [first, second]
    assert lines(capsys, "--since", "2026-03-04") == []


@pytest.mark.usefixtures("two_days")
def test_every_field_of_a_line_stands_on_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    first, _ = lines(capsys)
    part = PAGE[PAGE.index("## Conversations for a replay") :]
    named = set(first) | set(first["customer"])  # type: ignore[call-overload]
    for several in ("messages", "cases", "owner_changes"):
        named |= {name for one in first[several] for name in one}  # type: ignore[attr-defined]

    assert [name for name in sorted(named) if f"`{name}`" not in part] == []


@pytest.mark.usefixtures("two_days")
def test_for_reading_there_is_a_line_each_and_nothing_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(history.main, capsys)
    first, second = out.splitlines()

    assert code == 0
    assert first.startswith("2026-03-02 09:00")
    for part in ("peak 0.40", "WL-1001 explicit_request (needed)", "give me a person"):
        assert part in first
    assert "no case" in second
    assert "\x1b" not in out


@pytest.mark.usefixtures("two_days")
def test_a_conversation_that_does_not_exist_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(history.main, capsys, "--json-lines", "--conversation", "nothing")
    assert (code, out) == (1, "")
    assert "there is no conversation 'nothing'" in err


@pytest.mark.parametrize(("arguments", "mend"), [(("--until", "monday"), "write it as 2026-03-31"), (("--x",), "--x")])
def test_a_wrong_argument_is_refused_with_what_mends_it(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], mend: str
) -> None:
    code, _, err = run(history.main, capsys, *arguments)
    assert (code, mend in err) == (2, True)


@pytest.mark.usefixtures("settings_of_the_test")
def test_failures_have_exit_codes_of_their_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    check_failures(history.main, capsys, monkeypatch, tmp_path)


@pytest.mark.usefixtures("two_days")
def test_whoever_reads_may_stop_before_the_end() -> None:
    """As ``head`` does: the pipe is closed after the first line."""
    command = [sys.executable, "-m", "handoff.history", "--json-lines"]
    with subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as ran:
        assert ran.stdout is not None
        assert ran.stderr is not None
        ran.stdout.close()
        assert ran.stderr.read() == b""
    assert ran.returncode == 0


def test_help_tells_what_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(history.main, capsys, "--help")
    assert code == 0
    for word in ("--json-lines", "--since", "--until", "--conversation", "exit codes"):
        assert word in out
