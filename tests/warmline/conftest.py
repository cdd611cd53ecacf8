"""Parts that the tests of the command share: an installation of their own, free ports, toy processes."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from warmline.paths import PROJECT_ROOT
from warmline.process import ProcessSpec, http_probe
from warmline.secrets import ensure_secrets
from warmline.settings import Settings

SHIPPED_POLICY = PROJECT_ROOT / "data" / "escalation.yml"
TOY = Path(__file__).parent / "toy_service.py"


@pytest.fixture
def free_port() -> Callable[[], int]:
    def choose() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return choose


@pytest.fixture
def settings(tmp_path: Path, free_port: Callable[[], int]) -> Settings:
    data = tmp_path / "data"
    data.mkdir()
    made = Settings(
        var_dir=tmp_path / "var",
        data_dir=data,
        models_dir=tmp_path / "models",
        port=free_port(),
        rasa_port=free_port(),
        actions_port=free_port(),
    )
    ensure_secrets(made.secrets_file)
    return made


@pytest.fixture
def toy(tmp_path: Path, free_port: Callable[[], int]) -> Callable[[str], ProcessSpec]:
    def make(name: str, *command: str) -> ProcessSpec:
        port = free_port()
        return ProcessSpec(
            name=name,
            command=command or (sys.executable, str(TOY), str(port)),
            folder=tmp_path,
            log=tmp_path / "logs" / f"{name}.log",
            healthy=http_probe(f"http://127.0.0.1:{port}/health", timeout=1.0),
            start_seconds=20.0,
            stop_seconds=5.0,
            environment={"TOY_URL": f"http://127.0.0.1:{port}"},
        )

    return make


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Path]:
    """The shipped policy with one place changed, as a file of the test's own."""

    def edit(old: str, new: str) -> Path:
        text = SHIPPED_POLICY.read_text(encoding="utf-8")
        assert old in text, old
        path = tmp_path / "escalation.yml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return edit
