"""One supervised process: how it is started, asked for its health, and ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

CHILD: Final = Path(__file__).resolve().parent / "child.py"
KEPT_LOGS: Final = 5
TAIL_LINES: Final = 12

Probe = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class ProcessSpec:
    """What the supervisor must know of a process. Times are in seconds."""

    name: str
    command: tuple[str, ...]
    folder: Path
    log: Path
    healthy: Probe
    """Asked again and again; True once the process serves."""
    start_seconds: float = 60.0
    """How long it may take until it is healthy."""
    stop_seconds: float = 10.0
    """How long it may take to end after SIGTERM; then it is killed."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


def http_probe(url: str, *, query: Mapping[str, str] | None = None, timeout: float = 5.0) -> Probe:
    """A probe that is True when ``url`` answers with a status below 400 within ``timeout`` seconds."""

    import aiohttp  # a third of a second, which most commands need not wait for

    async def probe() -> bool:
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout)) as session,
                session.get(url, params=query) as answer,
            ):
                return answer.status < 400
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    return probe


class RunningProcess:
    """A started process; it leads a process group of its own."""

    def __init__(self, spec: ProcessSpec, process: asyncio.subprocess.Process) -> None:
        self.spec = spec
        self._process = process

    @classmethod
    async def start(cls, spec: ProcessSpec) -> RunningProcess:
        """Starts ``spec``; its output is appended to its log file. Raises OSError when that cannot be written."""
        spec.log.parent.mkdir(parents=True, exist_ok=True)
        with spec.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                str(CHILD),
                str(os.getpid()),
                *spec.command,
                cwd=spec.folder,
                env={**os.environ, **spec.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return cls(spec, process)

    @property
    def pid(self) -> int:
        """Its process id, which is also that of its process group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.returncode is None

    @property
    def how_it_ended(self) -> str:
        """In words, for the log and for people."""
        code = self._process.returncode
        if code is None:
            return "still running"
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    async def ended(self) -> None:
        """Returns once it has ended."""
        await self._process.wait()

    async def stop(self) -> None:
        """Ends it and whatever it started: asks first, then kills."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), self.spec.stop_seconds)
        self._signal(signal.SIGKILL)
        await self._process.wait()

    def kill(self) -> None:
        """Ends it and whatever it started, at once."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


def rotate(log: Path, kept: int = KEPT_LOGS) -> None:
    """Puts ``log`` aside as ``log.1``, the older ones one number further; those past ``kept`` are dropped."""
    if not log.exists() or log.stat().st_size == 0:
        return
    numbered = [log.with_name(f"{log.name}.{number}") for number in range(1, kept + 1)]
    for older, newer in zip(reversed(numbered), [*reversed(numbered[:-1]), log], strict=True):
        if newer.exists():
            newer.replace(older)


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log, indented; empty when there is none."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
