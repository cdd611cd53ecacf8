"""The demo shop's own: its seed, its file, and its transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.shop.calendar import months_after, working_days_after
from actions.shop.errors import NotAllowed, ShopUnavailable
from actions.shop.seed import main, seed
from actions.shop.sqlite_database import ShopDatabase
from actions.shop.sqlite_shop import SqliteShop

MAYA = "C-1001"
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
Rows = Callable[[str], int]


async def test_a_crash_between_effect_and_answer_leaves_both_or_neither(
    sqlite_shop: SqliteShop, database: Path, rows: Rows
) -> None:
    """The record that a change happened is in the change's own transaction: without it nothing has happened."""
    with ShopDatabase(database).connection() as connection:
        connection.execute("CREATE TRIGGER crash BEFORE INSERT ON effects BEGIN SELECT RAISE(ABORT, 'crash'); END")
    with pytest.raises(sqlite3.IntegrityError):
        await sqlite_shop.refund(MAYA, "LH-10003", "KET-100", Decimal("39.00"), "broken", idempotency_key="m1")
    assert (rows("refunds"), rows("effects")) == (0, 0)
    with ShopDatabase(database).connection() as connection:
        connection.execute("DROP TRIGGER crash")
    await sqlite_shop.refund(MAYA, "LH-10003", "KET-100", Decimal("39.00"), "broken", idempotency_key="m1")
    assert (rows("refunds"), rows("effects")) == (1, 1)


async def test_a_key_used_for_another_operation_is_a_programming_error(sqlite_shop: SqliteShop) -> None:
    await sqlite_shop.cancel_order(MAYA, "LH-10002", idempotency_key="m1")
    with pytest.raises(ValueError, match="was used for cancel_order"):
        await sqlite_shop.end_plan(MAYA, idempotency_key="m1")


async def test_a_shop_without_its_file_is_unavailable(tmp_path: Path) -> None:
    shop = SqliteShop(tmp_path / "gone.db", lambda: datetime.now(UTC))
    with pytest.raises(ShopUnavailable):
        await shop.orders(MAYA)


async def test_seeding_again_changes_nothing_that_customers_have_done(
    sqlite_shop: SqliteShop, database: Path, rows: Rows
) -> None:
    await sqlite_shop.cancel_order(MAYA, "LH-10002", idempotency_key="m1")
    before = {table: rows(table) for table in ("orders", "order_lines", "invoices", "charges", "stock")}
    seed(database, date(2026, 11, 30))
    assert {table: rows(table) for table in before} == before
    with pytest.raises(NotAllowed):
        await sqlite_shop.cancel_order(MAYA, "LH-10002", idempotency_key="m2")


async def test_a_return_that_was_called_off_does_not_come_back_when_the_shop_is_seeded_again(
    sqlite_shop: SqliteShop, database: Path
) -> None:
    await sqlite_shop.cancel_return("C-1002", "LH-10014", "LMP-020", idempotency_key="m1")
    seed(database, date(2026, 11, 24))
    assert await sqlite_shop.returns("C-1002") == ()
    label = await sqlite_shop.return_item("C-1002", "LH-10014", "LMP-020", "too dark", idempotency_key="m2")
    seed(database, date(2026, 11, 25))
    assert [found.number for found in await sqlite_shop.returns("C-1002")] == [label.number]


@pytest.mark.parametrize(("hour", "possible"), [(6, True), (7, True), (8, False)])
async def test_a_delivery_may_be_moved_until_24_hours_before_its_first_slot(
    database: Path, hour: int, possible: bool
) -> None:
    """LH-10001 is promised for 25 November, from 7 o'clock on."""
    shop = SqliteShop(database, lambda: datetime(2026, 11, 24, hour, tzinfo=UTC))
    if possible:
        assert await shop.delivery_days(MAYA, "LH-10001")
    else:
        with pytest.raises(NotAllowed, match="too_late_to_move"):
            await shop.delivery_days(MAYA, "LH-10001")


def test_the_seed_command_says_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--db", str(tmp_path / "new" / "shop.db"), "--reset"])
    assert "5 customers, 20 orders" in capsys.readouterr().out


@given(start=DAYS, days=st.integers(0, 60))
def test_working_days_never_fall_on_a_weekend_and_rise_with_the_days(start: date, days: int) -> None:
    day = working_days_after(start, days)
    assert day.weekday() < 5
    assert day >= start + timedelta(days=days)
    assert working_days_after(start, days + 1) > day


@given(start=DAYS, months=st.integers(1, 24))
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(start: date, months: int) -> None:
    later = months_after(start, months)
    assert (later.year - start.year) * 12 + later.month - start.month == months
    assert later.day == start.day or (later + timedelta(days=1)).day == 1
