"""Whoever runs it hears of a broken policy: at ``make run``, and from doctor while the last good one is in force."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from warmline.doctor import Finding, Health
from warmline.doctor_policy import policy as policy_check
from warmline.errors import CommandError
from warmline.paths import PROJECT_ROOT
from warmline.policy import load_policy
from warmline.running import UpNote, write_note
from warmline.settings import Settings
from warmline.up import refuse_broken_policy

SHIPPED = (PROJECT_ROOT / "data" / "escalation.yml").read_text(encoding="utf-8")
BROKEN = SHIPPED.replace("bot_patience_seconds: 45", "bot_patience_seconds: long")


@pytest.fixture
def running(settings: Settings) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Both processes, as far as doctor asks them."""
    servers: list[HTTPServer] = []

    def run(health: dict[str, Any]) -> None:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(health).encode())

            def log_message(self, *_: object) -> None:
                pass

        for port in (settings.actions_port, settings.port):
            servers.append(HTTPServer(("127.0.0.1", port), Answer))
            threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        write_note(settings, UpNote(1, "", {}))

    yield run
    for server in servers:
        server.shutdown()
        server.server_close()


def found(settings: Settings) -> list[Finding]:
    return list(policy_check(settings))


def test_make_run_refuses_a_broken_policy_with_its_line(settings: Settings) -> None:
    settings.policy_file.write_text(SHIPPED, encoding="utf-8")
    refuse_broken_policy(settings)
    settings.policy_file.write_text(BROKEN, encoding="utf-8")
    settings.last_good_policy.write_text(SHIPPED, encoding="utf-8")

    with pytest.raises(CommandError) as refusal:
        refuse_broken_policy(settings)
    assert f"{settings.policy_file}, line " in refusal.value.what
    assert "bot_patience_seconds" in refusal.value.what
    assert "warmline escalation check" in refusal.value.mend


def test_doctor_finds_a_broken_policy_before_the_start(settings: Settings) -> None:
    settings.policy_file.write_text(SHIPPED, encoding="utf-8")
    assert [finding.health for finding in found(settings)] == [Health.WELL]
    settings.policy_file.write_text(BROKEN, encoding="utf-8")

    (finding,) = found(settings)
    assert finding.health is Health.BROKEN
    assert "bot_patience_seconds" in finding.what


def test_doctor_says_which_policy_is_in_force_while_the_file_is_broken(
    settings: Settings, running: Callable[[dict[str, Any]], None]
) -> None:
    settings.policy_file.write_text(BROKEN, encoding="utf-8")
    running({"policy": "abc", "policy_since": "2026-03-02T09:00:00+00:00", "policy_problem": "line 300: not a number"})

    findings = found(settings)
    assert {finding.health for finding in findings} == {Health.BROKEN}
    in_force = "policy abc in force since 2026-03-02T09:00:00+00:00, the file on disk is broken: line 300: not a number"
    assert [finding.what for finding in findings] == [f"the action server: {in_force}", f"handoff: {in_force}"]


def test_doctor_tells_an_edit_that_is_not_yet_in_force(
    settings: Settings, running: Callable[[dict[str, Any]], None]
) -> None:
    settings.policy_file.write_text(SHIPPED, encoding="utf-8")
    version = load_policy(settings.policy_file).version
    running({"policy": "abc", "policy_since": "2026-03-02T09:00:00+00:00", "policy_problem": None})

    findings = found(settings)
    assert {finding.health for finding in findings} == {Health.NOTE}
    assert version in findings[0].what


def test_doctor_is_content_when_the_file_is_in_force(
    settings: Settings, running: Callable[[dict[str, Any]], None]
) -> None:
    settings.policy_file.write_text(SHIPPED, encoding="utf-8")
    version = load_policy(settings.policy_file).version
    running({"policy": version, "policy_since": "2026-03-02T09:00:00+00:00", "policy_problem": None})

    assert [finding.health for finding in found(settings)] == [Health.WELL, Health.WELL]
