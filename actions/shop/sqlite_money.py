"""The demo shop's returns and refunds: what was registered, what has arrived, what was paid back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from actions.shop import sqlite_reads as reads
from actions.shop import sqlite_rules as rules
from actions.shop.calendar import working_days_after
from actions.shop.errors import ChargeNotFound, NotAllowed, Refusal
from actions.shop.model import (
    Cancellation,
    ChargeKind,
    Credit,
    FeeWaiver,
    MoneyBack,
    Refund,
    RefundKind,
    Return,
    ReturnLabel,
    ReturnState,
)

Connection = sqlite3.Connection
Token = Callable[[], str]

CARD_WORKING_DAYS: Final = 5
"""Until money that was paid back shows on the customer's account; for a return from the parcel's arrival on."""
FEES: Final = (ChargeKind.DELIVERY.value, ChargeKind.PLAN.value)
"""The lines of a statement that can be waived."""
RETURN_URL: Final = "https://larkfield.example/returns/"


def register_return(
    connection: Connection, customer_id: str, number: str, sku: str, reason: str, today: date, token: Token
) -> ReturnLabel:
    """Registers a return; an item that is registered already gives its first label again."""
    order = reads.order(connection, customer_id, number)
    line = reads.line(order, sku)
    known = connection.execute(
        "SELECT * FROM open_returns WHERE order_number = ? AND sku = ?", (number, sku)
    ).fetchone()
    if known is not None:
        return ReturnLabel(known["number"], number, line.product, known["url"], date.fromisoformat(known["send_by"]))
    closes_on = rules.window_closes_on(order, today)
    label = ReturnLabel(f"R-{token()}", number, line.product, RETURN_URL + token().lower(), closes_on)
    connection.execute("DELETE FROM returns WHERE order_number = ? AND sku = ?", (number, sku))
    connection.execute(
        "INSERT INTO returns VALUES (?, ?, ?, ?, ?, ?)",
        (label.number, number, sku, reason, label.url, label.send_by.isoformat()),
    )
    return label


def call_return_off(connection: Connection, customer_id: str, number: str, sku: str) -> Return:
    """Makes a registered return void. Raises ``NotAllowed`` where there is none and once the parcel has arrived."""
    order = reads.order(connection, customer_id, number)
    reads.line(order, sku)
    for found in returns(connection, customer_id):
        if (found.order_number, found.sku) == (number, sku):
            if found.state is not ReturnState.REGISTERED:
                raise NotAllowed(Refusal.RETURN_RECEIVED)
            connection.execute("INSERT INTO called_off_returns VALUES (?)", (found.number,))
            return found
    raise NotAllowed(Refusal.NO_RETURN)


def returns(connection: Connection, customer_id: str) -> tuple[Return, ...]:
    """The customer's returns, the latest first."""
    rows = connection.execute(
        "SELECT r.*, l.product, l.quantity * l.unit_pence AS pence, p.received_on,"
        " EXISTS (SELECT 1 FROM refunds f WHERE f.order_number = r.order_number AND f.sku = r.sku) AS refunded"
        " FROM open_returns r JOIN orders o ON o.number = r.order_number"
        " JOIN order_lines l ON l.order_number = r.order_number AND l.sku = r.sku"
        " LEFT JOIN return_parcels p ON p.return_number = r.number"
        " WHERE o.customer_id = ? ORDER BY r.send_by DESC, r.number DESC",
        (customer_id,),
    ).fetchall()
    return tuple(_return(row) for row in rows)


def _return(row: sqlite3.Row) -> Return:
    received_on = reads.day(row["received_on"])
    state = ReturnState.REGISTERED if received_on is None else ReturnState.RECEIVED
    return Return(
        number=row["number"],
        order_number=row["order_number"],
        sku=row["sku"],
        product=row["product"],
        amount=reads.pounds(row["pence"]),
        state=ReturnState.REFUNDED if row["refunded"] else state,
        send_by=date.fromisoformat(row["send_by"]),
        received_on=received_on,
        refund_by=None if received_on is None else working_days_after(received_on, CARD_WORKING_DAYS),
    )


