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
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from handoff.store.sqlite import SQLITE_BUSY_SECONDS, begin_sqlite, open_sqlite, prepare_sqlite
from handoff.store.sqlite_disk import SqliteDisk
from warmline.exchange import as_json, of_json

READERS = 8


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Have the pool open another in the place of a connection that the server has ended.

    SQLAlchemy's own way (``pool_pre_ping``) asks the server each time: one round trip more for every transaction.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


class Database:
    """The connection pool of one process. Errors never carry the statements' values: those are what people wrote."""

    def __init__(self, engine: AsyncEngine, disk: SqliteDisk | None = None) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._disk = disk
        self._writer = asyncio.Lock()
        self._write_connection: AsyncConnection | None = None
        # PostgreSQL's default shows every statement another state; a snapshot for a client must be of one moment.
        self._reading = (
            engine
            if self.is_sqlite
            else engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )
        self._reading_at_once = engine.execution_options(warmline_at_once=True) if self.is_sqlite else self._reading
        # One statement sees one state anyway; BEGIN and COMMIT around it would be two more ways to the server.
        self._reading_once = (
            self._reading_at_once if self.is_sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        )

    @classmethod
    def connect(cls, url: str, *, durable: bool = True) -> Database:
        """Prepare the pool for a SQLAlchemy URL; nothing is opened before the first transaction.

        Where ``durable`` is False, SQLite does not wait for the disk: a power cut may take what was written last.
        """
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            engine = create_async_engine(
                parsed,
                pool_size=READERS,
                # More at once than two processors can serve would only have each wait longer for the others.
                max_overflow=0,
                hide_parameters=True,
                json_serializer=as_json,
                json_deserializer=of_json,
            )
            event.listen(engine.sync_engine, "checkout", _refuse_closed)
            return cls(engine)
        disk = None
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            disk = SqliteDisk(Path(parsed.database), durable=durable)
        engine = create_async_engine(
            parsed,
            connect_args={"timeout": SQLITE_BUSY_SECONDS, "async_creator_fn": open_sqlite},
            pool_size=READERS + 1,
            max_overflow=0,
            # The same few connections again and again: what they keep in memory is then what is needed.
            pool_use_lifo=True,
            hide_parameters=True,
            json_serializer=as_json,
            json_deserializer=of_json,
        )
        event.listen(engine.sync_engine, "connect", prepare_sqlite)
        event.listen(engine.sync_engine, "begin", begin_sqlite)
        return cls(engine, disk)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes: committed at the end of the block, rolled back when it raises."""
        if not self.is_sqlite:
            async with self.engine.begin() as connection:
                yield connection
            return
        async with self._writer:
            if self._write_connection is None:
                self._write_connection = await self.engine.connect()
                await self._write_connection.execution_options(warmline_write=True)
            connection = self._write_connection
            try:
                async with connection.begin():
                    yield connection
            except BaseException:
                await asyncio.shield(asyncio.create_task(self._give_writer_back()))
                raise
        if self._disk is not None:
            self._disk.copy_soon(self._writer)
            await self._disk.is_safe()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees one state of the database and changes nothing."""
        async with self._reading.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read_at_once(self) -> AsyncIterator[AsyncConnection]:
        """Like ``read``, for a few rows found by their keys: on SQLite in the event loop itself, without a thread.

        Not for what may take longer than a millisecond, such as a search, a list or a whole transcript.
        """
        async with self._reading_at_once.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read_once(self) -> AsyncIterator[AsyncConnection]:
        """Like ``read_at_once``, for a single statement. A second one might see another state of the database."""
        async with self._reading_once.begin() as connection:
            yield connection

    async def _give_writer_back(self) -> None:
        """Whatever state a fault left it in, the pool resets it; the next transaction takes another."""
        connection, self._write_connection = self._write_connection, None
        if connection is not None:
            await connection.close()

    async def close(self) -> None:
        """Give all connections back."""
        if self._disk is not None:
            await self._disk.close()
        await self._give_writer_back()
        await self.engine.dispose()
