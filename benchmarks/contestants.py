"""The two systems that are measured: how each is started, talked to, watched and ended."""

from __future__ import annotations

import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

import aiohttp
import psutil

from benchmarks.stock_content import STOCK_FOLDER
from benchmarks.stock_model import stock_rasa_command, stock_rasa_environment
from benchmarks.talkers import RasaTalker, Talker, WarmlineTalker
from tests.e2e.system import MARKS, System, free_port

START_SECONDS: Final = 180.0
STOP_SECONDS: Final = 15.0


class CannotStart(Exception):
    """A measured system did not come up; the message says what it said last."""


class Contestant(Protocol):
    """A running system."""

    name: str

    async def begin(self, session: aiohttp.ClientSession) -> Talker:
        """A new customer in a new conversation."""

    def processes(self) -> Mapping[str, psutil.Process]:
        """What it consists of."""


class Warmline:
    """The whole of Warmline, started by its own command, with state of its own."""

    name = "Warmline"

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="warmline-bench-")
        self._system = System(Path(self._folder.name) / "var")

    @property
    def base(self) -> str:
        """Its public address."""
        return str(self._system.base)

    def start(self) -> None:
        """Start and wait until it serves. Raises ``CannotStart``."""
        try:
            self._system.start()
        except RuntimeError as error:
            raise CannotStart(str(error)) from error

    def stop(self) -> None:
        """End it and drop its state."""
        self._system.stop()
        self._folder.cleanup()

    async def begin(self, session: aiohttp.ClientSession) -> Talker:
        """See :class:`Contestant`."""
        return await WarmlineTalker.begin(session, self.base)

    def processes(self) -> Mapping[str, psutil.Process]:
        """See :class:`Contestant`."""
        return {name: self._system.process(name) for name in MARKS}


class StockRasa:
    """Rasa as it comes, with a model trained on our content."""

    name = "stock Rasa"

    def __init__(self, model: Path) -> None:
        self._model = model
        self._port = free_port()
        self._base = f"http://127.0.0.1:{self._port}"
        self._log = model.parent / "stock_rasa" / "run.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it serves. Raises ``CannotStart``."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        command = stock_rasa_command(
            *("run", "-i", "127.0.0.1", "-p", str(self._port), "--model", str(self._model)),
            *("--endpoints", str(STOCK_FOLDER / "endpoints.yml")),
            *("--credentials", str(STOCK_FOLDER / "credentials.yml")),
        )
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self._log.parent, env=stock_rasa_environment(), stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(f"the stock Rasa did not start; what it said stands in {self._log}")
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._base}/", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def stop(self) -> None:
        """End it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    async def begin(self, session: aiohttp.ClientSession) -> Talker:
        """See :class:`Contestant`."""
        return RasaTalker(session, self._base)

    def processes(self) -> Mapping[str, psutil.Process]:
        """See :class:`Contestant`."""
        if self._process is None:
            raise LookupError("the stock Rasa is not running")
        return {"rasa": psutil.Process(self._process.pid)}


def memory_mb(contestant: Contestant) -> dict[str, float]:
    """Resident memory of each process, in megabytes of 1,000,000 bytes."""
    return {name: process.memory_info().rss / 1e6 for name, process in contestant.processes().items()}


def cpu_seconds(processes: Mapping[str, psutil.Process]) -> dict[str, float]:
    """Processor time that each process has used so far."""
    return {name: sum(process.cpu_times()[:2]) for name, process in processes.items()}
