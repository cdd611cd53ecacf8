"""What stands in the way of starting is said in one line, with the remedy."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from ruamel.yaml import YAML

from warmline import up
from warmline.errors import CommandError, ExitCode
from warmline.ports import find_owner, is_free
from warmline.process import ProcessSpec, RunningProcess
from warmline.progress import Progress
from warmline.running import UpNote, end_leftovers, only_one, read_note, write_note
from warmline.services import blas_variables, render_credentials, render_endpoints, services
from warmline.settings import Settings
from warmline.up import refuse_taken_ports, serve

ROOT = Path(__file__).parents[2]


def test_a_port_in_use_is_named_with_its_owner_and_the_setting_that_changes_it(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", settings.rasa_port))
        taken.listen()

        with pytest.raises(CommandError) as refusal:
            refuse_taken_ports(settings)

    assert f"port {settings.rasa_port} on 127.0.0.1 is in use" in refusal.value.what
    assert f"(process {os.getpid()})" in refusal.value.what
    assert "WARMLINE_RASA_PORT=" in refusal.value.mend
    refuse_taken_ports(settings)


def test_an_address_of_another_machine_is_not_said_to_be_in_use(settings: Settings) -> None:
    elsewhere = settings.model_copy(update={"host": "203.0.113.9"})

    with pytest.raises(CommandError, match="nobody can listen on") as refusal:
        refuse_taken_ports(elsewhere)

    assert "WARMLINE_HOST" in refusal.value.mend


async def test_a_full_disk_is_said_once_and_what_dies_is_started_again_all_the_same(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note of who runs cannot be written, which nobody's supervision may end by."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def serves() -> bool:
        return True

    monkeypatch.setattr(up, "write_note", full)
    said = io.StringIO()
    spec = ProcessSpec("toy", (sys.executable, "-c", "input()"), ROOT, settings.logs_dir / "toy.log", serves)
    started: list[int] = []
    real = RunningProcess.start

    async def start(of: ProcessSpec) -> RunningProcess:
        process = await real(of)
        started.append(process.pid)
        # It ends by itself at once: nobody types anything. At the third start the whole is told to end.
        if len(started) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return process

    monkeypatch.setattr(RunningProcess, "start", start)
    await asyncio.wait_for(serve(settings, [spec], Progress(Console(file=said))), 60)

    assert len(started) >= 3
    assert said.getvalue().count("No space left on device") == 1


def test_a_free_port_has_no_owner(settings: Settings) -> None:
    assert is_free("127.0.0.1", settings.port)
    assert find_owner(settings.port) is None


def test_a_second_up_says_that_warmline_is_already_running(settings: Settings) -> None:
    with only_one(settings):
        write_note(settings, UpNote(4711, "http://127.0.0.1:8080", {"rasa": 4712}))
        with pytest.raises(CommandError) as refusal, only_one(settings):
            pytest.fail("two at once")

    assert refusal.value.code is ExitCode.ALREADY_RUNNING
    assert refusal.value.what == "Warmline is already running at http://127.0.0.1:8080 (process 4711)"
    assert read_note(settings) is None


def test_the_second_up_exits_with_its_own_code(settings: Settings) -> None:
    environment = {**os.environ, "WARMLINE_VAR": str(settings.var_dir)}
    with only_one(settings):
        second = subprocess.run(
            [sys.executable, "-m", "warmline", "up"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    assert second.returncode == ExitCode.ALREADY_RUNNING
    assert "already running" in second.stderr


def test_what_a_killed_up_left_behind_is_ended_and_a_stranger_with_its_number_is_not(settings: Settings) -> None:
    ours = subprocess.Popen([sys.executable, "-c", "input() # actions"], stdin=-1, start_new_session=True)
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1, start_new_session=True)
    try:
        write_note(settings, UpNote(1, "", {"actions": ours.pid, "rasa": stranger.pid}))
        assert end_leftovers(settings) == ["actions"]
        assert ours.wait(timeout=20) == -9
        assert stranger.poll() is None
    finally:
        for process in (ours, stranger):
            process.kill()
            process.communicate()


def test_rasa_gets_the_endpoints_with_ports_secret_and_tracker_file(settings: Settings, tmp_path: Path) -> None:
    source = tmp_path / "endpoints.yml"
    source.write_text(
        "action_endpoint:\n  url: http://localhost:5055/webhook\n  enable_selective_domain: true\n"
        "tracker_store:\n  type: bot.tracker_store.LiveTrackerStore\n  db: tracker.db\n"
    )

    target = render_endpoints(settings, source)

    rendered = YAML(typ="safe").load(target.read_text())
    assert rendered["action_endpoint"] == {
        "url": f"http://127.0.0.1:{settings.actions_port}/webhook",
        "enable_selective_domain": True,
        "headers": {"Authorization": f"Bearer {settings.secrets.internal}"},
    }
    assert rendered["tracker_store"]["db"] == str(settings.var_dir / "tracker.db")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_rasa_streams_its_calls_to_our_action_server_only_where_the_endpoints_say_so(
    settings: Settings, tmp_path: Path
) -> None:
    source = tmp_path / "endpoints.yml"
    action = "action_endpoint:\n  url: http://localhost:5055/webhook\n"

    source.write_text(action)
    assert "stream" not in YAML(typ="safe").load(render_endpoints(settings, source).read_text())["action_endpoint"]
    source.write_text(f"{action}  stream: http://localhost:5055/stream\n")
    rendered = YAML(typ="safe").load(render_endpoints(settings, source).read_text())
    assert rendered["action_endpoint"]["stream"] == f"http://127.0.0.1:{settings.actions_port}/stream"
    shipped = YAML(typ="safe").load(render_endpoints(settings).read_text())
    assert shipped["action_endpoint"]["stream"] == f"http://127.0.0.1:{settings.actions_port}/stream"


def test_the_rasa_that_handoff_talks_to_takes_turns_from_nobody_who_lacks_the_secret(settings: Settings) -> None:
    target = render_credentials(settings)

    rendered = YAML(typ="safe").load(target.read_text())
    assert rendered == {"bot.turn_channel.TurnChannel": {"secret": settings.secrets.internal}}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    rasa = next(spec for spec in services(settings) if spec.name == "rasa")
    assert rasa.command[rasa.command.index("--credentials") + 1] == str(target)
    by_hand = YAML(typ="safe").load((ROOT / "credentials.yml").read_text())
    assert list(by_hand) == ["bot.turn_channel.TurnChannel", "rest"]


def test_an_own_channel_beside_ours_is_kept(settings: Settings, tmp_path: Path) -> None:
    source = tmp_path / "credentials.yml"
    source.write_text("bot.turn_channel.TurnChannel:\nrest:\nslack: {slack_channel: C1}\n")

    rendered = YAML(typ="safe").load(render_credentials(settings, source).read_text())

    assert list(rendered) == ["bot.turn_channel.TurnChannel", "slack"]


@pytest.mark.parametrize(
    ("render", "text", "told"),
    [
        (render_credentials, "rest:\n", "has no bot.turn_channel.TurnChannel"),
        (render_credentials, "bot.turn_channel.TurnChannel: yes please\n", "bot.turn_channel.TurnChannel in"),
        (render_credentials, "- rest\n", "must hold names with values, not list"),
        (render_credentials, "rest: [\n", "cannot read"),
        (render_endpoints, "- action_endpoint\n", "must hold names with values, not list"),
        (render_endpoints, "action_endpoint: http://localhost\n", "action_endpoint in"),
        (render_endpoints, "tracker_store: here\n", "tracker_store in"),
        (render_endpoints, "nlg: [a]\n", "nlg in"),
        (render_endpoints, "\xff", "cannot read"),
    ],
)
def test_a_file_of_rasas_of_the_wrong_shape_is_named_with_its_fault(
    settings: Settings, tmp_path: Path, render: Callable[[Settings, Path], Path], text: str, told: str
) -> None:
    source = tmp_path / "rasas.yml"
    source.write_bytes(text.encode("latin-1"))

    with pytest.raises(CommandError) as refusal:
        render(settings, source)

    assert told in refusal.value.what
    assert str(source) in refusal.value.mend


def test_no_secret_stands_on_a_command_line(settings: Settings) -> None:
    for spec in services(settings):
        for secret in (settings.secrets.rasa, settings.secrets.internal):
            assert secret not in " ".join(spec.command)
            assert secret not in repr(spec)


def test_only_handoff_can_listen_beyond_this_machine(settings: Settings) -> None:
    rasa = next(spec for spec in services(settings) if spec.name == "rasa")

    assert rasa.command[rasa.command.index("-i") + 1] == "127.0.0.1"
    assert rasa.environment["RASA_TELEMETRY_ENABLED"] == "false"


def test_a_failure_is_also_told_as_json(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "warmline", "doctor", "--json"],
        cwd=ROOT,
        env={**os.environ, "WARMLINE_PORT": "high"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == ExitCode.USAGE
    told = json.loads(run.stdout)
    assert told["ok"] is False
    assert "WARMLINE_PORT" in told["error"]


@pytest.mark.parametrize(
    ("flags", "environment", "told"),
    [
        ("flags : fpu sse2 avx2 fma", {}, {"OPENBLAS_CORETYPE": "Haswell"}),
        ("flags : fpu avx2 fma avx512f avx512dq", {}, {"OPENBLAS_CORETYPE": "Haswell"}),
        (
            "flags : fpu avx2 fma avx512f avx512dq avx512cd avx512bw avx512vl",
            {},
            {"OPENBLAS_CORETYPE": "SkylakeX"},
        ),
        ("flags : fpu sse2 avx2 fma", {"OPENBLAS_CORETYPE": "Zen"}, {}),
        ("flags : fpu sse2 avx2", {}, {}),
        (None, {}, {}),
    ],
)
def test_rasas_old_arithmetic_is_told_of_a_newer_processor_unless_somebody_chose(
    tmp_path: Path, flags: str | None, environment: dict[str, str], told: dict[str, str]
) -> None:
    processor = tmp_path / "cpuinfo"
    if flags is not None:
        processor.write_text(flags)

    assert blas_variables(processor, environment) == told
