"""The ports of attachments: where the bytes lie, and who says whether they are clean."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from handoff.domain.attachments import Verdict


class FileStore(Protocol):
    """Keeps bytes under identifiers of ours; every node of one installation must see the same."""

    async def write(self, file_id: str, chunks: AsyncIterator[bytes]) -> None:
        """Keep a file whole, or, when anything is raised meanwhile, not at all."""

    async def read(self, file_id: str) -> bytes:
        """The bytes of a file. Raises ``FileNotFoundError``."""

    async def delete(self, file_id: str) -> None:
        """Take a file away; one that is not there is no error."""

    async def kept_before(self, moment: datetime) -> tuple[str, ...]:
        """The files that were written before a moment."""

    def on_disk(self, file_id: str) -> AbstractAsyncContextManager[Path]:
        """The file at a path of this machine, for a scanner. Raises ``FileNotFoundError``."""


Scan = Callable[[Path], Awaitable[Verdict]]
"""Looks into a file; what goes wrong there is ``FAILED``, never an exception."""


async def no_scan(_path: Path) -> Verdict:
    """What stands in where no scanner is set."""
    return Verdict.CLEAN
