"""PostgreSQL goes away and comes back: nobody who comes afterwards notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select, text

from handoff.store.database import READERS, Database
from handoff.store.schema import counters
from tests.handoff.conftest import make_postgres_database

pytestmark = pytest.mark.postgres


@pytest.fixture
async def postgres(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    db = Database.connect(await make_postgres_database(request.getfixturevalue("postgres_server"), "goes_away"))
    yield db
    await db.close()


async def count(db: Database) -> int:
    async with db.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(counters))).scalar_one())


async def end_all(db: Database) -> None:
    """What a restart of the server does to those who are connected."""
    async with db.write() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


async def test_connections_that_the_server_ended_are_replaced_before_anybody_uses_them(postgres: Database) -> None:
    async with postgres.write() as connection:
        await connection.run_sync(lambda sync: counters.create(sync, checkfirst=True))
    before = await count(postgres)
    await asyncio.gather(*(count(postgres) for _ in range(READERS)))
    await end_all(postgres)
    # The end of a connection is news that the event loop has to read.
    await asyncio.sleep(0.2)

    assert await asyncio.gather(*(count(postgres) for _ in range(2 * READERS))) == [before] * (2 * READERS)


async def test_a_transaction_asks_the_server_nothing_before_its_first_statement(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    dialect = postgres.engine.sync_engine.dialect
    monkeypatch.setattr(dialect, "do_ping", asked.append)
    for _ in range(READERS):
        async with postgres.read() as connection:
            await connection.execute(select(1))

    assert asked == []


async def test_a_single_statement_is_read_without_a_transaction_around_it(postgres: Database) -> None:
    """A transaction would be two more ways to the server: all its statements have one ``now()``."""
    began = text("SELECT now()")
    async with postgres.read_once() as connection:
        assert (await connection.execute(began)).scalar_one() != (await connection.execute(began)).scalar_one()
    async with postgres.read() as connection:
        assert (await connection.execute(began)).scalar_one() == (await connection.execute(began)).scalar_one()
