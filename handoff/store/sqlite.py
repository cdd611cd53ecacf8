"""SQLite beneath SQLAlchemy: what may wait runs in the connection's thread, the rest at once in the event loop.

aiosqlite takes every call to a thread and back, several of them for a statement, which costs more processor time than
the statement itself. A transaction that holds SQLite's only write lock waits for nobody until it commits, and one that
reads a few rows by their keys is over sooner than a thread would have begun.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy.engine import Connection

SQLITE_BUSY_SECONDS = 10
"""How long SQLite waits for a writer in another process (a seed, a backup) before it gives up."""
ROWS_AT_ONCE = 64


class SqliteConnection(aiosqlite.Connection):
    """One connection, used by one transaction at a time.

    In the thread run: opening, waiting for the write lock of another process, ``COMMIT`` (waits for the disk),
    everything of transactions that only read (may be long) unless they read at once, closing.
    """

    holds_write_lock = False
    """Whether the last transaction that began here began with ``BEGIN IMMEDIATE``."""
    reads_at_once = False
    """Whether the last transaction that began here reads so little that a thread would take longer."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        is_writing = self.holds_write_lock and self._conn.in_transaction
        if fn.__name__ == "cursor" or self.reads_at_once or (is_writing and fn.__name__ != "commit"):
            return fn(*args, **kwargs)
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]

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
    """Leave transactions to SQLAlchemy's begin event; FULL because an acknowledged message survives a power cut."""
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
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
        connection.exec_driver_sql("BEGIN")
    elif not driver.begins_writing_at_once():
        connection.exec_driver_sql("BEGIN IMMEDIATE")
