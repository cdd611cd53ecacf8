"""The stories in Rasa's own test format pass with Rasa's own command."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conversations.assistant import Assistant
from warmline.paths import PROJECT_ROOT, RASA_ENVIRONMENT
from warmline.services import rasa_environment
from warmline.training import model_file


def test_rasa_test_passes_on_the_stories_of_this_folder(running: Assistant, tmp_path: Path) -> None:
    rasa = RASA_ENVIRONMENT / "bin" / "rasa"
    if not rasa.exists():
        pytest.skip("Rasa's command is not in its environment")
    finished = subprocess.run(
        [
            *(str(rasa), "test", "core", "--stories", "tests/conversations", "--out", str(tmp_path)),
            *("-m", str(model_file(running.settings)), "--endpoints", str(running.settings.endpoints_file)),
            "--fail-on-prediction-errors",
        ],
        cwd=PROJECT_ROOT,
        env={**rasa_environment(), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
