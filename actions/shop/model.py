"""What a shop tells the assistant: frozen records, without any wording.

Money is a ``Decimal`` in pounds with two places. Dates are calendar days in the shop's own time zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class OrderState(StrEnum):
    """How far an order has got. It moves downwards; ``cancelled`` is reached from the first two only."""

    PROCESSING = "processing"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class ChargeKind(StrEnum):
    """What a line on the customer's statement stands for."""

    ORDER = "order"
    DELIVERY = "delivery"
    PLAN = "plan"
    HOLD = "hold"  # an authorisation by the bank that is never collected and drops off by itself


class PlanState(StrEnum):
    """Whether the protection plan runs."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDING = "ending"  # ended by the customer, still covering what is paid for
    ENDED = "ended"


class ProblemKind(StrEnum):
    """What can be wrong with a delivered item."""

    DAMAGED = "damaged"
    MISSING = "missing"
    WRONG = "wrong"


class RefundKind(StrEnum):
    """Why money goes back."""

    REFUND = "refund"  # it was paid, and is paid back
    CANCELLATION = "cancellation"  # it was only reserved, and is set free


class ReturnState(StrEnum):
    """How far a return has got."""

    REGISTERED = "registered"  # the label is made, the parcel has not arrived
    RECEIVED = "received"  # it has arrived and is being checked
    REFUNDED = "refunded"


class RepairState(StrEnum):
    """Where a repair is done, and whether it still is to be."""

    VISIT = "visit"  # an engineer comes to the customer
    WORKSHOP = "workshop"  # the device was sent in
    FINISHED = "finished"


class Remedy(StrEnum):
    """What the shop does about a reported problem."""

    REPLACEMENT = "replacement"
    INVESTIGATION = "investigation"  # not in stock: the carrier is asked first, money or item follows


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of the shop; ``id`` is the one that a website signs into the customer's identity."""

    id: str
    name: str
    email: str
    tier: str
    address: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One product of an order. ``sku`` is unique within the order."""

    sku: str
    product: str
    quantity: int
    unit_price: Decimal

    @property
    def total(self) -> Decimal:
        """Price of the whole line."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an order travels. ``expected_on`` is what the customer was promised."""

    carrier: str
    expected_on: date
    tracking_number: str | None = None
    delivered_on: date | None = None

    def days_late(self, today: date) -> int:
        """Days since the promised day while nothing was delivered; 0 when it is not late."""
        return 0 if self.delivered_on else max(0, (today - self.expected_on).days)


@dataclass(frozen=True, slots=True)
class Order:
    """One order with its lines and its delivery."""

    number: str
    customer_id: str
    state: OrderState
    placed_on: date
    address: str
    lines: tuple[OrderLine, ...]
    delivery: Delivery

    @property
    def total(self) -> Decimal:
        """Price of all lines."""
        return sum((line.total for line in self.lines), Decimal("0.00"))


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice; a copy of it is only ever sent to the e-mail address on file."""

    number: str
    customer_id: str
    issued_on: date
    amount: Decimal
    order_number: str | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """One line on the customer's statement; ``reference`` is the order or the plan that it belongs to."""

    id: str
    customer_id: str
    charged_on: date
    amount: Decimal
    kind: ChargeKind
    reference: str
    invoice_number: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The monthly protection plan of a customer. A pause may lie ahead: it begins on ``paused_from``."""

    customer_id: str
    name: str
    monthly_price: Decimal
    state: PlanState
    next_payment_on: date | None = None
    paused_until: date | None = None
    ends_on: date | None = None
    paused_from: date | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """A device that a customer has at home; ``kind`` is a key of data/troubleshooting.yml where it has one."""

    customer_id: str
    name: str
    kind: str
    warranty_until: date


@dataclass(frozen=True, slots=True)
class DeliveryOption:
    """One way of having an order delivered to a postcode."""

    name: str
    price: Decimal
    earliest_on: date


@dataclass(frozen=True, slots=True)
class Cancellation:
    """An order was cancelled; ``amount_back`` goes back to the card it was paid with by ``back_by``."""

    order_number: str
    amount_back: Decimal
    back_by: date


@dataclass(frozen=True, slots=True)
class ProblemReport:
    """A problem with an item was recorded; ``by`` is the day of the replacement or of the carrier's answer."""

    number: str
    order_number: str
    product: str
    remedy: Remedy
    by: date


@dataclass(frozen=True, slots=True)
class ReturnLabel:
    """A return was registered; the parcel must be handed in by ``send_by``."""

    number: str
    order_number: str
    product: str
    url: str
    send_by: date


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """What a refund would come to. ``refunded_before`` was already paid back for the same order."""

    order_number: str
    product: str
    amount: Decimal
    refunded_before: Decimal


@dataclass(frozen=True, slots=True)
class Refund:
    """Money was paid back; it is on the customer's account by ``arrives_by``."""

    number: str
    order_number: str
    product: str
    amount: Decimal
    arrives_by: date


@dataclass(frozen=True, slots=True)
class Credit:
    """A sum was put to the customer's credit: it is taken off their next order or payment."""

    number: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class FeeWaiver:
    """A fee on the customer's statement was waived, in part or whole; it is paid back by ``arrives_by``."""

    number: str
    charge_id: str
    amount: Decimal
    arrives_by: date


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """Money that is, or was, on its way back. ``product`` is None where it is the whole order's; it was sent (or set
    free) on ``sent_on`` and shows on the customer's account by ``arrives_by``."""

    order_number: str
    amount: Decimal
    kind: RefundKind
    sent_on: date
    arrives_by: date
    product: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """A registered return. ``received_on`` and ``refund_by`` are known once the parcel has arrived."""

    number: str
    order_number: str
    sku: str
    product: str
    amount: Decimal
    state: ReturnState
    send_by: date
    received_on: date | None = None
    refund_by: date | None = None


@dataclass(frozen=True, slots=True)
class ConfirmationSent:
    """The confirmation of an order went to the e-mail address on file once more."""

    order_number: str
    masked_email: str


@dataclass(frozen=True, slots=True)
class Product:
    """Something that is sold. Where none is in stock, ``back_on`` is the day on which more are expected, if known."""

    sku: str
    name: str
    price: Decimal
    in_stock: int
    back_on: date | None = None


@dataclass(frozen=True, slots=True)
class GiftCard:
    """A gift card and what is left on it; it may be spent up to and including ``valid_until``."""

    number: str
    balance: Decimal
    valid_until: date


@dataclass(frozen=True, slots=True)
class InvoiceSent:
    """A copy of an invoice went to the e-mail address on file, which ``masked_email`` shows in part."""

    invoice_number: str
    masked_email: str


@dataclass(frozen=True, slots=True)
class RepairVisit:
    """A repair was booked: an engineer comes on ``on``."""

    number: str
    device: str
    on: date


@dataclass(frozen=True, slots=True)
class Repair:
    """A repair that is planned, under way or done. ``on`` is the day of the visit, the day by which a device that was
    sent in is back, or the day on which it was finished."""

    number: str
    device: str
    state: RepairState
    on: date


def mask_email(email: str) -> str:
    """``maya.lind@mail.example`` -> ``m***@mail.example``: enough to recognise, too little to learn."""
    local, _, host = email.partition("@")
    return f"{local[:1]}***@{host}"
