"""The scanner of attachments: a command that gets a path and says by its exit code what it found."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from pathlib import Path
from typing import Final

import structlog

from handoff.domain.attachments import Verdict

log = structlog.get_logger(__name__)

SCAN_SECONDS: Final = 60.0
"""A scanner that takes longer has failed."""
_VERDICTS: Final = {0: Verdict.CLEAN, 1: Verdict.INFECTED}
"""The exit codes of clamscan and clamdscan; every other one means that it could not look."""


class CommandScanner:
    """Runs a command with the file's path behind it. No shell reads the line."""

    def __init__(self, command: str, *, seconds: float = SCAN_SECONDS) -> None:
        self._command = tuple(shlex.split(command))
        self._seconds = seconds

    async def __call__(self, path: Path) -> Verdict:
        """What the command says; a command that cannot be run, crashes or takes too long has failed."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                str(path),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except (OSError, ValueError) as error:
            log.error("scan_failed", why=str(error))
            return Verdict.FAILED
        try:
            code = await asyncio.wait_for(process.wait(), self._seconds)
        except TimeoutError:
            log.error("scan_failed", why="too slow", seconds=self._seconds)
            return Verdict.FAILED
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        verdict = _VERDICTS.get(code, Verdict.FAILED)
        if verdict is not Verdict.CLEAN:
            log.warning("scan_answered", verdict=verdict, exit_code=code, file=path.name)
        return verdict
