"""The demo shop's own rules: until when what may be done, and what stock and outbox hold."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from actions.shop import sqlite_reads as reads
from actions.shop.calendar import SATURDAY, working_days_after
from actions.shop.errors import NotAllowed, Refusal
from actions.shop.model import DeliveryOption, Order, OrderState, Plan, PlanState, RefundQuote

Connection = sqlite3.Connection

RETURN_WINDOW: Final = timedelta(days=30)
"""After delivery; returns and refunds are open so long."""
FIRST_SLOT: Final = time(7, tzinfo=UTC)
"""When the first delivery of a day may come."""
MOVE_NOTICE: Final = timedelta(hours=24)
"""Until so long before its day's first slot a delivery may be moved."""
MOVE_AHEAD: Final = timedelta(weeks=4)
"""The furthest day, from today, to which a delivery may be moved."""
TWO_PERSON: Final = "Larkfield Two-Person"
"""The carrier of large items, who comes on Saturdays too."""


def window_closes_on(order: Order, today: date) -> date:
    """The last day for a return or refund. Raises ``NotAllowed`` before delivery and after that day."""
    delivered_on = order.delivery.delivered_on
    if order.state is OrderState.CANCELLED:
        raise NotAllowed(Refusal.ALREADY_CANCELLED)
    if order.state is not OrderState.DELIVERED or delivered_on is None:
        raise NotAllowed(Refusal.NOT_DELIVERED)
    closes_on = delivered_on + RETURN_WINDOW
    if today > closes_on:
        raise NotAllowed(Refusal.RETURN_WINDOW_OVER)
    return closes_on


def refund_quote(connection: Connection, customer_id: str, number: str, sku: str, today: date) -> RefundQuote:
    """What is left to refund of an item. Raises ``NotAllowed`` where nothing may be refunded."""
    order = reads.order(connection, customer_id, number)
    line = reads.line(order, sku)
    window_closes_on(order, today)
    amount = line.total - reads.refunded(connection, number, sku)
    if amount <= 0:
        raise NotAllowed(Refusal.ALREADY_REFUNDED)
    return RefundQuote(number, line.product, amount, reads.refunded(connection, number))


def not_on_its_way(order: Order) -> None:
    """Raises ``NotAllowed`` once an order cannot be changed any more."""
    refusals = {
        OrderState.SHIPPED: Refusal.ALREADY_SHIPPED,
        OrderState.DELIVERED: Refusal.ALREADY_DELIVERED,
        OrderState.CANCELLED: Refusal.ALREADY_CANCELLED,
    }
    if order.state in refusals:
        raise NotAllowed(refusals[order.state])


def delivery_days(order: Order, now: datetime) -> tuple[date, ...]:
    """The days to which a delivery may be moved: later ones than promised, but never sooner, which costs more.
    Raises ``NotAllowed`` once it was delivered or cancelled, and when it is too late."""
    if order.state is OrderState.DELIVERED:
        raise NotAllowed(Refusal.ALREADY_DELIVERED)
    if order.state is OrderState.CANCELLED:
        raise NotAllowed(Refusal.ALREADY_CANCELLED)
    promised = order.delivery.expected_on
    if now + MOVE_NOTICE > datetime.combine(promised, FIRST_SLOT):
        raise NotAllowed(Refusal.TOO_LATE_TO_MOVE)
    last_weekday = SATURDAY if order.delivery.carrier == TWO_PERSON else SATURDAY - 1
    days = (now.date() + MOVE_AHEAD - promised).days
    later = [promised + timedelta(days=ahead) for ahead in range(1, days + 1)]
    return tuple(day for day in later if day.weekday() <= last_weekday)


def resumed(plan: Plan, today: date) -> date:
    """The next payment day of a plan that goes on: today after a pause, unless what was paid for lasts longer.
    Raises ``NotAllowed`` where the plan runs or has ended for good."""
    if plan.state is PlanState.ACTIVE:
        raise NotAllowed(Refusal.PLAN_RUNNING)
    if plan.state is PlanState.PAUSED:
        return max(today, plan.paused_from or today)
    if plan.state is PlanState.ENDING and plan.ends_on is not None and plan.ends_on >= today:
        return plan.ends_on + timedelta(days=1)
    raise NotAllowed(Refusal.PLAN_ENDED)


def runs(plan: Plan) -> None:
    """Raises ``NotAllowed`` unless the plan is active."""
    if plan.state is PlanState.PAUSED:
        raise NotAllowed(Refusal.PLAN_PAUSED)
    if plan.state is not PlanState.ACTIVE:
        raise NotAllowed(Refusal.PLAN_ENDED)


def take_from_stock(connection: Connection, sku: str, quantity: int) -> bool:
    """Takes items out of the stock (puts them back when negative); False, and nothing taken, if there are fewer."""
    taken = connection.execute(
        "UPDATE stock SET quantity = quantity - ? WHERE sku = ? AND quantity >= ?", (quantity, sku, quantity)
    )
    return taken.rowcount == 1


def post(connection: Connection, recipient: str, subject: str, reference: str) -> None:
    """Puts an e-mail into the outbox. The demo shop sends none."""
    connection.execute(
        "INSERT INTO outbox (recipient, subject, reference) VALUES (?, ?, ?)", (recipient, subject, reference)
    )


def delivery_options(connection: Connection, area: str, today: date) -> tuple[DeliveryOption, ...]:
    """How an order gets to a postcode area. Raises ``NotAllowed`` where it does not."""
    row = connection.execute(
        "SELECT served, extra_days FROM delivery_areas WHERE postcode_area = ?", (area,)
    ).fetchone()
    served, extra_days = (row["served"], row["extra_days"]) if row is not None else (1, 0)
    if not served:
        raise NotAllowed(Refusal.AREA_NOT_SERVED)
    options = connection.execute("SELECT * FROM delivery_options ORDER BY position").fetchall()
    return tuple(
        DeliveryOption(
            option["name"],
            reads.pounds(option["pence"]),
            working_days_after(today, option["lead_days"] + extra_days),
        )
        for option in options
        if option["everywhere"] or extra_days == 0
    )
