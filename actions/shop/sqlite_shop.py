"""The demo shop on its own SQLite file: a real shop in small, behind the same port as a company's own systems."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from actions.shop import sqlite_catalogue as catalogue
from actions.shop import sqlite_money as money
from actions.shop import sqlite_reads as reads
from actions.shop import sqlite_rules as rules
from actions.shop.calendar import months_after, working_days_after
from actions.shop.errors import NotAllowed, Refusal
from actions.shop.model import (
    Cancellation,
    Charge,
    ConfirmationSent,
    Credit,
    Customer,
    DeliveryOption,
    Device,
    FeeWaiver,
    GiftCard,
    Invoice,
    InvoiceSent,
    MoneyBack,
    Order,
    OrderState,
    Plan,
    PlanState,
    ProblemKind,
    ProblemReport,
    Product,
    Refund,
    RefundQuote,
    Remedy,
    Repair,
    RepairVisit,
    Return,
    ReturnLabel,
    mask_email,
)
from actions.shop.sqlite_database import ShopDatabase

REPLACEMENT_WORKING_DAYS: Final = 3
INVESTIGATION_WORKING_DAYS: Final = 5
REPAIR_WORKING_DAYS: Final = 3

_NONE: Final[TypeAdapter[None]] = TypeAdapter(None)

Connection = sqlite3.Connection


class SqliteShop:
    """Implements :class:`actions.shop.port.Shop`. ``now`` is the clock; ``token`` makes unguessable identifiers."""

    def __init__(
        self,
        path: Path,
        now: Callable[[], datetime],
        token: Callable[[], str] = lambda: secrets.token_hex(5).upper(),
    ) -> None:
        self._database = ShopDatabase(path)
        self._now = now
        self._token = token

    def _today(self) -> date:
        return self._now().date()

    async def aclose(self) -> None:
        """See the port. Nothing is held open between operations."""

    async def customer(self, customer_id: str) -> Customer:
        """See the port."""
        return await self._database.read(lambda c: reads.customer(c, customer_id))

    async def customer_by_order(self, order_number: str, email: str) -> Customer:
        """See the port."""
        return await self._database.read(lambda c: reads.customer_by_order(c, order_number, email))

    async def customer_by_invoice(self, invoice_number: str, email: str) -> Customer:
        """See the port."""
        return await self._database.read(lambda c: reads.customer_by_invoice(c, invoice_number, email))

    async def order(self, customer_id: str, number: str) -> Order:
        """See the port."""
        return await self._database.read(lambda c: reads.order(c, customer_id, number))

    async def orders(self, customer_id: str) -> tuple[Order, ...]:
        """See the port."""
        return await self._database.read(lambda c: reads.orders(c, customer_id))

    async def invoices(self, customer_id: str) -> tuple[Invoice, ...]:
        """See the port."""
        return await self._database.read(lambda c: reads.invoices(c, customer_id))

    async def charges(self, customer_id: str) -> tuple[Charge, ...]:
        """See the port."""
        return await self._database.read(lambda c: reads.charges(c, customer_id))

    async def plan(self, customer_id: str) -> Plan:
        """See the port."""
        return await self._database.read(lambda c: reads.plan(c, customer_id))

    async def devices(self, customer_id: str) -> tuple[Device, ...]:
        """See the port."""
        return await self._database.read(lambda c: reads.devices(c, customer_id))

    async def returns(self, customer_id: str) -> tuple[Return, ...]:
        """See the port."""
        return await self._database.read(lambda c: money.returns(c, customer_id))

    async def money_back(self, customer_id: str) -> tuple[MoneyBack, ...]:
        """See the port."""
        return await self._database.read(lambda c: money.money_back(c, customer_id))

    async def repairs(self, customer_id: str) -> tuple[Repair, ...]:
        """See the port."""
        return await self._database.read(lambda c: reads.repairs(c, customer_id, self._today()))

    async def find_products(self, words: str) -> tuple[Product, ...]:
        """See the port."""
        return await self._database.read(lambda c: catalogue.find_products(c, words))

    async def gift_card(self, number: str) -> GiftCard:
        """See the port."""
        return await self._database.read(lambda c: catalogue.gift_card(c, number))

    async def delivery_days(self, customer_id: str, number: str) -> tuple[date, ...]:
        """See the port."""
        return await self._database.read(
            lambda c: rules.delivery_days(reads.order(c, customer_id, number), self._now())
        )

    async def delivery_options(self, postcode: str) -> tuple[DeliveryOption, ...]:
        """See the port."""
        area = "".join(character for character in postcode[:2] if character.isalpha()).upper()
        return await self._database.read(lambda c: rules.delivery_options(c, area, self._today()))

    async def change_order_address(self, customer_id: str, number: str, address: str, *, idempotency_key: str) -> Order:
        """See the port."""

        def change(connection: Connection) -> Order:
            rules.not_on_its_way(reads.order(connection, customer_id, number))
            connection.execute("UPDATE orders SET address = ? WHERE number = ?", (address, number))
            return reads.order(connection, customer_id, number)

        return await self._database.once(idempotency_key, "change_order_address", TypeAdapter(Order), change)

    async def change_order_quantity(
        self, customer_id: str, number: str, sku: str, quantity: int, *, idempotency_key: str
    ) -> Order:
        """See the port."""

        def change(connection: Connection) -> Order:
            order = reads.order(connection, customer_id, number)
            rules.not_on_its_way(order)
            if order.state is OrderState.PACKED:
                raise NotAllowed(Refusal.ALREADY_PACKED)
            further = quantity - reads.line(order, sku).quantity
            if quantity < 1 or not rules.take_from_stock(connection, sku, further):
                raise NotAllowed(Refusal.QUANTITY_UNAVAILABLE)
            connection.execute(
                "UPDATE order_lines SET quantity = ? WHERE order_number = ? AND sku = ?",
                (quantity, number, sku),
            )
            return reads.order(connection, customer_id, number)

        return await self._database.once(idempotency_key, "change_order_quantity", TypeAdapter(Order), change)

    async def cancel_order(self, customer_id: str, number: str, *, idempotency_key: str) -> Cancellation:
        """See the port."""

        def change(connection: Connection) -> Cancellation:
            order = reads.order(connection, customer_id, number)
            rules.not_on_its_way(order)
            connection.execute("UPDATE orders SET state = ? WHERE number = ?", (OrderState.CANCELLED.value, number))
            for line in order.lines:
                rules.take_from_stock(connection, line.sku, -line.quantity)
            return money.set_free(connection, number, order.total, self._today())

        return await self._database.once(idempotency_key, "cancel_order", TypeAdapter(Cancellation), change)

    async def move_delivery(self, customer_id: str, number: str, day: date, *, idempotency_key: str) -> Order:
        """See the port."""

        def change(connection: Connection) -> Order:
            if day not in rules.delivery_days(reads.order(connection, customer_id, number), self._now()):
                raise NotAllowed(Refusal.DAY_UNAVAILABLE)
            connection.execute("UPDATE orders SET expected_on = ? WHERE number = ?", (day.isoformat(), number))
            return reads.order(connection, customer_id, number)

        return await self._database.once(idempotency_key, "move_delivery", TypeAdapter(Order), change)

    async def send_confirmation(self, customer_id: str, number: str, *, idempotency_key: str) -> ConfirmationSent:
        """See the port."""

        def change(connection: Connection) -> ConfirmationSent:
            reads.order(connection, customer_id, number)
            email = reads.customer(connection, customer_id).email
            rules.post(connection, email, "order_confirmation", number)
            return ConfirmationSent(number, mask_email(email))

        return await self._database.once(idempotency_key, "send_confirmation", TypeAdapter(ConfirmationSent), change)

    async def report_problem(
        self,
        customer_id: str,
        number: str,
        sku: str,
        kind: ProblemKind,
        description: str,
        *,
        idempotency_key: str,
    ) -> ProblemReport:
        """See the port. A replacement goes out where there is one in stock, else the carrier is asked."""

        def change(connection: Connection) -> ProblemReport:
            order = reads.order(connection, customer_id, number)
            if order.state is not OrderState.DELIVERED:
                raise NotAllowed(Refusal.NOT_DELIVERED)
            line = reads.line(order, sku)
            in_stock = rules.take_from_stock(connection, sku, 1)
            remedy = Remedy.REPLACEMENT if in_stock else Remedy.INVESTIGATION
            days = REPLACEMENT_WORKING_DAYS if in_stock else INVESTIGATION_WORKING_DAYS
            report = ProblemReport(
                f"P-{self._token()}", number, line.product, remedy, working_days_after(self._today(), days)
            )
            connection.execute(
                "INSERT INTO problem_reports VALUES (?, ?, ?, ?, ?, ?, ?)",
                (report.number, number, sku, kind.value, description, remedy.value, report.by.isoformat()),
            )
            return report

        return await self._database.once(idempotency_key, "report_problem", TypeAdapter(ProblemReport), change)

    async def return_item(
        self, customer_id: str, number: str, sku: str, reason: str, *, idempotency_key: str
    ) -> ReturnLabel:
        """See the port."""

        def change(connection: Connection) -> ReturnLabel:
            return money.register_return(connection, customer_id, number, sku, reason, self._today(), self._token)

        return await self._database.once(idempotency_key, "return_item", TypeAdapter(ReturnLabel), change)

    async def cancel_return(self, customer_id: str, number: str, sku: str, *, idempotency_key: str) -> Return:
        """See the port."""

        def change(connection: Connection) -> Return:
            return money.call_return_off(connection, customer_id, number, sku)

        return await self._database.once(idempotency_key, "cancel_return", TypeAdapter(Return), change)

    async def quote_refund(self, customer_id: str, number: str, sku: str) -> RefundQuote:
        """See the port."""
        return await self._database.read(lambda c: rules.refund_quote(c, customer_id, number, sku, self._today()))

    async def refund(
        self,
        customer_id: str,
        number: str,
        sku: str,
        amount: Decimal,
        reason: str,
        *,
        idempotency_key: str,
    ) -> Refund:
        """See the port."""

        def change(connection: Connection) -> Refund:
            return money.pay_back(connection, customer_id, number, sku, amount, reason, self._today(), self._token)

        return await self._database.once(idempotency_key, "refund", TypeAdapter(Refund), change)

    async def credit(self, customer_id: str, amount: Decimal, reason: str, *, idempotency_key: str) -> Credit:
        """See the port."""
        about, today = (customer_id, amount, reason), self._today()
        return await self._database.once(
            idempotency_key, "credit", TypeAdapter(Credit), lambda c: money.put_to_credit(c, *about, today, self._token)
        )

    async def waive_fee(
        self, customer_id: str, charge_id: str, amount: Decimal, reason: str, *, idempotency_key: str
    ) -> FeeWaiver:
        """See the port."""
        about, today = (customer_id, charge_id, amount, reason), self._today()
        return await self._database.once(
            idempotency_key, "waive_fee", TypeAdapter(FeeWaiver), lambda c: money.waive(c, *about, today, self._token)
        )

    async def send_invoice(self, customer_id: str, invoice_number: str, *, idempotency_key: str) -> InvoiceSent:
        """See the port."""

        def change(connection: Connection) -> InvoiceSent:
            invoice = reads.invoice(connection, customer_id, invoice_number)
            email = reads.customer(connection, customer_id).email
            rules.post(connection, email, "invoice", invoice.number)
            return InvoiceSent(invoice.number, mask_email(email))

        return await self._database.once(idempotency_key, "send_invoice", TypeAdapter(InvoiceSent), change)

    async def change_address(self, customer_id: str, address: str, *, idempotency_key: str) -> Customer:
        """See the port. The customer is told by e-mail, so that a change by somebody else is noticed."""

        def change(connection: Connection) -> Customer:
            before = reads.customer(connection, customer_id)
            connection.execute("UPDATE customers SET address = ? WHERE id = ?", (address, customer_id))
            rules.post(connection, before.email, "address_changed", customer_id)
            return reads.customer(connection, customer_id)

        return await self._database.once(idempotency_key, "change_address", TypeAdapter(Customer), change)

    async def send_access_link(self, email: str, *, idempotency_key: str) -> None:
        """See the port."""

        def change(connection: Connection) -> None:
            row = connection.execute("SELECT id, email FROM customers WHERE email = ?", (email,)).fetchone()
            if row is not None:
                rules.post(connection, row["email"], "access_link", row["id"])

        await self._database.once(idempotency_key, "send_access_link", _NONE, change)

    async def pause_plan(self, customer_id: str, months: int, *, idempotency_key: str) -> Plan:
        """See the port."""

        def change(connection: Connection) -> Plan:
            plan = reads.plan(connection, customer_id)
            rules.runs(plan)
            starts = plan.next_payment_on or self._today()
            until = months_after(starts, months)
            connection.execute(
                "UPDATE plans SET state = ?, paused_until = ?, next_payment_on = ? WHERE customer_id = ?",
                (PlanState.PAUSED.value, until.isoformat(), until.isoformat(), customer_id),
            )
            connection.execute("INSERT OR REPLACE INTO pauses VALUES (?, ?)", (customer_id, starts.isoformat()))
            return reads.plan(connection, customer_id)

        return await self._database.once(idempotency_key, "pause_plan", TypeAdapter(Plan), change)

    async def end_plan(self, customer_id: str, *, idempotency_key: str) -> Plan:
        """See the port. A paused plan, for which nothing is paid, ends today."""

        def change(connection: Connection) -> Plan:
            plan = reads.plan(connection, customer_id)
            if plan.state in (PlanState.ENDING, PlanState.ENDED):
                raise NotAllowed(Refusal.PLAN_ENDED)
            today = self._today()
            paid_until = (plan.next_payment_on or today) - timedelta(days=1)
            ends_on = today if plan.state is PlanState.PAUSED else max(today, paid_until)
            connection.execute(
                "UPDATE plans SET state = ?, ends_on = ?, next_payment_on = NULL, paused_until = NULL"
                " WHERE customer_id = ?",
                (PlanState.ENDING.value, ends_on.isoformat(), customer_id),
            )
            return reads.plan(connection, customer_id)

        return await self._database.once(idempotency_key, "end_plan", TypeAdapter(Plan), change)

    async def resume_plan(self, customer_id: str, *, idempotency_key: str) -> Plan:
        """See the port."""

        def change(connection: Connection) -> Plan:
            next_payment = rules.resumed(reads.plan(connection, customer_id), self._today())
            connection.execute(
                "UPDATE plans SET state = ?, next_payment_on = ?, paused_until = NULL, ends_on = NULL"
                " WHERE customer_id = ?",
                (PlanState.ACTIVE.value, next_payment.isoformat(), customer_id),
            )
            return reads.plan(connection, customer_id)

        return await self._database.once(idempotency_key, "resume_plan", TypeAdapter(Plan), change)

    async def book_repair(self, customer_id: str, device: str, *, idempotency_key: str) -> RepairVisit:
        """See the port."""

        def change(connection: Connection) -> RepairVisit:
            reads.customer(connection, customer_id)
            visit = RepairVisit(f"V-{self._token()}", device, working_days_after(self._today(), REPAIR_WORKING_DAYS))
            connection.execute(
                "INSERT INTO repair_visits VALUES (?, ?, ?, ?)",
                (visit.number, customer_id, device, visit.on.isoformat()),
            )
            return visit

        return await self._database.once(idempotency_key, "book_repair", TypeAdapter(RepairVisit), change)
