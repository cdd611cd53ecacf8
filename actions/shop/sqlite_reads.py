"""Reading the demo shop's tables into records. Every function takes an open connection and changes nothing."""

from __future__ import annotations

import sqlite3
from datetime import date
from decimal import Decimal

from actions.shop.errors import (
    CustomerNotFound,
    InvoiceNotFound,
    NotAllowed,
    NotYours,
    OrderNotFound,
    Refusal,
)
from actions.shop.model import (
    Charge,
    ChargeKind,
    Customer,
    Delivery,
    Device,
    Invoice,
    Order,
    OrderLine,
    OrderState,
    Plan,
    PlanState,
    Repair,
    RepairState,
)

Connection = sqlite3.Connection


def pounds(pence: int) -> Decimal:
    """3900 -> Decimal("39.00")."""
    return (Decimal(pence) / 100).quantize(Decimal("0.01"))


def pence(amount: Decimal) -> int:
    """Decimal("39.00") -> 3900."""
    return int((amount * 100).to_integral_value())


def day(value: str | None) -> date | None:
    """A stored ISO day."""
    return date.fromisoformat(value) if value else None


def customer(connection: Connection, customer_id: str) -> Customer:
    """The customer with this id. Raises ``CustomerNotFound``."""
    row = connection.execute("SELECT * FROM customers WHERE id = ?", (customer_id,)).fetchone()
    if row is None:
        raise CustomerNotFound
    return Customer(**dict(row))


def customer_by_order(connection: Connection, number: str, email: str) -> Customer:
    """Who placed this order, if the e-mail is theirs. Raises ``CustomerNotFound``."""
    row = connection.execute(
        "SELECT c.* FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.number = ? AND c.email = ?",
        (number, email),
    ).fetchone()
    if row is None:
        raise CustomerNotFound
    return Customer(**dict(row))


def customer_by_invoice(connection: Connection, number: str, email: str) -> Customer:
    """Whose invoice this is, if the e-mail is theirs. Raises ``CustomerNotFound``."""
    row = connection.execute(
        "SELECT c.* FROM customers c JOIN invoices i ON i.customer_id = c.id WHERE i.number = ? AND c.email = ?",
        (number, email),
    ).fetchone()
    if row is None:
        raise CustomerNotFound
    return Customer(**dict(row))


