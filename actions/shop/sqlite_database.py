"""The demo shop's SQLite file: its tables, its connections, and the rule that a change happens exactly once."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, TypeVar

from pydantic import TypeAdapter

from actions.shop.errors import ShopUnavailable

T = TypeVar("T")

BUSY_TIMEOUT_S: Final = 5.0
"""How long a change waits for another one to finish before the shop counts as unavailable."""

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS customers (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL COLLATE NOCASE UNIQUE,
    tier TEXT NOT NULL, address TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
    number TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers(id), state TEXT NOT NULL,
    placed_on TEXT NOT NULL, address TEXT NOT NULL, carrier TEXT NOT NULL, expected_on TEXT NOT NULL,
    tracking_number TEXT, delivered_on TEXT);
CREATE TABLE IF NOT EXISTS order_lines (
    order_number TEXT NOT NULL REFERENCES orders(number), sku TEXT NOT NULL, product TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0), unit_pence INTEGER NOT NULL CHECK (unit_pence >= 0),
    PRIMARY KEY (order_number, sku));
CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, quantity INTEGER NOT NULL CHECK (quantity >= 0));
CREATE TABLE IF NOT EXISTS invoices (
    number TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers(id), issued_on TEXT NOT NULL,
    pence INTEGER NOT NULL, order_number TEXT);
CREATE TABLE IF NOT EXISTS charges (
    id TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers(id), charged_on TEXT NOT NULL,
    pence INTEGER NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL, invoice_number TEXT);
CREATE TABLE IF NOT EXISTS plans (
    customer_id TEXT PRIMARY KEY REFERENCES customers(id), name TEXT NOT NULL, monthly_pence INTEGER NOT NULL,
    state TEXT NOT NULL, next_payment_on TEXT, paused_until TEXT, ends_on TEXT);
CREATE TABLE IF NOT EXISTS devices (
    customer_id TEXT NOT NULL REFERENCES customers(id), name TEXT NOT NULL, kind TEXT NOT NULL,
    warranty_until TEXT NOT NULL, PRIMARY KEY (customer_id, name));
CREATE TABLE IF NOT EXISTS delivery_areas (
    postcode_area TEXT PRIMARY KEY, served INTEGER NOT NULL, extra_days INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS delivery_options (
    position INTEGER PRIMARY KEY, name TEXT NOT NULL, pence INTEGER NOT NULL, lead_days INTEGER NOT NULL,
    everywhere INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS refunds (
    number TEXT PRIMARY KEY, order_number TEXT NOT NULL REFERENCES orders(number), sku TEXT NOT NULL,
    pence INTEGER NOT NULL, reason TEXT NOT NULL, made_on TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS returns (
    number TEXT PRIMARY KEY, order_number TEXT NOT NULL, sku TEXT NOT NULL, reason TEXT NOT NULL,
    url TEXT NOT NULL, send_by TEXT NOT NULL, UNIQUE (order_number, sku));
CREATE TABLE IF NOT EXISTS problem_reports (
    number TEXT PRIMARY KEY, order_number TEXT NOT NULL, sku TEXT NOT NULL, kind TEXT NOT NULL,
    description TEXT NOT NULL, remedy TEXT NOT NULL, due_on TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS repair_visits (
    number TEXT PRIMARY KEY, customer_id TEXT NOT NULL, device TEXT NOT NULL, visit_on TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS return_parcels (
    return_number TEXT PRIMARY KEY REFERENCES returns(number), received_on TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS called_off_returns (return_number TEXT PRIMARY KEY);
CREATE VIEW IF NOT EXISTS open_returns AS
    SELECT * FROM returns WHERE number NOT IN (SELECT return_number FROM called_off_returns);
CREATE TABLE IF NOT EXISTS cancellations (
    order_number TEXT PRIMARY KEY REFERENCES orders(number), pence INTEGER NOT NULL, made_on TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pauses (customer_id TEXT PRIMARY KEY REFERENCES plans(customer_id), starts_on TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS workshop_repairs (
    number TEXT PRIMARY KEY, customer_id TEXT NOT NULL, device TEXT NOT NULL, ready_on TEXT NOT NULL,
    finished INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS products (
    sku TEXT PRIMARY KEY, name TEXT NOT NULL, pence INTEGER NOT NULL, back_on TEXT);
CREATE TABLE IF NOT EXISTS gift_cards (number TEXT PRIMARY KEY, pence INTEGER NOT NULL, valid_until TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS credits (
    number TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers(id), pence INTEGER NOT NULL,
    reason TEXT NOT NULL, made_on TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fee_waivers (
    number TEXT PRIMARY KEY, charge_id TEXT NOT NULL REFERENCES charges(id), pence INTEGER NOT NULL,
    reason TEXT NOT NULL, made_on TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, subject TEXT NOT NULL, reference TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS effects (
    idempotency_key TEXT PRIMARY KEY, operation TEXT NOT NULL, result TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS orders_of_customer ON orders (customer_id, placed_on);
CREATE INDEX IF NOT EXISTS charges_of_customer ON charges (customer_id, charged_on);
CREATE INDEX IF NOT EXISTS invoices_of_customer ON invoices (customer_id, issued_on);
"""


class ShopDatabase:
    """One SQLite file. Each operation has a connection of its own, in a thread: nothing blocks the event loop and
    nothing is shared between operations."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(self) -> None:
        """Makes the file and its tables where they are missing."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self.connection(create=True) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(SCHEMA)

    @contextmanager
    def connection(self, *, create: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection in autocommit mode. Raises ``ShopUnavailable`` when the file is missing or locked."""
        mode = "rwc" if create else "rw"
        try:
            connection = sqlite3.connect(
                f"{self._path.resolve().as_uri()}?mode={mode}",
                uri=True,
                timeout=BUSY_TIMEOUT_S,
                isolation_level=None,
            )
        except sqlite3.OperationalError as error:
            raise ShopUnavailable(str(error)) from error
        connection.row_factory = sqlite3.Row
        with closing(connection):
            try:
                connection.execute("PRAGMA foreign_keys=ON")
                yield connection
            except sqlite3.OperationalError as error:
                raise ShopUnavailable(str(error)) from error

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Runs ``query`` on a connection of its own."""

        def run() -> T:
            with self.connection() as connection:
                return query(connection)

        return await asyncio.to_thread(run)

    async def once(
        self, key: str, operation: str, result_type: TypeAdapter[T], change: Callable[[sqlite3.Connection], T]
    ) -> T:
        """Runs ``change`` in one transaction together with the record that it happened.

        The same ``key`` again returns the recorded result and changes nothing. A change that raises leaves no
        trace, so it may be tried again. Raises ``ValueError`` when ``key`` was used for another operation.
        """

        def run() -> T:
            with self.connection() as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    result = _apply(connection, key, operation, result_type, change)
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
                return result

        return await asyncio.to_thread(run)


def _apply(
    connection: sqlite3.Connection,
    key: str,
    operation: str,
    result_type: TypeAdapter[T],
    change: Callable[[sqlite3.Connection], T],
) -> T:
    known = connection.execute("SELECT operation, result FROM effects WHERE idempotency_key = ?", (key,)).fetchone()
    if known is not None:
        if known["operation"] != operation:
            raise ValueError(f"idempotency key {key!r} was used for {known['operation']}, not for {operation}")
        return result_type.validate_json(known["result"])
    result = change(connection)
    connection.execute(
        "INSERT INTO effects (idempotency_key, operation, result) VALUES (?, ?, ?)",
        (key, operation, result_type.dump_json(result).decode()),
    )
    return result
