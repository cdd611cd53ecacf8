"""The cards that the widget shows beside the words: orders, returns and money on its way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final, Literal
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from actions.content import ORDER_LINK
from actions.services import Services
from actions.shop.model import MoneyBack, Order, Refund, RefundKind, Return, ReturnLabel
from actions.talk import formatted
from handoff.contract_cards import (
    MoneyBackCard,
    MoneyBackState,
    OrderCard,
    OrderCardItem,
    OrderCardState,
    OrdersCard,
    SecureLink,
)

MOST_ITEMS: Final = 50
LONGEST: Final = 200
_LINK: Final = TypeAdapter(SecureLink)


def order_card(order: Order, services: Services, *, free_by: date | None = None) -> OrderCard:
    """The order as it stands now; a shop's over-long names are cut, and the link is the content team's.

    ``free_by`` is when the money of a cancelled order is free again.
    """
    delivery = order.delivery
    link = services.choices.links.get(ORDER_LINK)
    coming = order.state.value != OrderCardState.CANCELLED
    return OrderCard(
        number=order.number[:LONGEST],
        state=OrderCardState(order.state.value),
        items=tuple(
            OrderCardItem(product=line.product[:LONGEST], quantity=line.quantity) for line in order.lines[:MOST_ITEMS]
        ),
        day=(delivery.delivered_on or delivery.expected_on) if coming else free_by,
        days_late=delivery.days_late(services.today()) if coming else 0,
        carrier=delivery.carrier[:LONGEST] or None if coming else None,
        tracking_number=(delivery.tracking_number or "")[:LONGEST] or None if coming else None,
        link=link.format(order_number=quote(order.number, safe="")) if link else None,
    )


def orders_card(orders: Sequence[Order], services: Services) -> OrdersCard:
    """Several orders in their order; they are the lines of a list in the text beside it."""
    return OrdersCard(orders=tuple(order_card(order, services) for order in orders))


def label_card(label: ReturnLabel) -> MoneyBackCard:
    """A return that was registered just now, with its label."""
    state = MoneyBackState.REGISTERED
    return _card("return", label, state, day=label.send_by, link=label.url)


def return_card(found: Return) -> MoneyBackCard:
    """How far a return is, and the next day that counts for it."""
    state = MoneyBackState(found.state.value)
    days = {MoneyBackState.REGISTERED: found.send_by, MoneyBackState.RECEIVED: found.refund_by}
    return _card("return", found, state, amount=found.amount, day=days.get(state))


def refund_card(refund: Refund) -> MoneyBackCard:
    """Money that was sent back just now."""
    return _card("refund", refund, MoneyBackState.SENT, amount=refund.amount, day=refund.arrives_by)


def money_card(money: MoneyBack, today: date) -> MoneyBackCard:
    """Money that was sent or set free before, and when it is there."""
    state = MoneyBackState.SET_FREE if money.kind is RefundKind.CANCELLATION else MoneyBackState.SENT
    if money.arrives_by < today:
        state = MoneyBackState.OVERDUE
    return _card("refund", money, state, amount=money.amount, day=money.arrives_by)


def _card(
    kind: Literal["return", "refund"],
    about: ReturnLabel | Return | Refund | MoneyBack,
    state: MoneyBackState,
    *,
    day: date | None,
    amount: Decimal | None = None,
    link: str | None = None,
) -> MoneyBackCard:
    return MoneyBackCard(
        kind=kind,
        number=(about.number or "")[:LONGEST] or None,
        order_number=about.order_number[:LONGEST],
        product=(about.product or "")[:LONGEST] or None,
        amount=str(formatted(amount)) if amount is not None else None,
        state=state,
        day=day,
        link=_secure(link),
    )


def _secure(link: str | None) -> SecureLink | None:
    """The shop's address, if it can stand on a card; the text has it in any case."""
    try:
        return _LINK.validate_python(link)
    except ValidationError:
        return None