def order(connection: Connection, customer_id: str, number: str) -> Order:
    """One order. Raises ``OrderNotFound`` or ``NotYours``."""
    row = connection.execute("SELECT * FROM orders WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise OrderNotFound
    if row["customer_id"] != customer_id:
        raise NotYours
    return _order(connection, row)


def orders(connection: Connection, customer_id: str) -> tuple[Order, ...]:
    """All orders of a customer, the latest first."""
    rows = connection.execute(
        "SELECT * FROM orders WHERE customer_id = ? ORDER BY placed_on DESC, number DESC", (customer_id,)
    ).fetchall()
    return tuple(_order(connection, row) for row in rows)


def line(of: Order, sku: str) -> OrderLine:
    """The line of an order with this SKU. Raises ``NotAllowed`` where there is none."""
    for candidate in of.lines:
        if candidate.sku == sku:
            return candidate
    raise NotAllowed(Refusal.ITEM_NOT_IN_ORDER)


def refunded(connection: Connection, number: str, sku: str | None = None) -> Decimal:
    """What was paid back for an order, or for one of its items."""
    row = connection.execute(
        "SELECT COALESCE(SUM(pence), 0) AS total FROM refunds WHERE order_number = ? AND (? IS NULL OR sku = ?)",
        (number, sku, sku),
    ).fetchone()
    return pounds(row["total"])


def invoices(connection: Connection, customer_id: str) -> tuple[Invoice, ...]:
    """All invoices of a customer, the latest first."""
    rows = connection.execute(
        "SELECT * FROM invoices WHERE customer_id = ? ORDER BY issued_on DESC, number DESC", (customer_id,)
    ).fetchall()
    return tuple(
        Invoice(
            number=row["number"],
            customer_id=row["customer_id"],
            issued_on=date.fromisoformat(row["issued_on"]),
            amount=pounds(row["pence"]),
            order_number=row["order_number"],
        )
        for row in rows
    )


def invoice(connection: Connection, customer_id: str, number: str) -> Invoice:
    """One invoice of a customer. Raises ``InvoiceNotFound``."""
    for candidate in invoices(connection, customer_id):
        if candidate.number == number:
            return candidate
    raise InvoiceNotFound


def charges(connection: Connection, customer_id: str) -> tuple[Charge, ...]:
    """The customer's statement, the latest line first."""
    rows = connection.execute(
        "SELECT * FROM charges WHERE customer_id = ? ORDER BY charged_on DESC, id DESC", (customer_id,)
    ).fetchall()
    return tuple(
        Charge(
            id=row["id"],
            customer_id=row["customer_id"],
            charged_on=date.fromisoformat(row["charged_on"]),
            amount=pounds(row["pence"]),
            kind=ChargeKind(row["kind"]),
            reference=row["reference"],
            invoice_number=row["invoice_number"],
        )
        for row in rows
    )


def plan(connection: Connection, customer_id: str) -> Plan:
    """The customer's plan. Raises ``NotAllowed`` where there is none."""
    row = connection.execute(
        "SELECT p.*, b.starts_on AS paused_from FROM plans p LEFT JOIN pauses b USING (customer_id)"
        " WHERE customer_id = ?",
        (customer_id,),
    ).fetchone()
    if row is None:
        raise NotAllowed(Refusal.NO_PLAN)
    return Plan(
        customer_id=row["customer_id"],
        name=row["name"],
        monthly_price=pounds(row["monthly_pence"]),
        state=PlanState(row["state"]),
        next_payment_on=day(row["next_payment_on"]),
        paused_until=day(row["paused_until"]),
        ends_on=day(row["ends_on"]),
        paused_from=day(row["paused_from"]) if row["state"] == PlanState.PAUSED else None,
    )


def devices(connection: Connection, customer_id: str) -> tuple[Device, ...]:
    """The devices that a customer is known to have, by name."""
    rows = connection.execute("SELECT * FROM devices WHERE customer_id = ? ORDER BY name", (customer_id,)).fetchall()
    return tuple(
        Device(
            customer_id=row["customer_id"],
            name=row["name"],
            kind=row["kind"],
            warranty_until=date.fromisoformat(row["warranty_until"]),
        )
        for row in rows
    )


def repairs(connection: Connection, customer_id: str, today: date) -> tuple[Repair, ...]:
    """The customer's repairs: those to come first, in the order of their days, then finished ones."""
    visits = connection.execute("SELECT * FROM repair_visits WHERE customer_id = ?", (customer_id,)).fetchall()
    found = [
        Repair(
            row["number"],
            row["device"],
            RepairState.VISIT if row["visit_on"] >= today.isoformat() else RepairState.FINISHED,
            date.fromisoformat(row["visit_on"]),
        )
        for row in visits
    ]
    sent_in = connection.execute("SELECT * FROM workshop_repairs WHERE customer_id = ?", (customer_id,)).fetchall()
    found += [
        Repair(
            row["number"],
            row["device"],
            RepairState.FINISHED if row["finished"] else RepairState.WORKSHOP,
            date.fromisoformat(row["ready_on"]),
        )
        for row in sent_in
    ]
    return tuple(sorted(found, key=lambda repair: (repair.state is RepairState.FINISHED, repair.on, repair.number)))


def _order(connection: Connection, row: sqlite3.Row) -> Order:
    lines = connection.execute(
        "SELECT sku, product, quantity, unit_pence FROM order_lines WHERE order_number = ? ORDER BY sku",
        (row["number"],),
    ).fetchall()
    return Order(
        number=row["number"],
        customer_id=row["customer_id"],
        state=OrderState(row["state"]),
        placed_on=date.fromisoformat(row["placed_on"]),
        address=row["address"],
        lines=tuple(
            OrderLine(entry["sku"], entry["product"], entry["quantity"], pounds(entry["unit_pence"])) for entry in lines
        ),
        delivery=Delivery(
            carrier=row["carrier"],
            expected_on=date.fromisoformat(row["expected_on"]),
            tracking_number=row["tracking_number"],
            delivered_on=day(row["delivered_on"]),
        ),
    )
