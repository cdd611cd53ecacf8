"""A changed policy is in force without a restart; a broken one never takes a running system down (P15)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from warmline.paths import PROJECT_ROOT
from warmline.policy import LivePolicy, PolicyError

GOOD = (PROJECT_ROOT / "data" / "escalation.yml").read_text(encoding="utf-8")
PATIENT = GOOD.replace("bot_patience_seconds: 45", "bot_patience_seconds: 60")
BROKEN = GOOD.replace("bot_patience_seconds: 45", "bot_patience_seconds: long")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "escalation.yml"
    path.parent.mkdir()
    path.write_text(GOOD, encoding="utf-8")
    return path


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "var" / "last_good_escalation.yml"


@pytest.fixture
def live(file: Path, copy: Path, clock: Clock) -> LivePolicy:
    return LivePolicy(file, clock=clock, copy=copy)


def in_place(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def renamed_over(path: Path, text: str) -> None:
    """As editors save: the new file is written beside the old one and takes its place."""
    new = path.with_suffix(".yml~")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def looked_at(live: LivePolicy) -> bool:
    """Look until a file that stays as it is would have been read."""
    return any([live.check(), live.check()])


@pytest.mark.parametrize("save", [in_place, renamed_over])
def test_an_edit_is_in_force_without_a_restart(
    live: LivePolicy, file: Path, clock: Clock, save: Callable[[Path, str], None]
) -> None:
    before = live.policy
    clock.now += timedelta(minutes=5)
    save(file, PATIENT)

    assert looked_at(live)
    assert (before.bot_patience_seconds, live.policy.bot_patience_seconds) == (45, 60)
    assert live.policy.version != before.version
    assert (live.state.since, live.state.problem) == (clock.now, None)


def test_whoever_works_under_a_policy_keeps_it_to_the_end(live: LivePolicy, file: Path) -> None:
    taken = live.policy
    in_place(file, PATIENT)
    assert looked_at(live)

    assert taken.bot_patience_seconds == 45
    assert live.policy is not taken


@pytest.mark.parametrize("save", [in_place, renamed_over])
def test_a_broken_edit_leaves_the_last_good_policy_in_force(
    live: LivePolicy, file: Path, save: Callable[[Path, str], None]
) -> None:
    before = live.policy
    save(file, BROKEN)

    assert not looked_at(live)
    assert live.policy is before
    assert live.state.since == START
    assert live.state.problem is not None
    assert "escalation.yml, line" in live.state.problem
    assert "bot_patience_seconds" in live.state.problem
    assert str(file.parent) not in live.state.problem


def test_an_edit_over_which_the_program_itself_stumbles_is_a_broken_one(
    live: LivePolicy, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_force = live.policy.version

    def stumble(_policy: object) -> list[object]:
        raise OverflowError("too large")

    monkeypatch.setattr("warmline.policy.load.cross_checks", stumble)
    in_place(file, PATIENT)
    assert not looked_at(live)
    assert live.policy.version == in_force
    assert "OverflowError: too large" in (live.state.problem or "")
    assert "take the last change back" in (live.state.problem or "")


def test_a_broken_file_is_logged_once_for_each_content(live: LivePolicy, file: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        for text in (BROKEN, BROKEN, "", BROKEN):
            renamed_over(file, text)
            looked_at(live)
    told = [entry for entry in logs if entry["event"] == "policy_file_broken"]

    assert len(told) == 2
    assert "line" in told[0]["problems"][0]
    assert "bot_patience_seconds" in told[0]["problems"][0]
    assert (told[0]["in_force"], told[0]["log_level"]) == (live.policy.version, "error")


def test_a_mended_file_is_in_force_again(live: LivePolicy, file: Path) -> None:
    in_place(file, BROKEN)
    looked_at(live)
    in_place(file, PATIENT)

    assert looked_at(live)
    assert (live.policy.bot_patience_seconds, live.state.problem) == (60, None)


def test_an_edit_that_is_taken_back_leaves_no_trace(live: LivePolicy, file: Path) -> None:
    before = live.policy
    in_place(file, BROKEN)
    looked_at(live)
    in_place(file, GOOD)

    assert not looked_at(live)
    assert live.policy is before
    assert (live.state.since, live.state.problem) == (START, None)


def test_a_file_that_is_still_being_written_is_not_read(live: LivePolicy, file: Path) -> None:
    """Cut off inside the last part, it would pass for a whole policy with fewer root causes."""
    cut = PATIENT[: PATIENT.index("  assistant: {label: Assistant")]
    in_place(file, "")
    assert not live.check()
    in_place(file, cut)
    assert not live.check()
    in_place(file, PATIENT)
    assert not live.check()
    assert (live.state.problem, live.policy.bot_patience_seconds) == (None, 45)

    assert live.check()
    assert "assistant" in live.policy.root_causes


def test_a_file_left_empty_is_a_broken_one(live: LivePolicy, file: Path) -> None:
    in_place(file, "")

    assert not looked_at(live)
    assert live.policy.bot_patience_seconds == 45
    assert "is empty" in str(live.state.problem)


def test_a_file_that_is_gone_is_a_broken_one_until_it_is_back(live: LivePolicy, file: Path) -> None:
    file.unlink()
    assert not looked_at(live)
    assert "cannot be read" in str(live.state.problem)
    in_place(file, PATIENT)

    assert looked_at(live)
    assert live.state.problem is None


def test_a_broken_file_without_a_last_good_copy_refuses_the_start(file: Path, copy: Path, clock: Clock) -> None:
    in_place(file, BROKEN)
    with pytest.raises(PolicyError, match=r"line \d+: bot_patience_seconds"):
        LivePolicy(file, clock=clock, copy=copy)


def test_a_process_that_starts_again_beside_a_broken_file_takes_the_last_good_policy_loudly(
    live: LivePolicy, file: Path, copy: Path, clock: Clock
) -> None:
    in_place(file, PATIENT)
    looked_at(live)
    in_place(file, BROKEN)
    clock.now += timedelta(hours=1)
    with structlog.testing.capture_logs() as logs:
        again = LivePolicy(file, clock=clock, copy=copy)

    assert again.policy == live.policy
    assert (again.policy.bot_patience_seconds, again.state.since) == (60, clock.now)
    assert "bot_patience_seconds" in str(again.state.problem)
    assert [entry["log_level"] for entry in logs] == ["error"]
    in_place(file, GOOD)
    assert looked_at(again)


def test_a_copy_that_cannot_be_used_is_no_reason_to_start(file: Path, copy: Path, clock: Clock) -> None:
    in_place(file, BROKEN)
    copy.parent.mkdir()
    in_place(copy, "categories: {}\n")
    with pytest.raises(PolicyError, match="bot_patience_seconds"):
        LivePolicy(file, clock=clock, copy=copy)


def test_a_copy_that_cannot_be_written_holds_nothing_up(file: Path, tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    with structlog.testing.capture_logs() as logs:
        live = LivePolicy(file, clock=clock, copy=tmp_path / "var" / "copy.yml")

    assert live.policy.bot_patience_seconds == 45
    assert [entry["event"] for entry in logs] == ["policy_copy_not_kept"]


async def test_the_file_is_watched_while_the_process_serves(live: LivePolicy, file: Path) -> None:
    looks: asyncio.Queue[None] = asyncio.Queue()
    looked = asyncio.Event()

    async def pause(_seconds: float) -> None:
        looked.set()
        await looks.get()

    watching = asyncio.create_task(live.keep_watching(pause))
    await looked.wait()
    in_place(file, PATIENT)
    for _ in range(2):
        looked.clear()
        looks.put_nowait(None)
        await looked.wait()
    watching.cancel()

    assert live.policy.bot_patience_seconds == 60
