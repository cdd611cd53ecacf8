"""The Larkfield Home demo: customers with orders in every state, invoices, charges, plans and devices.

``python -m actions.shop.seed [--db FILE] [--reset]`` fills the demo shop. All dates are relative to today. What is
already there stays as it is, so that a second run changes nothing; ``--reset`` begins again, with today's dates.
"""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from actions.shop.calendar import months_after
from actions.shop.sqlite_database import ShopDatabase
from warmline.settings import Settings


@dataclass(frozen=True, slots=True)
class _Product:
    sku: str
    name: str
    pence: int
    kind: str | None = None  # its key in data/troubleshooting.yml
    stock: int = 40


@dataclass(frozen=True, slots=True)
class _Order:
    """Days are relative to the seeding day: negative ones lie in the past."""

    number: str
    customer: str
    state: str
    placed: int
    expected: int
    items: tuple[tuple[str, int], ...]
    delivered: int | None = None
    carrier: str = "Pennine Parcels"


@dataclass(frozen=True, slots=True)
class _Plan:
    customer: str
    state: str
    next_payment: int | None
    paused_until: int | None = None


CUSTOMERS: Final = (
    ("C-1001", "Maya Lind", "maya.lind@mail.example", "standard", "14 Orchard Road, Leeds, LS6 2AB"),
    ("C-1002", "Tom Becker", "tom.becker@mail.example", "plus", "3 Harbour View, Bristol, BS1 4QD"),
    ("C-1003", "Priya Shah", "priya.shah@mail.example", "vip", "27 Albert Terrace, London, NW1 7SU"),
    ("C-1004", "Jonas Weber", "jonas.weber@mail.example", "standard", "8 Mill Lane, York, YO1 9TX"),
    ("C-1005", "Elena Rossi", "elena.rossi@mail.example", "standard", "51 Castle Street, Cardiff, CF10 1BS"),
)

TWO_PERSON: Final = "Larkfield Two-Person"

PRODUCTS: Final = (
    _Product("VAC-200", "cordless vacuum cleaner", 18900, "vacuum cleaner"),
    _Product("SPK-110", "Bluetooth speaker", 5900, "headphones"),
    _Product("KET-100", "kettle", 3900, "kettle"),
    _Product("TEL-550", "55-inch television", 64900, "television", stock=6),
    _Product("HDP-300", "wireless headphones", 7900, "headphones"),
    _Product("MIX-400", "stand mixer", 24900),
    _Product("LMP-020", "table lamp", 2450),
    _Product("HUB-001", "smart hub", 8900, "smart hub"),
    _Product("DSH-600", "dishwasher", 45900, "dishwasher", stock=4),
    _Product("COF-210", "coffee machine", 12900, "coffee machine"),
    _Product("WSH-700", "washing machine", 39900, "washing machine", stock=5),
    _Product("FAN-030", "tower fan", 6500),
    _Product("TST-040", "toaster", 3450),
    _Product("BLN-050", "hand blender", 2700, stock=0),
)

ORDERS: Final = (
    _Order("LH-10001", "C-1001", "shipped", -3, 2, (("VAC-200", 1),)),
    _Order("LH-10002", "C-1001", "processing", -1, 5, (("SPK-110", 1), ("LMP-020", 2))),
    _Order("LH-10003", "C-1001", "delivered", -7, -3, (("KET-100", 1),), delivered=-3),
    _Order(
        "LH-10004",
        "C-1001",
        "delivered",
        -12,
        -8,
        (("TEL-550", 1),),
        delivered=-8,
        carrier=TWO_PERSON,
    ),
    _Order("LH-10005", "C-1001", "cancelled", -30, -25, (("FAN-030", 1),)),
    _Order("LH-10010", "C-1002", "shipped", -2, 1, (("COF-210", 1),)),
    _Order("LH-10011", "C-1002", "processing", 0, 4, (("HDP-300", 1),)),
    _Order("LH-10012", "C-1002", "delivered", -50, -45, (("HUB-001", 1),), delivered=-45),
    _Order("LH-10013", "C-1002", "packed", -2, 3, (("TST-040", 1),)),
    _Order(
        "LH-10020",
        "C-1003",
        "delivered",
        -10,
        -5,
        (("DSH-600", 1),),
        delivered=-5,
        carrier=TWO_PERSON,
    ),
    _Order("LH-10021", "C-1003", "processing", -1, 4, (("MIX-400", 1),)),
    _Order("LH-10030", "C-1004", "shipped", -11, -6, (("HDP-300", 1),)),
    _Order(
        "LH-10031",
        "C-1004",
        "delivered",
        -24,
        -20,
        (("WSH-700", 1),),
        delivered=-20,
        carrier=TWO_PERSON,
    ),
    _Order("LH-10040", "C-1005", "delivered", -6, -2, (("TST-040", 1), ("BLN-050", 1)), delivered=-2),
    _Order("LH-10041", "C-1005", "packed", -2, 2, (("FAN-030", 1),)),
)

