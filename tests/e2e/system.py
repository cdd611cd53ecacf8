"""The whole of Warmline as a stranger starts it: ``python -m warmline up`` with real processes on free ports."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

from warmline.paths import PROJECT_ROOT
from warmline.secrets import ensure_secrets

START_SECONDS: Final = 300.0
"""Training included, where the model is older than the data."""
MARKS: Final = {"rasa": "rasa_server.py", "actions": "actions", "handoff": "handoff"}
"""The last part of a path or module by which each process is known in the process list."""


PORTS: Final = range(20_000, 32_000)
"""Below those that Linux gives to outgoing connections: one of these would take a port before its server is up."""


def free_port() -> int:
    """A port that nobody listens on now."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            port = random.choice(PORTS)
            probe.bind(("127.0.0.1", port))
            return port


class System:
    """A running Warmline with its own state folder."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        """Everything that may change stands below ``folder``: state, a copy of the content, a copy of the models."""
        self.var, self.data, models = folder / "var", folder / "data", folder / "models"
        shutil.copytree(PROJECT_ROOT / "data", self.data)
        shutil.copytree(PROJECT_ROOT / "models", models, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
        self.port, self.rasa_port, self.actions_port = free_port(), free_port(), free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self._settings = {
            "WARMLINE_VAR": str(self.var),
            "WARMLINE_DATA": str(self.data),
            "WARMLINE_MODELS": str(models),
            "WARMLINE_PORT": str(self.port),
            "WARMLINE_RASA_PORT": str(self.rasa_port),
            "WARMLINE_ACTIONS_PORT": str(self.actions_port),
            "WARMLINE_MESSAGES_PER_10_SECONDS": "100000",
            "WARMLINE_NEW_CONVERSATIONS_PER_MINUTE": "100000",
            **(settings or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.output = self.var / "up.out"

    def start(self) -> None:
        """Start everything and wait until it says that it is up; raises ``RuntimeError`` with its output otherwise."""
        self.var.mkdir(parents=True, exist_ok=True)
        with self.output.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "warmline", "up"],
                cwd=PROJECT_ROOT,
                env=self._environment(),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while "Warmline is up" not in self.said():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Warmline did not start:\n{self.said()}")
            time.sleep(0.1)

    @contextmanager
    def only_handoff(self) -> Iterator[None]:
        """Run the handoff service alone: no Rasa, no action server."""
        ensure_secrets(self.var / "secrets.json")
        command = [sys.executable, "-m", "handoff.seed"]
        subprocess.run(command, cwd=PROJECT_ROOT, env=self._environment(), check=True, capture_output=True, timeout=60)
        with self.output.open("wb") as out:
            alone = subprocess.Popen(
                [sys.executable, "-m", "handoff"],
                cwd=PROJECT_ROOT,
                env=self._environment(),
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            self.wait_healthy("handoff")
            yield
        finally:
            alone.terminate()
            alone.wait(timeout=15)

    def _environment(self) -> dict[str, str]:
        return {k: v for k, v in os.environ.items() if not k.startswith("WARMLINE_")} | self._settings

    def said(self) -> str:
        """What the command printed so far."""
        return self.output.read_text(errors="replace")

    def process(self, name: str) -> psutil.Process:
        """The live process of ``rasa``, ``actions`` or ``handoff``."""
        assert self._process is not None
        for child in psutil.Process(self._process.pid).children(recursive=True):
            if MARKS[name] in {Path(word).name for word in child.cmdline()[1:3]}:
                return child
        raise LookupError(f"no process {name} is running")

    def kill(self, name: str) -> None:
        """``kill -9``: no chance to tidy up."""
        process = self.process(name)
        process.send_signal(signal.SIGKILL)
        psutil.wait_procs([process], timeout=5)

    def wait_healthy(self, name: str, *, within: float = 60.0) -> None:
        """Wait until a restarted process answers again."""
        url = {
            "handoff": f"{self.base}/health",
            "actions": f"http://127.0.0.1:{self.actions_port}/health",
            "rasa": f"http://127.0.0.1:{self.rasa_port}/",
        }[name]
        deadline = time.monotonic() + within
        while True:
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} is not healthy after {within} s:\n{self.said()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Ctrl-C, as a person would; whatever is left after it is killed.

        A process that was started so that Ctrl-C does nothing hands that on, and is ended another way.
        """
        if self._process is None:
            return
        family = psutil.Process(self._process.pid).children(recursive=True) if self._process.poll() is None else []
        ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        self._process.send_signal(signal.SIGTERM if ignored else signal.SIGINT)
        try:
            self._process.wait(timeout=30)
        finally:
            for left in psutil.wait_procs(family, timeout=5)[1]:
                left.kill()
