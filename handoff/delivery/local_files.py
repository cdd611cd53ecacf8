"""Attachments in a folder of this machine (or one that is mounted on every node)."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

UNFINISHED: Final = ".part"


class LocalFiles:
    """One file for each attachment, named by its identifier alone: what people call it never touches the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, file_id: str) -> Path:
        # Two letters make sub-folders, so that no folder grows too long to list.
        return self._folder / file_id[:2] / file_id

    async def write(self, file_id: str, chunks: AsyncIterator[bytes]) -> None:
        """Keep a file whole or not at all; it is on the disk when this returns."""
        path = self._path(file_id)
        part = path.with_name(path.name + UNFINISHED)
        await asyncio.to_thread(_make_folder, self._folder, path.parent)
        handle = await asyncio.to_thread(_open_new, part)
        try:
            try:
                async for chunk in chunks:
                    await asyncio.to_thread(_write_all, handle, chunk)
                await asyncio.to_thread(os.fsync, handle)
            finally:
                os.close(handle)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    async def read(self, file_id: str) -> bytes:
        """The bytes. Raises ``FileNotFoundError``."""
        return await asyncio.to_thread(self._path(file_id).read_bytes)

    async def delete(self, file_id: str) -> None:
        """Take it away."""
        await asyncio.to_thread(self._path(file_id).unlink, missing_ok=True)

    async def kept_before(self, moment: datetime) -> tuple[str, ...]:
        """What was written before a moment; what a crash left unfinished is named too."""
        return await asyncio.to_thread(self._kept_before, moment)

    def _kept_before(self, moment: datetime) -> tuple[str, ...]:
        found = []
        for path in self._folder.glob("*/*"):
            with contextlib.suppress(FileNotFoundError):  # taken away meanwhile
                if datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment:
                    found.append(path.name)
        return tuple(found)

    @contextlib.asynccontextmanager
    async def on_disk(self, file_id: str) -> AsyncIterator[Path]:
        """Where it lies. Raises ``FileNotFoundError``."""
        path = self._path(file_id)
        if not path.is_file():
            raise FileNotFoundError(path)
        yield path


def _make_folder(root: Path, folder: Path) -> None:
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def _open_new(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _write_all(handle: int, chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[os.write(handle, left) :]