PLANS: Final = (
    _Plan("C-1001", "active", 12),
    _Plan("C-1002", "active", 3),
    _Plan("C-1003", "active", 20),
    _Plan("C-1004", "paused", 40, paused_until=40),
)
PLAN_NAME: Final = "Larkfield Care"
PLAN_PENCE: Final = 799
DELIVERY_PENCE: Final = 495
TWO_PERSON_PENCE: Final = 2900
FREE_DELIVERY_FROM_PENCE: Final = 6000
WARRANTY_MONTHS: Final = 24

DELIVERY_OPTIONS: Final = (
    (1, "Standard delivery", DELIVERY_PENCE, 3, 1),
    (2, "Next working day", 995, 1, 1),
    (3, "Two-person delivery to a room of your choice", TWO_PERSON_PENCE, 5, 1),
    (4, "Collection from a parcel shop", 295, 3, 0),
)
DELIVERY_AREAS: Final = (  # postcode area, served, further working days
    ("BT", 1, 2),
    ("HS", 1, 2),
    ("IM", 1, 2),
    ("IV", 1, 1),
    ("KW", 1, 2),
    ("ZE", 1, 3),
    ("JE", 0, 0),
    ("GY", 0, 0),
    ("BF", 0, 0),
)


def seed(path: Path, today: date, *, reset: bool = False) -> None:
    """Fills the shop in ``path`` with the demo. Rows that are already there are left alone unless ``reset``."""
    if reset:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    database = ShopDatabase(path)
    database.create()
    with database.connection() as connection:
        connection.execute("BEGIN IMMEDIATE")
        _insert(connection, "customers", CUSTOMERS)
        _insert(connection, "stock", [(product.sku, product.stock) for product in PRODUCTS])
        _insert(connection, "delivery_options", DELIVERY_OPTIONS)
        _insert(connection, "delivery_areas", DELIVERY_AREAS)
        _seed_orders(connection, today)
        _seed_plans(connection, today)
        _seed_hold(connection, today)
        connection.execute("COMMIT")


def _seed_orders(connection: sqlite3.Connection, today: date) -> None:
    products = {product.sku: product for product in PRODUCTS}
    addresses = {customer[0]: customer[4] for customer in CUSTOMERS}
    for serial, order in enumerate(ORDERS, start=1):
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
            bought = today + timedelta(days=order.placed)
            owned = [
                (
                    order.customer,
                    products[sku].name,
                    products[sku].kind or products[sku].name,
                    months_after(bought, WARRANTY_MONTHS).isoformat(),
                )
                for sku, _ in order.items
            ]
            _insert(connection, "devices", owned)


def _delivery_pence(order: _Order, total: int) -> int:
    """What the delivery of an order costs, as the FAQ says: large items £29, parcels £4.95, free over £60."""
    if order.carrier == TWO_PERSON:
        return TWO_PERSON_PENCE
    return 0 if total > FREE_DELIVERY_FROM_PENCE else DELIVERY_PENCE


def _seed_plans(connection: sqlite3.Connection, today: date) -> None:
    first_invoice = len(ORDERS) + 1
    for serial, plan in enumerate(PLANS, start=first_invoice):
        next_payment = None if plan.next_payment is None else _day(today, plan.next_payment)
        paused_until = None if plan.paused_until is None else _day(today, plan.paused_until)
        _insert(
            connection,
            "plans",
            [(plan.customer, PLAN_NAME, PLAN_PENCE, plan.state, next_payment, paused_until, None)],
        )
        paid = _day(today, (plan.next_payment or 0) - 30) if plan.state == "active" else _day(today, -40)
        invoice = f"INV-2026-{serial:04d}"
        _insert(connection, "invoices", [(invoice, plan.customer, paid, PLAN_PENCE, None)])
        _insert(
            connection,
            "charges",
            [(f"CH-CARE-{plan.customer}", plan.customer, paid, PLAN_PENCE, "plan", PLAN_NAME, invoice)],
        )


def _seed_hold(connection: sqlite3.Connection, today: date) -> None:
    """Maya's bank shows the vacuum cleaner twice: once collected, once as a hold that drops off by itself."""
    _insert(
        connection,
        "charges",
        [("CH-10001-H", "C-1001", _day(today, -3), 18900, "hold", "LH-10001", None)],
    )


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)  # noqa: S608 - our own names


def _day(today: date, offset: int) -> str:
    return (today + timedelta(days=offset)).isoformat()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m actions.shop.seed", description=seed.__doc__)
    parser.add_argument("--db", type=Path, help="the shop's file (default: shop.db in the state folder)")
    parser.add_argument("--reset", action="store_true", help="delete the shop first and begin with today's dates")
    chosen = parser.parse_args(arguments)
    path = chosen.db or Settings.load().shop_database
    seed(path, datetime.now(UTC).date(), reset=chosen.reset)
    print(f"{path}: Larkfield Home, {len(CUSTOMERS)} customers, {len(ORDERS)} orders")


if __name__ == "__main__":
    main()
