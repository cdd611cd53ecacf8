"""When a commit stands on the disk, and when the log goes into the database file: both off everybody's path.

SQLite in WAL mode appends what is committed to a log. With ``synchronous=FULL`` each commit waits for the disk while it
holds the only write lock, and every thousandth page it copies the whole log into the database as well. Here a commit is
made at once and lets the next writer in; then its transaction waits until the log stands on the disk, together with all
that were committed meanwhile. ``Database.write`` returns only after that, so what is acknowledged survives a power cut
as before. Only a reader may see what a power cut in the same milliseconds takes back.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger(__name__)

COMMITS_A_CHECKPOINT: Final = 500
"""About 20 MB of log with ten pages a commit, and some seconds under load."""
_sync = getattr(os, "fdatasync", os.fsync)


class SqliteDisk:
    """The log of one database file, as one process writes it."""

    def __init__(self, database: Path, *, durable: bool) -> None:
        self._database, self._durable = database, durable
        self._log = database.with_name(f"{database.name}-wal")
        # One of its own: in a shared one the disk would wait for whatever else is computed in threads.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-disk")
        self._committed = self._safe = self._copied = 0
        self._waiting: asyncio.Task[None] | None = None
        self._copying: asyncio.Task[None] | None = None

    async def is_safe(self) -> None:
        """Return once everything that is committed by now stands on the disk. Raises ``OSError`` where it cannot."""
        self._committed += 1
        own = self._committed
        while self._durable and self._safe < own:
            if self._waiting is None:
                self._waiting = asyncio.create_task(self._make_safe(), name="sqlite-disk")
            # Others wait for it too, so whoever is cancelled does not cancel it.
            await asyncio.shield(self._waiting)

    async def _make_safe(self) -> None:
        upto = self._committed
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, _wait_for_disk, self._log)
            self._safe = upto
        finally:
            self._waiting = None

    def copy_soon(self, writing: asyncio.Lock) -> None:
        """Copy the log into the database file beside everything else, if it has grown. Who writes holds ``writing``.

        What is written meanwhile is copied once more while nobody writes: only then does the log begin from its start.
        """
        if self._copying is None and self._committed - self._copied >= COMMITS_A_CHECKPOINT:
            self._copied = self._committed
            self._copying = asyncio.create_task(self._copy(writing), name="sqlite-checkpoint")

    async def _copy(self, writing: asyncio.Lock) -> None:
        try:
            await asyncio.to_thread(_checkpoint, self._database)
            async with writing:
                await asyncio.to_thread(_checkpoint, self._database)
        except (sqlite3.Error, OSError):
            # The log stays longer, and nothing of it is lost.
            log.exception("sqlite_checkpoint_failed")
        finally:
            self._copying = None

    async def close(self) -> None:
        """End what is under way."""
        if self._copying is not None:
            await self._copying
        self._thread.shutdown()


def _wait_for_disk(path: Path) -> None:
    # Opened each time: the file is made anew whenever the last connection was closed. It carries no locks of SQLite.
    try:
        opened = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return
    try:
        _sync(opened)
    finally:
        os.close(opened)


def _checkpoint(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
