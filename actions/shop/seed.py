"""The Larkfield Home demo: customers with orders in every state, invoices, charges, plans and devices.

``python -m actions.shop.seed [--db FILE] [--reset]`` fills the demo shop. All dates are relative to today. What is
already there stays as it is, so that a second run changes nothing; ``--reset`` begins again, with today's dates.
"""

from __future__ import annotations

import argparse
import errno
import sqlite3
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from actions.shop import demo
from actions.shop.calendar import months_after
from actions.shop.sqlite_database import ShopDatabase
from actions.shop.sqlite_money import RETURN_URL
from actions.shop.sqlite_rules import TWO_PERSON
from warmline.settings import Settings, SettingsError


def seed(path: Path, today: date, *, reset: bool = False) -> None:
    """Fills the shop in ``path`` with the demo. Rows that are already there are left alone unless ``reset``."""
    if reset:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    database = ShopDatabase(path)
    database.create()
    with database.connection() as connection:
        connection.execute("BEGIN IMMEDIATE")
        _insert(connection, "customers", demo.CUSTOMERS)
        _insert(connection, "stock", [(product.sku, product.stock) for product in demo.PRODUCTS])
        sold = [(p.sku, p.name, p.pence, None if p.back is None else _day(today, p.back)) for p in demo.PRODUCTS]
        _insert(connection, "products", sold)
        _insert(connection, "delivery_options", demo.DELIVERY_OPTIONS)
        _insert(connection, "delivery_areas", demo.DELIVERY_AREAS)
        _seed_orders(connection, today)
        _seed_plans(connection, today)
        _seed_hold(connection, today)
        _seed_under_way(connection, today)
        connection.execute("COMMIT")


def _seed_orders(connection: sqlite3.Connection, today: date) -> None:
    products = {product.sku: product for product in demo.PRODUCTS}
    addresses = {customer[0]: customer[4] for customer in demo.CUSTOMERS}
    for serial, order in enumerate(demo.ORDERS, start=1):
        placed = _day(today, order.placed)
        travels = order.state in ("shipped", "delivered")
        tracking = f"PP{order.number[3:]}7GB" if travels else None
        delivered = None if order.delivered is None else _day(today, order.delivered)
        _insert(
            connection,
            "orders",
            [
                (
                    order.number,
                    order.customer,
                    order.state,
                    placed,
                    addresses[order.customer],
                    order.carrier,
                    _day(today, order.expected),
                    tracking,
                    delivered,
                )
            ],
        )
        lines = [(order.number, sku, products[sku].name, count, products[sku].pence) for sku, count in order.items]
        _insert(connection, "order_lines", lines)
        if not travels:
            continue  # money is only reserved until the order is shipped
        total = sum(line[3] * line[4] for line in lines)
        invoice = f"INV-2026-{serial:04d}"
        delivery = _delivery_pence(order, total)
        _insert(connection, "invoices", [(invoice, order.customer, placed, total + delivery, order.number)])
        charge = f"CH-{order.number[3:]}"
        _insert(connection, "charges", [(charge, order.customer, placed, total, "order", order.number, invoice)])
        if delivery:
            row = (f"{charge}-D", order.customer, placed, delivery, "delivery", order.number, invoice)
            _insert(connection, "charges", [row])
        if order.delivered is not None:
            arrived = today + timedelta(days=order.delivered)
            owned = [
                (
                    order.customer,
                    products[sku].name,
                    products[sku].kind or products[sku].name,
                    months_after(arrived, demo.WARRANTY_MONTHS).isoformat(),
                )
                for sku, _ in order.items
            ]
            _insert(connection, "devices", owned)


def _delivery_pence(order: demo.DemoOrder, total: int) -> int:
    """What the delivery of an order costs, as the FAQ says: large items £29, parcels £4.95, free over £60."""
    if order.carrier == TWO_PERSON:
        return demo.TWO_PERSON_PENCE
    return 0 if total > demo.FREE_DELIVERY_FROM_PENCE else demo.DELIVERY_PENCE


