"""Starts the processes, watches them, restarts what dies, and ends them all together."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

from warmline.errors import CommandError
from warmline.process import ProcessSpec, RunningProcess, rotate, tail


@dataclass(frozen=True)
class Patience:
    """How the supervisor waits; all in seconds."""

    first_restart: float = 0.25
    """Pause before the first restart; doubled at each further one."""
    longest_restart: float = 30.0
    """The longest pause between restarts."""
    steady: float = 60.0
    """A process healthy for so long starts again with the first pause."""
    poll_starting: float = 0.1
    """Between two questions for health while a process starts."""
    poll_running: float = 5.0
    """Between two questions for health while it runs."""
    unhealthy_polls: int = 6
    """So many unanswered questions in a row mean that it hangs, and it is restarted."""


class EventKind(StrEnum):
    """What happened to a process."""

    STARTED = "started"
    READY = "ready"
    DIED = "died"
    HANGS = "hangs"
    STOPPED = "stopped"


@dataclass(frozen=True)
class ProcessEvent:
    """Something that happened to a process, with how long it took or why."""

    kind: EventKind
    process: str
    seconds: float = 0.0
    why: str = ""


Report = Callable[[ProcessEvent], None]


class Supervisor:
    """Watches over ``specs``; they start together and end in reverse order."""

    def __init__(self, specs: Sequence[ProcessSpec], report: Report, patience: Patience | None = None) -> None:
        self._specs = tuple(specs)
        self._report = report
        self._patience = patience or Patience()
        self._running: dict[str, RunningProcess] = {}

    @property
    def pids(self) -> dict[str, int]:
        """The process ids now, by process name."""
        return {name: process.pid for name, process in self._running.items() if process.alive}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Inside the body all processes serve and are watched; after it they have ended.

        Raises :class:`CommandError` when one does not come up; the others are then ended too.
        """
        for spec in self._specs:
            rotate(spec.log)
        watchers: list[asyncio.Task[None]] = []
        try:
            await self._start_all()
            watchers = [asyncio.create_task(self._watch(spec)) for spec in self._specs]
            yield
        finally:
            for watcher in watchers:
                watcher.cancel()
            await asyncio.gather(*watchers, return_exceptions=True)
            await self._end_all()

    def kill_all(self) -> None:
        """Ends everything at once, without asking."""
        for process in self._running.values():
            process.kill()

    async def _start_all(self) -> None:
        failures: list[CommandError] = []
        try:
            async with asyncio.TaskGroup() as group:
                for spec in self._specs:
                    group.create_task(self._first_start(spec))
        except* CommandError as group_error:
            failures += [error for error in group_error.exceptions if isinstance(error, CommandError)]
        if failures:
            raise failures[0]

    async def _first_start(self, spec: ProcessSpec) -> None:
        process = await self._start(spec)
        begun = time.monotonic()
        if not await self._becomes_healthy(process):
            ended = f" ({process.how_it_ended})" if not process.alive else ""
            raise CommandError(
                f"{spec.name} did not come up{ended}; the end of {spec.log}:\n{tail(spec.log)}",
                "mend what the log says, then run the command again; `warmline doctor` checks every part",
            )
        self._report(ProcessEvent(EventKind.READY, spec.name, time.monotonic() - begun))

    async def _start(self, spec: ProcessSpec) -> RunningProcess:
        try:
            process = await RunningProcess.start(spec)
        except OSError as error:
            raise CommandError(f"{spec.name} cannot be started: {error}", f"check {spec.log.parent}") from error
        self._running[spec.name] = process
        self._report(ProcessEvent(EventKind.STARTED, spec.name))
        return process

    async def _becomes_healthy(self, process: RunningProcess) -> bool:
        """Whether it served within its time; False as soon as it ends."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(process.spec.start_seconds):
                while process.alive:
                    if await process.spec.healthy():
                        return process.alive
                    await asyncio.sleep(self._patience.poll_starting)
        return False

    async def _watch(self, spec: ProcessSpec) -> None:
        """Restarts the process whenever it dies or hangs, with growing pauses, until cancelled."""
        pause = self._patience.first_restart
        while True:
            healthy_since = time.monotonic()
            why = await self._until_broken(self._running[spec.name])
            if time.monotonic() - healthy_since >= self._patience.steady:
                pause = self._patience.first_restart
            self._report(ProcessEvent(EventKind.DIED, spec.name, pause, why))
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._patience.longest_restart)
            with contextlib.suppress(CommandError):
                await self._restart(spec)

    async def _restart(self, spec: ProcessSpec) -> None:
        process = await self._start(spec)
        begun = time.monotonic()
        if await self._becomes_healthy(process):
            self._report(ProcessEvent(EventKind.READY, spec.name, time.monotonic() - begun))
        elif process.alive:
            await process.stop()

    async def _until_broken(self, process: RunningProcess) -> str:
        """Returns why, once the process has ended or has not answered for too long (it is then ended)."""
        unanswered = 0
        while process.alive:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.ended(), self._patience.poll_running)
            if process.alive:
                unanswered = 0 if await process.spec.healthy() else unanswered + 1
                if unanswered >= self._patience.unhealthy_polls:
                    self._report(ProcessEvent(EventKind.HANGS, process.spec.name))
                    await process.stop()
                    return "did not answer any more"
        process.kill()  # what it may have started and left behind
        return process.how_it_ended

    async def _end_all(self) -> None:
        for spec in reversed(self._specs):
            process = self._running.get(spec.name)
            if process is not None:
                was_alive = process.alive
                await process.stop()
                if was_alive:
                    self._report(ProcessEvent(EventKind.STOPPED, spec.name))
