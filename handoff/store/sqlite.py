"""SQLite beneath SQLAlchemy: what may wait runs in the connection's thread, the rest at once in the event loop.

aiosqlite takes every call to a thread and back, several of them for a statement, which costs more processor time than
the statement itself. A transaction that holds SQLite's only write lock waits for nobody, and one that reads a few rows
by their keys is over sooner than a thread would have begun.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import aiosqlite
from sqlalchemy.engine import Connection

SQLITE_BUSY_SECONDS = 10
"""How long SQLite waits for a writer in another process (a seed, a backup) before it gives up."""
ROWS_AT_ONCE: Final = 64
ROWS_AHEAD: Final = 256
"""Rows that are read together with the execution of a statement. Almost every answer is shorter."""


CACHE_KB: Final = 32 * 1024
"""Pages that a connection keeps, at most. With SQLite's own 2 MB a step took up to a half longer among a million closed
cases than among ten thousand; with these it takes no longer (docs/benchmarks.md)."""


class ReadingAhead(sqlite3.Cursor):
    """Reads the first rows as it executes, so that a statement takes one way to a thread and back instead of three."""

    _ahead: tuple[Any, ...] = ()
    is_drained = True
    """Whether no row is left in the database."""

    def execute(self, sql: str, parameters: Any = (), /) -> ReadingAhead:
        """Execute one statement."""
        super().execute(sql, parameters)
        self._ahead = tuple(super().fetchmany(ROWS_AHEAD)) if self.description else ()
        self.is_drained = len(self._ahead) < ROWS_AHEAD
        return self

    def fetchone(self) -> Any:
        """The next row, or None."""
        return next(iter(self.fetchmany(1)), None)

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        """The next rows, up to so many."""
        wanted = size if size is not None else self.arraysize
        rows, self._ahead = list(self._ahead[:wanted]), self._ahead[wanted:]
        if len(rows) < wanted and not self.is_drained:
            rows += super().fetchmany(wanted - len(rows))
        return rows

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        rows, self._ahead = list(self._ahead), ()
        if not self.is_drained:
            rows += super().fetchall()
        return rows


class SqliteConnection(aiosqlite.Connection):
    """One connection, used by one transaction at a time.

    In the thread run: opening, waiting for the write lock of another process, the statements of transactions that only
    read (may be long) unless they read at once, closing. A commit does not wait for the disk (``sqlite_disk.py`` does).
    """

    holds_write_lock = False
    """Whether the last transaction that began here began with ``BEGIN IMMEDIATE``."""
    reads_at_once = False
    """Whether the last transaction that began here reads so little that a thread would take longer."""
    _in_thread = 0
    """Calls on their way through the thread. Whoever waited for one may be cancelled: it still runs to its end."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if fn.__name__ == "cursor":
            return fn(ReadingAhead)
        if not self._in_thread and self._is_over_at_once(fn):
            return fn(*args, **kwargs)
        self._in_thread += 1
        return await super()._execute(self._through_thread, fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def _is_over_at_once(self, fn: Callable[..., Any]) -> bool:
        if self.reads_at_once or (self.holds_write_lock and self._conn.in_transaction):
            return True
        cursor = getattr(fn, "__self__", None)
        if isinstance(cursor, ReadingAhead):
            return fn.__name__.startswith(("fetch", "close")) and cursor.is_drained
        # What only read ends without the disk.
        return fn.__name__ in ("commit", "rollback")

    def _through_thread(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        finally:
            self._in_thread -= 1

    def begins_reading(self) -> None:
        """Begin a transaction that reads: SQLite does nothing yet, so nothing waits."""
        self._conn.execute("BEGIN")

    def begins_writing_at_once(self) -> bool:
        """Begin a transaction that writes, unless another process is writing; never waits."""
        self._conn.execute("PRAGMA busy_timeout=0")
        try:
            self._conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        finally:
            self._conn.execute(f"PRAGMA busy_timeout={SQLITE_BUSY_SECONDS * 1000}")
        return True


def open_sqlite(database: str, **options: Any) -> SqliteConnection:
    """A connection that opens when it is awaited; its thread keeps no process from ending."""
    connection = SqliteConnection(partial(sqlite3.connect, database, **options), ROWS_AT_ONCE)
    connection._thread.daemon = True
    return connection


def prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    """Leave transactions to SQLAlchemy's begin event, and waiting for the disk to ``sqlite_disk.py``.

    NORMAL: a commit does not wait until it stands on the disk. No checkpoint by itself: it would run in the commit that
    happens to make the log too long, with everybody else behind it.
    """
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    pragmas = ("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=0", "foreign_keys=ON", "temp_store=MEMORY")
    for pragma in (*pragmas, f"cache_size=-{CACHE_KB}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_sqlite(connection: Connection) -> None:
    """Begin a transaction, with the write lock where the connection's options ask for it."""
    options = connection.get_execution_options()
    immediate = options.get("warmline_write", False)
    driver: Any = connection.connection.driver_connection
    driver.holds_write_lock = immediate
    driver.reads_at_once = options.get("warmline_at_once", False)
    if not immediate:
        driver.begins_reading()
    elif not driver.begins_writing_at_once():
        connection.exec_driver_sql("BEGIN IMMEDIATE")