def _seed_plans(connection: sqlite3.Connection, today: date) -> None:
    first_invoice = len(demo.ORDERS) + 1
    for serial, plan in enumerate(demo.PLANS, start=first_invoice):
        next_payment = None if plan.next_payment is None else _day(today, plan.next_payment)
        paused_until = None if plan.paused_until is None else _day(today, plan.paused_until)
        _insert(
            connection,
            "plans",
            [(plan.customer, demo.PLAN_NAME, demo.PLAN_PENCE, plan.state, next_payment, paused_until, None)],
        )
        if plan.paused_from is not None:
            _insert(connection, "pauses", [(plan.customer, _day(today, plan.paused_from))])
        paid = _day(today, (plan.next_payment or 0) - 30) if plan.state == "active" else _day(today, -40)
        invoice = f"INV-2026-{serial:04d}"
        _insert(connection, "invoices", [(invoice, plan.customer, paid, demo.PLAN_PENCE, None)])
        _insert(
            connection,
            "charges",
            [(f"CH-CARE-{plan.customer}", plan.customer, paid, demo.PLAN_PENCE, "plan", demo.PLAN_NAME, invoice)],
        )


def _seed_hold(connection: sqlite3.Connection, today: date) -> None:
    """Maya's bank shows the vacuum cleaner twice: once collected, once as a hold that drops off by itself."""
    _insert(
        connection,
        "charges",
        [("CH-10001-H", "C-1001", _day(today, -3), 18900, "hold", "LH-10001", None)],
    )


def _seed_under_way(connection: sqlite3.Connection, today: date) -> None:
    """Returns, refunds, repairs and gift cards, so that each question about one can be tried."""
    for number, order, sku, reason, send_by, received in demo.RETURNS:
        url = f"{RETURN_URL}{number[2:].lower()}"
        _insert(connection, "returns", [(number, order, sku, reason, url, _day(today, send_by))])
        if received is not None:
            _insert(connection, "return_parcels", [(number, _day(today, received))])
    _insert(connection, "refunds", [(*refund[:5], _day(today, refund[5])) for refund in demo.REFUNDS])
    _insert(connection, "cancellations", [(order, sum_, _day(today, on)) for order, sum_, on in demo.CANCELLATIONS])
    _insert(connection, "devices", [(*device[:3], _day(today, device[3])) for device in demo.OLDER_DEVICES])
    _insert(connection, "repair_visits", [(*visit[:3], _day(today, visit[3])) for visit in demo.VISITS])
    sent_in = [(number, who, what, _day(today, on), done) for number, who, what, on, done in demo.WORKSHOP]
    _insert(connection, "workshop_repairs", sent_in)
    _insert(connection, "gift_cards", [(number, left, _day(today, last)) for number, left, last in demo.GIFT_CARDS])


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)  # noqa: S608 - our own names


def _day(today: date, offset: int) -> str:
    return (today + timedelta(days=offset)).isoformat()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m actions.shop.seed", description=seed.__doc__)
    parser.add_argument("--db", type=Path, help="the shop's file (default: shop.db in the state folder)")
    parser.add_argument("--reset", action="store_true", help="delete the shop first and begin with today's dates")
    chosen = parser.parse_args(arguments)
    try:
        path = chosen.db or Settings.load().shop_database
        seed(path, datetime.now(UTC).date(), reset=chosen.reset)
    except (SettingsError, sqlite3.Error, OSError) as error:
        print(f"actions.shop.seed: {_explain(error)}", file=sys.stderr)
        return 1
    print(f"{path}: Larkfield Home, {len(demo.CUSTOMERS)} customers, {len(demo.ORDERS)} orders")
    return 0


def _explain(error: Exception) -> str:
    if isinstance(error, SettingsError):
        return str(error)
    if (isinstance(error, OSError) and error.errno == errno.ENOSPC) or "disk is full" in str(error):
        return "the disk is full; free some space, then run the command again"
    return f"the demo shop's database cannot be made: {error}; check the rights of the folder (WARMLINE_VAR)"


if __name__ == "__main__":
    sys.exit(main())