def pay_back(
    connection: Connection,
    customer_id: str,
    number: str,
    sku: str,
    amount: Decimal,
    reason: str,
    today: date,
    token: Token,
) -> Refund:
    """Pays a part of an item's price back, or all of it. Raises ``NotAllowed`` for more than the quote."""
    quote = rules.refund_quote(connection, customer_id, number, sku, today)
    if not 0 < amount <= quote.amount:
        raise NotAllowed(Refusal.ALREADY_REFUNDED)
    arrives_by = working_days_after(today, CARD_WORKING_DAYS)
    refund = Refund(f"F-{token()}", number, quote.product, amount, arrives_by)
    connection.execute(
        "INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?)",
        (refund.number, number, sku, reads.pence(amount), reason, today.isoformat()),
    )
    return refund


def put_to_credit(
    connection: Connection, customer_id: str, amount: Decimal, reason: str, today: date, token: Token
) -> Credit:
    """Puts a sum to the customer's credit. Raises ``CustomerNotFound``, and ``ValueError`` for a sum that is none."""
    reads.customer(connection, customer_id)
    if amount <= 0:
        raise ValueError("a credit is more than nothing")
    credit = Credit(f"K-{token()}", amount)
    connection.execute(
        "INSERT INTO credits VALUES (?, ?, ?, ?, ?)",
        (credit.number, customer_id, reads.pence(amount), reason, today.isoformat()),
    )
    return credit


def waive(
    connection: Connection,
    customer_id: str,
    charge_id: str,
    amount: Decimal,
    reason: str,
    today: date,
    token: Token,
) -> FeeWaiver:
    """Waives a fee in part or whole. Raises ``ChargeNotFound``, and ``NotAllowed`` for more than is left of it."""
    reads.customer(connection, customer_id)
    charge = connection.execute(
        "SELECT pence FROM charges WHERE id = ? AND customer_id = ? AND kind IN (?, ?)", (charge_id, customer_id, *FEES)
    ).fetchone()
    if charge is None:
        raise ChargeNotFound(charge_id)
    waived = connection.execute("SELECT COALESCE(SUM(pence), 0) FROM fee_waivers WHERE charge_id = ?", (charge_id,))
    if not 0 < reads.pence(amount) <= charge["pence"] - waived.fetchone()[0]:
        raise NotAllowed(Refusal.ALREADY_REFUNDED)
    waiver = FeeWaiver(f"W-{token()}", charge_id, amount, working_days_after(today, CARD_WORKING_DAYS))
    connection.execute(
        "INSERT INTO fee_waivers VALUES (?, ?, ?, ?, ?)",
        (waiver.number, charge_id, reads.pence(amount), reason, today.isoformat()),
    )
    return waiver


def set_free(connection: Connection, number: str, amount: Decimal, today: date) -> Cancellation:
    """Sets free what was reserved for an order that is cancelled."""
    connection.execute("INSERT INTO cancellations VALUES (?, ?, ?)", (number, reads.pence(amount), today.isoformat()))
    return Cancellation(number, amount, working_days_after(today, CARD_WORKING_DAYS))


def money_back(connection: Connection, customer_id: str) -> tuple[MoneyBack, ...]:
    """Refunds that were paid and sums of cancelled orders that were set free, the latest first."""
    rows = connection.execute(
        "SELECT f.number, f.order_number, l.product, f.pence, f.made_on, 'refund' AS kind FROM refunds f"
        " JOIN orders o ON o.number = f.order_number AND o.customer_id = ?"
        " JOIN order_lines l ON l.order_number = f.order_number AND l.sku = f.sku"
        " UNION ALL SELECT NULL, c.order_number, NULL, c.pence, c.made_on, 'cancellation' FROM cancellations c"
        " JOIN orders o ON o.number = c.order_number AND o.customer_id = ?"
        " ORDER BY made_on DESC, order_number DESC",
        (customer_id, customer_id),
    ).fetchall()
    return tuple(
        MoneyBack(
            order_number=row["order_number"],
            amount=reads.pounds(row["pence"]),
            kind=RefundKind(row["kind"]),
            sent_on=date.fromisoformat(row["made_on"]),
            arrives_by=working_days_after(date.fromisoformat(row["made_on"]), CARD_WORKING_DAYS),
            product=row["product"],
            number=row["number"],
        )
        for row in rows
    )
