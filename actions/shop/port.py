"""The port: everything the assistant ever asks of a company's own systems.

Whoever stands behind it keeps three promises:

* **Ownership.** A read or change of an order names the customer; another customer's order raises
  :class:`~actions.shop.errors.NotYours`, one that does not exist ``OrderNotFound``.
* **Exactly once.** Every change takes an ``idempotency_key``. The same key again changes nothing and returns the
  first result, also when the first caller never heard it, and also when the same change would be refused by now.
* **Refusals are values.** What the shop's rules forbid raises ``NotAllowed`` with its ``Refusal``; a shop that cannot
  be reached raises ``ShopUnavailable``, and ``ShopUncertain`` where a change may have happened unheard.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Protocol

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
    Plan,
    ProblemKind,
    ProblemReport,
    Product,
    Refund,
    RefundQuote,
    Repair,
    RepairVisit,
    Return,
    ReturnLabel,
)


class Shop(Protocol):
    """A company's customers, orders, money and plans, as far as the assistant may see and change them."""

    async def aclose(self) -> None:
        """Gives back what is held open, at the end."""

    async def customer(self, customer_id: str) -> Customer:
        """The customer with this id. Raises ``CustomerNotFound``."""

    async def customer_by_order(self, order_number: str, email: str) -> Customer:
        """Who placed this order, if ``email`` is theirs. Raises ``CustomerNotFound`` without saying which of the
        two is wrong."""

    async def customer_by_invoice(self, invoice_number: str, email: str) -> Customer:
        """Whose invoice this is, if ``email`` is theirs. Raises ``CustomerNotFound`` without saying more."""

    async def order(self, customer_id: str, number: str) -> Order:
        """One order. Raises ``OrderNotFound`` or ``NotYours``."""

    async def orders(self, customer_id: str) -> tuple[Order, ...]:
        """The customer's orders, the latest first."""

    async def change_order_address(self, customer_id: str, number: str, address: str, *, idempotency_key: str) -> Order:
        """Sends an order elsewhere. ``NotAllowed`` once it has shipped, was delivered or cancelled."""

    async def change_order_quantity(
        self, customer_id: str, number: str, sku: str, quantity: int, *, idempotency_key: str
    ) -> Order:
        """Changes how many of an item are sent (1 or more). ``NotAllowed`` once the order is packed, or where
        there are not so many."""

    async def cancel_order(self, customer_id: str, number: str, *, idempotency_key: str) -> Cancellation:
        """Cancels an order that has not shipped and pays it back. ``NotAllowed`` once it has shipped."""

    async def delivery_days(self, customer_id: str, number: str) -> tuple[date, ...]:
        """The days to which this delivery may be moved, the earliest first. ``NotAllowed`` once it was delivered or
        cancelled, and when it is too late to move it (``too_late_to_move``)."""

    async def move_delivery(self, customer_id: str, number: str, day: date, *, idempotency_key: str) -> Order:
        """Moves a delivery to another day. ``NotAllowed`` as for the days, and (``day_unavailable``) for a day that is
        none of them."""

    async def send_confirmation(self, customer_id: str, number: str, *, idempotency_key: str) -> ConfirmationSent:
        """Sends an order's confirmation to the e-mail address on file once more."""

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
        """Records a damaged, missing or wrong item of a delivered order and starts the remedy."""

    async def return_item(
        self, customer_id: str, number: str, sku: str, reason: str, *, idempotency_key: str
    ) -> ReturnLabel:
        """Registers a return and makes its label. An item already registered gives its first label again.
        ``NotAllowed`` before delivery and after the return window."""

    async def returns(self, customer_id: str) -> tuple[Return, ...]:
        """The customer's returns, the latest first; those that were called off are left out."""

    async def cancel_return(self, customer_id: str, number: str, sku: str, *, idempotency_key: str) -> Return:
        """Calls a registered return off: the customer keeps the item, and the label is void. ``NotAllowed`` where
        there is none (``no_return``) and once the parcel has arrived (``return_received``)."""

    async def quote_refund(self, customer_id: str, number: str, sku: str) -> RefundQuote:
        """What a refund of this item would come to. ``NotAllowed`` before delivery, after the return window and
        when it was refunded already."""

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
        """Pays ``amount`` back. ``NotAllowed`` as for the quote, and when it is more than the quote."""

    async def credit(self, customer_id: str, amount: Decimal, reason: str, *, idempotency_key: str) -> Credit:
        """Puts ``amount`` to the customer's credit. How much may be given is for the caller to know."""

    async def waive_fee(
        self, customer_id: str, charge_id: str, amount: Decimal, reason: str, *, idempotency_key: str
    ) -> FeeWaiver:
        """Waives a delivery or plan charge, in part or whole. Raises ``ChargeNotFound`` for what is no fee of theirs;
        ``NotAllowed`` (``already_refunded``) for more than is left of it."""

    async def money_back(self, customer_id: str) -> tuple[MoneyBack, ...]:
        """Refunds that were paid and sums of cancelled orders that were set free, the latest first."""

    async def invoices(self, customer_id: str) -> tuple[Invoice, ...]:
        """The customer's invoices, the latest first."""

    async def send_invoice(self, customer_id: str, invoice_number: str, *, idempotency_key: str) -> InvoiceSent:
        """Sends a copy to the e-mail address on file. Raises ``InvoiceNotFound``."""

    async def charges(self, customer_id: str) -> tuple[Charge, ...]:
        """The latest lines on the customer's statement, the latest first."""

    async def change_address(self, customer_id: str, address: str, *, idempotency_key: str) -> Customer:
        """Changes the address of the account; orders on their way keep theirs."""

    async def send_access_link(self, email: str, *, idempotency_key: str) -> None:
        """Sends a link to sign in again, if there is such an account. Never tells whether there is."""

    async def plan(self, customer_id: str) -> Plan:
        """The customer's plan. ``NotAllowed`` (``no_plan``) where there is none."""

    async def pause_plan(self, customer_id: str, months: int, *, idempotency_key: str) -> Plan:
        """Pauses the plan from its next payment on for 1 to 3 months. ``NotAllowed`` unless it is active."""

    async def end_plan(self, customer_id: str, *, idempotency_key: str) -> Plan:
        """Ends the plan on the day before its next payment. ``NotAllowed`` where it has ended or is ending."""

    async def resume_plan(self, customer_id: str, *, idempotency_key: str) -> Plan:
        """Ends a pause at once, or takes an ending back. ``NotAllowed`` where the plan runs (``plan_running``) or has
        ended for good."""

    async def devices(self, customer_id: str) -> tuple[Device, ...]:
        """The devices that the customer is known to have."""

    async def book_repair(self, customer_id: str, device: str, *, idempotency_key: str) -> RepairVisit:
        """Books an engineer for a device."""

    async def repairs(self, customer_id: str) -> tuple[Repair, ...]:
        """The customer's repairs: those to come first, in the order of their days, then finished ones."""

    async def find_products(self, words: str) -> tuple[Product, ...]:
        """What is sold under these words or this SKU, the best fit first, at most ten; nothing where nothing fits."""

    async def gift_card(self, number: str) -> GiftCard:
        """A gift card. Whoever has its number may ask. Raises ``GiftCardNotFound``."""

    async def delivery_options(self, postcode: str) -> tuple[DeliveryOption, ...]:
        """How an order can be delivered to this postcode. ``NotAllowed`` (``area_not_served``) where it cannot."""
