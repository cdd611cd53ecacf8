"""The cards that the action server sends beside the bot's words: what an answer is about, at a glance.

The words say everything, too, so who cannot show a card leaves it out. Part of the contract: see ``contract``.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from handoff.contract import WireModel

SecureLink = Annotated[str, Field(max_length=500, pattern=r"^https://[^\s<>\"'`]+$")]
CardText = Annotated[str, Field(min_length=1, max_length=200)]


class OrderCardState(StrEnum):
    """How far an order is, as its card says it; each has its words in ``data/wording`` under ``widget``."""

    PROCESSING = "processing"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class OrderCardItem(WireModel):
    """A line of an order."""

    product: CardText
    quantity: int = Field(ge=1, le=10_000)


class OrderCard(WireModel):
    """An order.

    ``day`` is the promised day, or the one on which it came; ``days_late`` counts from the promised one. Of a cancelled
    order it is the day by which its money is free, if that is still to come.
    """

    kind: Literal["order"] = "order"
    number: CardText
    state: OrderCardState
    items: Annotated[tuple[OrderCardItem, ...], Field(max_length=50)] = ()
    day: date | None = None
    days_late: int = Field(default=0, ge=0)
    carrier: CardText | None = None
    tracking_number: CardText | None = None
    link: SecureLink | None = None


class OrdersCard(WireModel):
    """Several orders, each as its own card says it; in the text they are the lines that begin with a bullet."""

    kind: Literal["orders"] = "orders"
    orders: Annotated[tuple[OrderCard, ...], Field(min_length=1, max_length=20)]


class MoneyBackState(StrEnum):
    """How far a return or its money is; each has its words in ``data/wording`` under ``widget``."""

    REGISTERED = "registered"
    """The label is made; the parcel is to be handed in by ``day``."""
    RECEIVED = "received"
    """The parcel is being checked; its money is there by ``day``."""
    REFUNDED = "refunded"
    """The return is finished."""
    SENT = "sent"
    """The money is on its way, and there by ``day``."""
    SET_FREE = "set_free"
    """What was only reserved is free again by ``day``."""
    OVERDUE = "overdue"
    """It should have been there by ``day``."""


class MoneyBackCard(WireModel):
    """A return, or money on its way back. ``amount`` is written as customers read it, such as ``£24.00``."""

    kind: Literal["return", "refund"]
    number: CardText | None = None
    order_number: CardText
    product: CardText | None = None
    amount: CardText | None = None
    state: MoneyBackState
    day: date | None = None
    link: SecureLink | None = None


BotCard = Annotated[OrderCard | OrdersCard | MoneyBackCard, Field(discriminator="kind")]
BOT_CARD: Final[TypeAdapter[BotCard]] = TypeAdapter(BotCard)
