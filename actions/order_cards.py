"""The card of an order, which the widget shows beside the words about it."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from actions.content import ORDER_LINK
from actions.services import Services
from actions.shop.model import Order
from handoff.contract import OrderCard, OrderCardItem, OrderCardState

MOST_ITEMS: Final = 50
LONGEST: Final = 200


def order_card(order: Order, services: Services) -> OrderCard:
    """The order as it stands now; a shop's over-long names are cut, and the link is the content team's."""
    delivery = order.delivery
    link = services.choices.links.get(ORDER_LINK)
    coming = order.state.value != OrderCardState.CANCELLED
    return OrderCard(
        number=order.number[:LONGEST],
        state=OrderCardState(order.state.value),
        items=tuple(
            OrderCardItem(product=line.product[:LONGEST], quantity=line.quantity) for line in order.lines[:MOST_ITEMS]
        ),
        day=(delivery.delivered_on or delivery.expected_on) if coming else None,
        days_late=delivery.days_late(services.today()) if coming else 0,
        carrier=delivery.carrier[:LONGEST] or None,
        tracking_number=(delivery.tracking_number or "")[:LONGEST] or None,
        link=link.format(order_number=quote(order.number, safe="")) if link else None,
    )
