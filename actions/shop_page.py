"""``GET /shop/orders``: a customer's orders for the demo shop's page, from the same shop that the actions change."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from actions.shop.model import Order
from actions.shop.port import Shop


def add_shop_page(app: web.Application, shop: Shop) -> None:
    """Serve the orders beside the webhook, behind the same secret."""

    async def orders(request: web.Request) -> web.Response:
        found = await shop.orders(request.query.get("customer_id", ""))
        return web.json_response({"orders": [order_view(order) for order in found]})

    app.router.add_get("/shop/orders", orders)


def order_view(order: Order) -> dict[str, Any]:
    """An order as the shop page shows it; amounts in pounds, days as ISO dates."""
    delivery = order.delivery
    return {
        "number": order.number,
        "status": order.state,
        "placed_at": order.placed_on.isoformat(),
        "total": f"{order.total:.2f}",
        "items": [{"name": line.product, "quantity": line.quantity} for line in order.lines],
        "delivery": {
            "carrier": delivery.carrier,
            "expected_on": delivery.expected_on.isoformat(),
            "delivered_on": delivery.delivered_on.isoformat() if delivery.delivered_on else None,
        },
    }
