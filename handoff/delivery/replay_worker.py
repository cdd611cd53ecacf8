"""The process in which a replay runs: it reads the database by itself, so that nothing here waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Final

import structlog
from pydantic import ValidationError

from handoff.domain.replays import ReplayPeriod, ReplayResult
from handoff.services.replays import ReplayFailed
from warmline.paths import PROJECT_ROOT

log = structlog.get_logger(__name__)

WORKER: Final = (sys.executable, "-m", "warmline.escalation.replay.worker")
LINE_BYTES: Final = 64 * 1024 * 1024
"""The longest line that is read: the result of a long period."""
SECONDS_TO_END: Final = 5.0
"""After that a process that was told to end is killed."""


async def replay_in_worker(policy: str, period: ReplayPeriod, told: Callable[[int], None]) -> ReplayResult:
    """Run a replay in a process of its own; ``told`` hears how many conversations are done.

    Cancelled, it takes the process and what that started with it. Raises ``ReplayFailed``.
    """
    asked = {"policy": policy, "since": period.since.isoformat(), "until": period.until.isoformat()}
    try:
        process = await asyncio.create_subprocess_exec(
            *WORKER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=PROJECT_ROOT,
            limit=LINE_BYTES,
            start_new_session=True,
        )
    except OSError as error:
        log.error("replay_not_started", why=str(error))
        raise ReplayFailed("The replay could not be started on this machine; its log says why.") from error
    try:
        return await _read(process, json.dumps(asked).encode(), told)
    finally:
        await _end(process)


async def _read(process: asyncio.subprocess.Process, asked: bytes, told: Callable[[int], None]) -> ReplayResult:
    if process.stdin is None or process.stdout is None:
        raise ReplayFailed("The replay could not be asked.")
    with contextlib.suppress(ConnectionError):
        process.stdin.write(asked)
        await process.stdin.drain()
    process.stdin.close()
    try:
        async for raw in process.stdout:
            line = json.loads(raw)
            if "done" in line:
                told(int(line["done"]))
            elif "problem" in line:
                raise ReplayFailed(str(line["problem"]))
            else:
                return await asyncio.to_thread(ReplayResult.model_validate, line["result"])
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        log.error("replay_not_understood", why=str(error))
        raise ReplayFailed("The replay's answer is not understood.") from error
    raise ReplayFailed("The replay ended before it was done.")


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the process with the group that it leads, the reader of the database too."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        try:
            await asyncio.wait_for(process.wait(), SECONDS_TO_END)
        except TimeoutError:
            continue
        return
