"""Rasa's own commands work on the project's files: its stories pass, its content is valid."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conversations.assistant import Assistant
from warmline.paths import PROJECT_ROOT, RASA_ENVIRONMENT
from warmline.services import rasa_environment
from warmline.training import model_file


def rasa(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Rasa's own command in the project's root, as on anybody's project."""
    command = RASA_ENVIRONMENT / "bin" / "rasa"
    if not command.exists():
        pytest.skip("Rasa's command is not in its environment")
    return subprocess.run(
        [str(command), *arguments],
        cwd=PROJECT_ROOT,
        env={**rasa_environment(), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_rasa_test_passes_on_the_stories_of_this_folder(running: Assistant, tmp_path: Path) -> None:
    finished = rasa(
        *("test", "core", "--stories", "tests/conversations", "--out", str(tmp_path)),
        *("-m", str(model_file(running.settings)), "--endpoints", str(running.settings.endpoints_file)),
        "--fail-on-prediction-errors",
    )
    assert finished.returncode == 0, finished.stderr[-2000:]


def test_rasa_finds_the_content_valid() -> None:
    finished = rasa("data", "validate")
    assert finished.returncode == 0, finished.stderr[-2000:]
    assert "No story structure conflicts found" in finished.stdout + finished.stderr
