"""The supervisor, with small real processes (the ways in which Warmline itself may fail)."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from warmline.errors import CommandError
from warmline.process import ProcessSpec, rotate
from warmline.running import read_note
from warmline.settings import Settings
from warmline.supervisor import EventKind, Patience, ProcessEvent, Supervisor

QUICK = Patience(first_restart=0.01, poll_starting=0.02, poll_running=0.05, unhealthy_polls=2)
Toy = Callable[..., ProcessSpec]


class Recorder:
    """Keeps the supervisor's events, and lets a test wait for one."""

    def __init__(self) -> None:
        self.events: list[ProcessEvent] = []
        self._changed = asyncio.Condition()

    def __call__(self, event: ProcessEvent) -> None:
        self.events.append(event)
        asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def count(self, kind: EventKind, process: str) -> int:
        return sum(event.kind is kind and event.process == process for event in self.events)

    async def until(self, kind: EventKind, process: str, times: int = 1) -> None:
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: self.count(kind, process) >= times), timeout=20)


async def post(spec: ProcessSpec, path: str) -> None:
    async with aiohttp.ClientSession() as session:
        try:
            async with session.post(spec.environment["TOY_URL"] + path):
                pass
        except aiohttp.ClientError:
            assert path == "/die"  # it dies without an answer


async def test_what_dies_is_started_again_and_the_others_are_left_alone(toy: Toy) -> None:
    one, two = toy("one"), toy("two")
    seen = Recorder()
    supervisor = Supervisor([one, two], seen, QUICK)
    async with supervisor.running():
        before = supervisor.pids
        await post(one, "/die")
        await seen.until(EventKind.READY, "one", times=2)
        after = supervisor.pids
        died = next(event for event in seen.events if event.kind is EventKind.DIED)

    assert after["one"] != before["one"]
    assert after["two"] == before["two"]
    assert died.why == "exit code 7"


async def test_a_process_that_is_killed_is_started_again(toy: Toy) -> None:
    one = toy("one")
    seen = Recorder()
    supervisor = Supervisor([one], seen, QUICK)
    async with supervisor.running():
        os.kill(supervisor.pids["one"], signal.SIGKILL)
        await seen.until(EventKind.READY, "one", times=2)

    assert [event.why for event in seen.events if event.kind is EventKind.DIED] == ["killed by SIGKILL"]


async def test_a_process_that_hangs_is_ended_and_started_again(toy: Toy) -> None:
    one = toy("one")
    seen = Recorder()
    async with Supervisor([one], seen, QUICK).running():
        await post(one, "/hang")
        await seen.until(EventKind.READY, "one", times=2)

    assert seen.count(EventKind.HANGS, "one") == 1


async def test_restarts_wait_longer_and_longer_for_what_keeps_dying(toy: Toy) -> None:
    one = toy("one")
    seen = Recorder()
    async with Supervisor([one], seen, QUICK).running():
        for times in (2, 3, 4):
            await post(one, "/die")
            await seen.until(EventKind.READY, "one", times=times)

    assert [event.seconds for event in seen.events if event.kind is EventKind.DIED] == [0.01, 0.02, 0.04]


async def test_all_processes_have_ended_when_the_supervisor_has(toy: Toy) -> None:
    supervisor = Supervisor([toy("one"), toy("two")], Recorder(), QUICK)
    async with supervisor.running():
        pids = list(supervisor.pids.values())
        assert len(pids) == 2

    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_what_does_not_come_up_is_named_with_the_end_of_its_log_and_the_others_end(toy: Toy) -> None:
    bad = toy("bad", sys.executable, "-c", "import sys; sys.exit('no such table: cases')")
    good = toy("good")
    seen = Recorder()
    supervisor = Supervisor([good, bad], seen, QUICK)

    with pytest.raises(CommandError) as failure:
        async with supervisor.running():
            pytest.fail("must not come up")

    assert "bad did not come up (exit code 1)" in failure.value.what
    assert "no such table: cases" in failure.value.what
    assert supervisor.pids == {}


async def test_a_command_that_does_not_exist_is_named(toy: Toy) -> None:
    with pytest.raises(CommandError, match="cannot run /no/such/program"):
        async with Supervisor([toy("bad", "/no/such/program")], Recorder(), QUICK).running():
            pytest.fail("must not come up")


def test_the_log_of_the_last_run_is_put_aside_and_old_ones_are_dropped(tmp_path: Path) -> None:
    log = tmp_path / "rasa.log"
    for run in range(4):
        rotate(log, kept=2)
        log.write_text(f"run {run}")

    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert found == {"rasa.log": "run 3", "rasa.log.1": "run 2", "rasa.log.2": "run 1"}


UP = """
import asyncio, os, signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job begins with it ignored
from warmline.process import ProcessSpec, http_probe
from warmline.progress import Progress
from warmline.running import only_one
from warmline.settings import Settings
from warmline.up import serve

settings = Settings(var_dir=Path(sys.argv[1]))
specs = [
    ProcessSpec(name, (sys.executable, sys.argv[2], port), Path(sys.argv[1]), settings.logs_dir / f"{name}.log",
                http_probe(f"http://127.0.0.1:{port}/health"))
    for name, port in zip(("one", "two"), sys.argv[3:])
]
with only_one(settings):
    asyncio.run(serve(settings, specs, Progress()))
"""


def start_up(settings: Settings, ports: list[int]) -> subprocess.Popen[str]:
    """A real supervisor process over two toys; returns once it has said that it is up."""
    toy = Path(__file__).parent / "toy_service.py"
    process = subprocess.Popen(
        [sys.executable, "-c", UP, str(settings.var_dir), str(toy), *map(str, ports)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if "Ctrl-C ends everything" in line:
            return process
    raise AssertionError(said)


def has_ended(pidfd: int) -> bool:
    """Waits up to 20 s for the end of the process behind ``pidfd``."""
    return bool(select.select([pidfd], [], [], 20)[0])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_or_sigterm_ends_everything_with_exit_code_0(
    settings: Settings, free_port: Callable[[], int], number: signal.Signals
) -> None:
    process = start_up(settings, [free_port(), free_port()])
    note = read_note(settings)
    assert note is not None
    assert set(note.processes) == {"one", "two"}

    process.send_signal(number)
    _, said = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "Ended." in said
    assert "Traceback" not in said
    assert read_note(settings) is None
    for pid in note.processes.values():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux ends the children of a killed parent")
def test_the_processes_die_with_a_supervisor_that_is_killed(settings: Settings, free_port: Callable[[], int]) -> None:
    process = start_up(settings, [free_port(), free_port()])
    note = read_note(settings)
    assert note is not None
    children = [os.pidfd_open(pid) for pid in note.processes.values()]

    process.kill()
    process.communicate(timeout=30)

    assert all(has_ended(child) for child in children)
    for child in children:
        os.close(child)
