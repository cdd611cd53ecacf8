"""The conversations' events on disk: SQLite, append only, one transaction a save.

Holds what customers wrote, so the file is readable by its owner alone.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY,
    conversation TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_by_conversation ON events (conversation, id);
CREATE TABLE IF NOT EXISTS snapshots (
    conversation TEXT PRIMARY KEY,
    covers INTEGER NOT NULL,
    data TEXT NOT NULL
);
"""

BUSY_TIMEOUT_MS = 5_000
OWNER_ONLY = 0o600


@dataclass(frozen=True)
class Recent:
    """What is needed to continue a conversation: its latest snapshot and the events since, as JSON texts.

    ``snapshot`` is None when none was ever taken; then ``events`` are all there are.
    """

    snapshot: str | None
    events: tuple[str, ...]


class EventLog:
    """One SQLite file, which several processes may share. All but ``append_at_once`` is for one and the same thread.

    ``append_at_once`` has a connection of its own, and never waits: neither for the disk (see ``checkpoint``) nor for
    another writer.
    """

    def __init__(self, path: Path) -> None:
        """Opens the file, making it and its folder when they are missing.

        Raises:
            OSError: the folder or file cannot be made or read.
            sqlite3.Error: it is not a usable database.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=OWNER_ONLY)
        path.chmod(OWNER_ONLY)
        self._connection = _open(path, BUSY_TIMEOUT_MS)
        self._connection.executescript(SCHEMA)
        self._at_once = _open(path, 0)
        # What copies the log into the file waits for the disk.
        self._at_once.execute("PRAGMA wal_autocheckpoint = 0")

    def append_at_once(self, conversation: str, events: Sequence[str], snapshot: str | None = None) -> bool:
        """As ``append``, in about a tenth of a millisecond; False, with nothing done, while somebody else writes."""
        try:
            with _Transaction(self._at_once) as cursor:
                _append(cursor, conversation, events, snapshot)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            return False
        return True

    def checkpoint(self) -> None:
        """Copies what ``append_at_once`` wrote from the log into the file, which keeps the log short."""
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def append(self, conversation: str, events: Sequence[str], snapshot: str | None = None) -> None:
        """Adds events; ``snapshot``, when given, stands for everything up to the last of them."""
        with self._transaction() as cursor:
            _append(cursor, conversation, events, snapshot)

    def replace(self, conversation: str, events: Sequence[str]) -> None:
        """Puts these events in the place of all earlier ones; no events forgets the conversation."""
        with self._transaction() as cursor:
            cursor.execute("DELETE FROM events WHERE conversation = ?", (conversation,))
            cursor.execute("DELETE FROM snapshots WHERE conversation = ?", (conversation,))
            _append(cursor, conversation, events, None)

    def recent(self, conversation: str) -> Recent:
        """The latest snapshot and the events after it."""
        with closing(self._connection.cursor()) as cursor:
            row = cursor.execute(
                "SELECT covers, data FROM snapshots WHERE conversation = ?", (conversation,)
            ).fetchone()
            covers, snapshot = row or (0, None)
            rows = cursor.execute(
                "SELECT data FROM events WHERE conversation = ? AND id > ? ORDER BY id",
                (conversation, covers),
            ).fetchall()
        return Recent(snapshot, tuple(data for (data,) in rows))

    def all_events(self, conversation: str) -> tuple[str, ...]:
        """Every event that was ever saved, oldest first."""
        rows = self._connection.execute(
            "SELECT data FROM events WHERE conversation = ? ORDER BY id", (conversation,)
        ).fetchall()
        return tuple(data for (data,) in rows)

    def conversations(self) -> list[str]:
        """Identifiers of all conversations that have events."""
        rows = self._connection.execute("SELECT DISTINCT conversation FROM events").fetchall()
        return [conversation for (conversation,) in rows]

    def close(self) -> None:
        """Closes the file."""
        self._at_once.close()
        self._connection.close()

    def _transaction(self) -> _Transaction:
        return _Transaction(self._connection)


def _open(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute(f"PRAGMA busy_timeout = {busy_timeout_ms}")
    connection.execute("PRAGMA journal_mode = WAL")
    # With a write-ahead log this survives kill -9 and a crash of the process; a power cut may cost the last turns, but
    # never damages the file. Waiting for the disk at each turn would buy little: what was said, and the cases, stand in
    # handoff's own database.
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _append(cursor: sqlite3.Cursor, conversation: str, events: Sequence[str], snapshot: str | None) -> None:
    cursor.executemany(
        "INSERT INTO events (conversation, data) VALUES (?, ?)", [(conversation, event) for event in events]
    )
    if snapshot is not None:
        cursor.execute(
            "INSERT OR REPLACE INTO snapshots (conversation, covers, data) "
            "SELECT ?, coalesce(max(id), 0), ? FROM events WHERE conversation = ?",
            (conversation, snapshot, conversation),
        )


class _Transaction:
    """Takes the write lock at once, so that two processes wait for each other instead of failing midway."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()

    def __enter__(self) -> sqlite3.Cursor:
        self._cursor.execute("BEGIN IMMEDIATE")
        return self._cursor

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")
        self._cursor.close()
