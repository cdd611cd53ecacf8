"""One database, two engines: transactions that read and transactions that write.

SQLite allows one writer at a time. A write transaction therefore begins with ``BEGIN IMMEDIATE`` behind a lock of
this process, so that no transaction fails halfway because another one upgraded first. PostgreSQL needs neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

SQLITE_BUSY_SECONDS = 10
"""How long SQLite waits for a writer in another process (a seed, a backup) before it gives up."""
READERS = 8


class Database:
    """The connection pool of one process. Errors never carry the statements' values: those are what people wrote."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._writer = asyncio.Lock()
        # PostgreSQL's default shows every statement another state; a snapshot for a client must be of one moment.
        self._reading = (
            engine
            if self.is_sqlite
            else engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )

    @classmethod
    def connect(cls, url: str) -> Database:
        """Prepare the pool for a SQLAlchemy URL; nothing is opened before the first transaction."""
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return cls(
                create_async_engine(
                    parsed, pool_size=READERS, max_overflow=READERS, pool_pre_ping=True, hide_parameters=True
                )
            )
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(
            parsed,
            connect_args={"timeout": SQLITE_BUSY_SECONDS},
            pool_size=READERS,
            max_overflow=0,
            hide_parameters=True,
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return cls(engine)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes: committed at the end of the block, rolled back when it raises."""
        if not self.is_sqlite:
            async with self.engine.begin() as connection:
                yield connection
            return
        async with self._writer, self.engine.connect() as connection:
            await connection.execution_options(warmline_write=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of the database and changes nothing."""
        async with self._reading.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    """Leave transactions to SQLAlchemy's begin event; FULL because an acknowledged message survives a power cut."""
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("warmline_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
