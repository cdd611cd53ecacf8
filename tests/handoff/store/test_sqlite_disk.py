"""SQLite's log: nothing is acknowledged before it stands on the disk, and nobody waits for another's disk in line."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from handoff.store import sqlite_disk
from handoff.store.database import Database
from handoff.store.schema import counters


class SlowDisk:
    """A disk that takes as long as a test wants."""

    def __init__(self) -> None:
        self.syncs = 0
        self.began = asyncio.Event()
        self.may_end = threading.Event()
        self._loop = asyncio.get_running_loop()

    def sync(self, _opened: int) -> None:
        self.syncs += 1
        self._loop.call_soon_threadsafe(self.began.set)
        assert self.may_end.wait(10)


@pytest.fixture
async def durable(sqlite_db: Database) -> AsyncIterator[Database]:
    """The same database as production opens it."""
    opened = Database.connect(sqlite_db.engine.url.render_as_string())
    yield opened
    await opened.close()


async def write(db: Database, name: str) -> None:
    async with db.write() as connection:
        await connection.execute(counters.insert().values(name=name, value=1))


async def count(db: Database) -> int:
    async with db.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(counters))).scalar_one())


async def test_a_write_ends_once_it_stands_on_the_disk_and_others_write_meanwhile(
    durable: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, disk = await count(durable), SlowDisk()
    monkeypatch.setattr(sqlite_disk, "_sync", disk.sync)
    first = asyncio.create_task(write(durable, "first"))
    await asyncio.wait_for(disk.began.wait(), 10)
    others = [asyncio.create_task(write(durable, f"other {number}")) for number in range(5)]
    for _ in range(1000):
        if await count(durable) == before + 6:
            break
    assert not any(task.done() for task in (first, *others))
    disk.may_end.set()
    await asyncio.gather(first, *others)

    assert disk.syncs == 2, "what was written during the first wait shares the second"


async def test_a_disk_that_fails_acknowledges_nothing(durable: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_opened: int) -> None:
        raise OSError("no such luck")

    with monkeypatch.context() as patched:
        patched.setattr(sqlite_disk, "_sync", broken)
        with pytest.raises(OSError, match="no such luck"):
            await write(durable, "lost")
    await write(durable, "kept")


class Disk:
    """A disk that answers after so many seconds, and who asked it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        self.threads: list[threading.Thread] = []
        monkeypatch.setattr(sqlite_disk, "_sync", lambda _opened: self.threads.append(threading.current_thread()))
        now = [0.0]

        def clock() -> float:
            now[0] += self.seconds / 2
            return now[0]

        monkeypatch.setattr(sqlite_disk, "perf_counter", clock)

    def asked_at_once(self) -> bool:
        return self.threads[-1] is threading.main_thread()


async def test_a_disk_that_answers_at_once_is_waited_for_without_a_thread_and_a_slow_one_holds_nobody_up(
    durable: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    disk.seconds = 0.0002
    asked = []
    for number, seconds in enumerate((0.0002, 0.0002, 0.02, 0.02, *[0.0002] * 20)):
        disk.seconds = seconds
        await write(durable, f"word {number}")
        asked.append(disk.asked_at_once())

    assert asked[:4] == [False, True, True, False], "unknown at first, then quick, then found to be slow"
    assert asked[-1], "quick again"


async def test_a_cancelled_writer_leaves_the_others_to_their_disk(
    durable: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk()
    monkeypatch.setattr(sqlite_disk, "_sync", disk.sync)
    first, second = (asyncio.create_task(write(durable, name)) for name in ("first", "second"))
    await asyncio.wait_for(disk.began.wait(), 10)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    disk.may_end.set()

    await asyncio.wait_for(second, 10)


async def test_the_log_goes_into_the_database_and_begins_from_its_start(
    durable: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_disk, "COMMITS_A_CHECKPOINT", 20)
    for number in range(200):
        await write(durable, f"counter {number}")
    log = f"{durable.engine.url.database}-wal"

    assert await asyncio.to_thread(os.path.getsize, log) < 100 * 4096, "written over again instead of growing"


async def test_after_a_crash_everything_that_was_acknowledged_is_there(durable: Database) -> None:
    await write(durable, "acknowledged")
    path = Path(str(durable.engine.url.database))
    copy = path.with_name("after-the-crash.db")
    for ending in ("", "-wal"):
        copy.with_name(copy.name + ending).write_bytes(path.with_name(path.name + ending).read_bytes())
    found = sqlite3.connect(copy)
    names = {name for (name,) in found.execute("SELECT name FROM counters")}
    found.close()

    assert "acknowledged" in names
