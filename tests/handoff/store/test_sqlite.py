"""SQLite in the event loop: what may wait never holds it up, and a fault leaves nothing behind."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.store.database import Database
from handoff.store.schema import counters


async def add(connection: AsyncConnection, name: str) -> None:
    await connection.execute(counters.insert().values(name=name, value=1))


async def count(db: Database) -> int:
    async with db.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(counters))).scalar_one())


async def write(db: Database, name: str) -> None:
    async with db.write() as connection:
        await add(connection, name)


async def fail(db: Database) -> None:
    async with db.write() as connection:
        await add(connection, "lost")
        raise RuntimeError("a fault of the use case")


async def test_while_another_process_writes_reading_goes_on_and_the_write_follows(sqlite_db: Database) -> None:
    before = await count(sqlite_db)
    other = sqlite3.connect(str(sqlite_db.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(write(sqlite_db, "mine"))
    for _ in range(5):
        assert await count(sqlite_db) == before
    assert not waiting.done()
    other.execute("COMMIT")
    other.close()
    await asyncio.wait_for(waiting, 10)

    assert await count(sqlite_db) == before + 1


async def test_a_write_never_leaves_the_event_loop(sqlite_db: Database) -> None:
    seen: list[tuple[str, bool]] = []
    loop_thread = threading.get_ident()

    def see(statement: str) -> None:
        seen.append((statement.split()[0], threading.get_ident() == loop_thread))

    async with sqlite_db.write() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.set_trace_callback(see)
        await add(connection, "traced")
    await write(sqlite_db, "again")

    assert [told for told in seen if told[0] != "PRAGMA"] == [
        ("INSERT", True),
        ("COMMIT", True),
        ("BEGIN", True),
        ("INSERT", True),
        ("COMMIT", True),
    ]


async def test_a_few_rows_by_their_keys_are_read_in_the_event_loop_and_a_long_read_is_not(sqlite_db: Database) -> None:
    seen: dict[str, set[bool]] = {"at once": set(), "long": set()}
    loop_thread = threading.get_ident()
    for kind, begin in (("at once", sqlite_db.read_at_once), ("long", sqlite_db.read)):
        async with begin() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection

            def see(statement: str, kind: str = kind) -> None:
                if statement.startswith("SELECT"):
                    seen[kind].add(threading.get_ident() == loop_thread)

            await driver.set_trace_callback(see)
            (await connection.execute(select(counters.c.value).where(counters.c.name == "case"))).all()
            await driver.set_trace_callback(None)

    assert seen == {"at once": {True}, "long": {False}}, "also where both use the same connection of the pool"


NUMBERS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000) SELECT x FROM n"


@pytest.mark.parametrize("kind", ["read", "read_at_once"])
async def test_more_rows_than_are_read_ahead_come_all_and_in_order(sqlite_db: Database, kind: str) -> None:
    expected = list(range(1, 1001))
    async with getattr(sqlite_db, kind)() as connection:
        whole = (await connection.execute(text(NUMBERS))).scalars().all()
        streamed = [row.x async for row in await connection.stream(text(NUMBERS))]
        first = (await connection.execute(text(NUMBERS))).scalars().first()

    assert (whole, streamed, first) == (expected, expected, 1)


async def test_reading_at_once_sees_what_was_committed_and_nothing_else(sqlite_db: Database) -> None:
    async with sqlite_db.write() as connection:
        await add(connection, "not yet")
        async with sqlite_db.read_at_once() as reader:
            assert (await reader.execute(select(counters.c.name).where(counters.c.name == "not yet"))).all() == []
    async with sqlite_db.read_at_once() as reader:
        assert len((await reader.execute(select(counters.c.name).where(counters.c.name == "not yet"))).all()) == 1


async def test_a_failed_write_leaves_nothing_and_the_next_one_works(sqlite_db: Database) -> None:
    before = await count(sqlite_db)
    with pytest.raises(RuntimeError):
        await fail(sqlite_db)
    await write(sqlite_db, "kept")

    assert await count(sqlite_db) == before + 1


async def test_a_cancelled_write_leaves_nothing_and_the_next_one_works(sqlite_db: Database) -> None:
    before = await count(sqlite_db)
    written, never = asyncio.Event(), asyncio.Event()

    async def stuck() -> None:
        async with sqlite_db.write() as connection:
            await add(connection, "lost")
            written.set()
            await never.wait()

    task = asyncio.create_task(stuck())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await write(sqlite_db, "kept")

    assert await count(sqlite_db) == before + 1


async def test_a_connection_that_wrote_and_failed_reads_in_its_thread_again(sqlite_db: Database) -> None:
    with pytest.raises(RuntimeError):
        await fail(sqlite_db)
    async with sqlite_db.read() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection

        assert not driver.holds_write_lock
