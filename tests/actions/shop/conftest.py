"""The demo shop on a Monday, reached directly and over HTTP: both keep the same contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from actions.shop.http_shop import HttpShop
from actions.shop.port import Shop
from actions.shop.seed import seed
from actions.shop.sqlite_database import ShopDatabase
from actions.shop.sqlite_shop import SqliteShop
from tests.actions.shop.shop_server import ShopServer

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SECRET = "a-secret-between-the-bot-and-the-shop"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    seed(path, MONDAY.date())
    return path


@pytest.fixture
def sqlite_shop(database: Path) -> SqliteShop:
    return SqliteShop(database, lambda: MONDAY)


@pytest.fixture
async def server(sqlite_shop: SqliteShop) -> AsyncIterator[tuple[ShopServer, str]]:
    """A company's API, and its address."""
    served = ShopServer(sqlite_shop, SECRET)
    runner = TestServer(served.app())
    await runner.start_server()
    yield served, str(runner.make_url("/")).rstrip("/")
    await runner.close()


@pytest.fixture
async def http_shop(server: tuple[ShopServer, str]) -> AsyncIterator[HttpShop]:
    shop = HttpShop(server[1], SECRET, timeout_s=2.0)
    yield shop
    await shop.aclose()


@pytest.fixture(params=["sqlite", "http"])
def shop(request: pytest.FixtureRequest) -> Shop:
    """Each test of the contract runs against both."""
    chosen: Shop = request.getfixturevalue(f"{request.param}_shop")
    return chosen


@pytest.fixture
def rows(database: Path):  # type: ignore[no-untyped-def]
    """Counts the rows that a table has gained since it was seeded."""

    def size(table: str) -> int:
        with ShopDatabase(database).connection() as connection:
            return int(connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])

    seeded = {table: size(table) for table in ("refunds", "returns", "repair_visits")}
    return lambda table: size(table) - seeded.get(table, 0)
