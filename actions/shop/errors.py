"""What a shop may refuse, and what can keep it from answering. Each docstring is the message."""

from __future__ import annotations

from enum import StrEnum
from inspect import getdoc


class Refusal(StrEnum):
    """Why the shop does not do what was asked. Each has a response ``utter_refused_<value>``."""

    ALREADY_SHIPPED = "already_shipped"
    ALREADY_PACKED = "already_packed"
    ALREADY_DELIVERED = "already_delivered"
    ALREADY_CANCELLED = "already_cancelled"
    NOT_DELIVERED = "not_delivered"
    RETURN_WINDOW_OVER = "return_window_over"
    ALREADY_REFUNDED = "already_refunded"
    ITEM_NOT_IN_ORDER = "item_not_in_order"
    QUANTITY_UNAVAILABLE = "quantity_unavailable"
    NO_PLAN = "no_plan"
    PLAN_PAUSED = "plan_paused"
    PLAN_ENDED = "plan_ended"
    PLAN_RUNNING = "plan_running"
    AREA_NOT_SERVED = "area_not_served"
    TOO_LATE_TO_MOVE = "too_late_to_move"
    DAY_UNAVAILABLE = "day_unavailable"
    NO_RETURN = "no_return"
    RETURN_RECEIVED = "return_received"


class ShopError(Exception):
    """The shop could not do what was asked."""

    def __str__(self) -> str:
        message = getdoc(type(self)) or ""
        detail = super().__str__()
        return f"{message} ({detail})" if detail else message


class CustomerNotFound(ShopError):
    """The shop has no such customer, or the details given do not belong together."""


class OrderNotFound(ShopError):
    """There is no order with this number."""


class InvoiceNotFound(ShopError):
    """This customer has no invoice with this number."""


class ChargeNotFound(ShopError):
    """This customer has no fee with this number on their statement."""


class GiftCardNotFound(ShopError):
    """There is no gift card with this number."""


class NotYours(ShopError):
    """The order belongs to another customer."""


class NotAllowed(ShopError):
    """The shop's rules do not allow this."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


class ShopUnavailable(ShopError):
    """The shop cannot be reached; nothing was changed."""


class ShopUncertain(ShopError):
    """The shop was told to change something and did not answer: it may or may not have happened. The same
    request with the same idempotency key is safe to repeat."""
