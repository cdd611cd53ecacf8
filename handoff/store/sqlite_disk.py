"""When a commit stands on the disk, and when the log goes into the database file: both off everybody's path.

SQLite in WAL mode appends what is committed to a log. With ``synchronous=FULL`` each commit waits for the disk while it
holds the only write lock, and every thousandth page it copies the whole log into the database as well. Here a commit is
made at once and lets the next writer in; then its transaction waits until the log stands on the disk, together with all
that were committed meanwhile. ``Database.write`` returns only after that, so what is acknowledged survives a power cut
as before. Only a reader may see what a power cut in the same milliseconds takes back.

The waiting is done in a thread, but for a disk that answers at once: there the way to a thread and back, with the
processor time that it takes, would be most of the wait.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Final

import structlog

log = structlog.get_logger(__name__)

COMMITS_A_CHECKPOINT: Final = 500
"""About 20 MB of log with ten pages a commit, and some seconds under load."""
AT_ONCE_SECONDS: Final = 0.0005
"""A disk whose answers take no longer on average is waited for in the event loop."""
LATEST_WEIGHS: Final = 0.2
"""The part of the latest answer in that average: one slow answer of 2.5 ms sends the next waits into the thread."""
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
        self._answers_in = float("inf")
        """Seconds, the average of the latest waits; nothing is known of a disk that was never asked."""

    async def is_safe(self) -> None:
        """Return once everything that is committed by now stands on the disk. Raises ``OSError`` where it cannot."""
        self._committed += 1
        own = self._committed
        if self._durable and self._waiting is None and self._answers_in < AT_ONCE_SECONDS:
            self._note(_wait_for_disk(self._log))
            self._safe = own
            # Whoever writes one after another would let nobody else have a turn.
            await asyncio.sleep(0)
        while self._durable and self._safe < own:
            if self._waiting is None:
                self._waiting = asyncio.create_task(self._make_safe(), name="sqlite-disk")
            # Others wait for it too, so whoever is cancelled does not cancel it.
            await asyncio.shield(self._waiting)

    async def _make_safe(self) -> None:
        upto = self._committed
        try:
            took = await asyncio.get_running_loop().run_in_executor(self._thread, _wait_for_disk, self._log)
            self._note(took)
            self._safe = upto
        finally:
            self._waiting = None

    def _note(self, took: float) -> None:
        known = took if self._answers_in == float("inf") else self._answers_in
        self._answers_in = known + LATEST_WEIGHS * (took - known)

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


def _wait_for_disk(path: Path) -> float:
    """Seconds that the disk took."""
    began = perf_counter()
    # Opened each time: the file is made anew whenever the last connection was closed. It carries no locks of SQLite.
    try:
        opened = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return 0.0
    try:
        _sync(opened)
    finally:
        os.close(opened)
    return perf_counter() - began


def _checkpoint(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
