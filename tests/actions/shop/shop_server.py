"""A company's HTTP API in small: the protocol of docs/your-own-shop.md, over any shop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter

from actions.shop.errors import (
    ChargeNotFound,
    CustomerNotFound,
    GiftCardNotFound,
    InvoiceNotFound,
    NotAllowed,
    NotYours,
    OrderNotFound,
    ShopError,
)
from actions.shop.model import ProblemKind
from actions.shop.port import Shop

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

STATUSES: dict[type[ShopError], tuple[int, str]] = {
    CustomerNotFound: (404, "customer_not_found"),
    OrderNotFound: (404, "order_not_found"),
    InvoiceNotFound: (404, "invoice_not_found"),
    GiftCardNotFound: (404, "gift_card_not_found"),
    ChargeNotFound: (404, "charge_not_found"),
    NotYours: (403, "not_yours"),
    NotAllowed: (409, "not_allowed"),
}


class ShopServer:
    """``lose_answers``: how many answers are lost on the way, after the change was made. ``fail_with``: a status that
    every request gets, before anything is done."""

    def __init__(self, shop: Shop, secret: str) -> None:
        self.shop = shop
        self.secret = secret
        self.lose_answers = 0
        self.fail_with: int | None = None
        self.requests: list[str] = []

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._outer])
        customer = "/v1/customers/{customer}"
        order = f"{customer}/orders/{{number}}"
        app.add_routes(
            [
                web.get(customer, self._answer(lambda r, b: self.shop.customer(r["customer"]))),
                web.post("/v1/identify", self._answer(self._identify)),
                web.get(f"{customer}/orders", self._answer(lambda r, b: self.shop.orders(r["customer"]))),
                web.get(order, self._answer(lambda r, b: self.shop.order(r["customer"], r["number"]))),
                web.get(f"{order}/refund-quote", self._answer(self._quote)),
                web.get(f"{customer}/invoices", self._answer(lambda r, b: self.shop.invoices(r["customer"]))),
                web.get(f"{customer}/charges", self._answer(lambda r, b: self.shop.charges(r["customer"]))),
                web.get(f"{customer}/plan", self._answer(lambda r, b: self.shop.plan(r["customer"]))),
                web.get(f"{customer}/devices", self._answer(lambda r, b: self.shop.devices(r["customer"]))),
                web.get(f"{customer}/returns", self._answer(lambda r, b: self.shop.returns(r["customer"]))),
                web.get(f"{customer}/money-back", self._answer(lambda r, b: self.shop.money_back(r["customer"]))),
                web.get(f"{customer}/repairs", self._answer(lambda r, b: self.shop.repairs(r["customer"]))),
                web.get(f"{order}/delivery-days", self._answer(self._delivery_days)),
                web.get("/v1/products", self._answer(lambda r, b: self.shop.find_products(b["search"]))),
                web.post("/v1/gift-cards/balance", self._answer(lambda r, b: self.shop.gift_card(b["number"]))),
                web.get("/v1/delivery-options", self._answer(lambda r, b: self.shop.delivery_options(b["postcode"]))),
                web.post(f"{order}/address", self._answer(self._order_address)),
                web.post(f"{order}/quantity", self._answer(self._order_quantity)),
                web.post(f"{order}/cancel", self._answer(self._cancel)),
                web.post(f"{order}/problems", self._answer(self._problem)),
                web.post(f"{order}/returns", self._answer(self._return)),
                web.post(f"{order}/returns/cancel", self._answer(self._cancel_return)),
                web.post(f"{order}/delivery-day", self._answer(self._move_delivery)),
                web.post(f"{order}/confirmation", self._answer(self._send_confirmation)),
                web.post(f"{order}/refunds", self._answer(self._refund)),
                web.post(f"{customer}/credits", self._answer(self._credit)),
                web.post(f"{customer}/charges/{{charge}}/waivers", self._answer(self._waive)),
                web.post(f"{customer}/invoices/{{invoice}}/send", self._answer(self._send_invoice)),
                web.post(f"{customer}/address", self._answer(self._address)),
                web.post("/v1/access-links", self._answer(self._access_link)),
                web.post(f"{customer}/plan/pause", self._answer(self._pause)),
                web.post(f"{customer}/plan/end", self._answer(self._end)),
                web.post(f"{customer}/plan/resume", self._answer(self._resume)),
                web.post(f"{customer}/repairs", self._answer(self._repair)),
            ]
        )
        return app

    @web.middleware
    async def _outer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        if request.headers.get("Authorization") != f"Bearer {self.secret}":
            return web.json_response({"code": "unauthorized", "message": "wrong secret"}, status=401)
        if self.fail_with is not None:
            return web.json_response({"code": "broken", "message": "broken"}, status=self.fail_with)
        response = await handler(request)
        if self.lose_answers:
            self.lose_answers -= 1
            assert request.transport is not None
            request.transport.close()
        return response

    def _answer(self, call: Callable[[Any, Any], Awaitable[Any]]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.json() if request.can_read_body else dict(request.query)
            body["key"] = request.headers.get("Idempotency-Key", "")
            try:
                result = await call(request.match_info, body)
            except ShopError as error:
                status, code = STATUSES[type(error)]
                reason = {"reason": error.reason.value} if isinstance(error, NotAllowed) else {}
                return web.json_response({"code": code, "message": str(error), **reason}, status=status)
            content = {} if result is None else TypeAdapter(Any).dump_python(result, mode="json")
            return web.json_response(content)

        return handle

    async def _identify(self, r: Any, b: Any) -> Any:
        if "order_number" in b:
            return await self.shop.customer_by_order(b["order_number"], b["email"])
        return await self.shop.customer_by_invoice(b["invoice_number"], b["email"])

    async def _quote(self, r: Any, b: Any) -> Any:
        return await self.shop.quote_refund(r["customer"], r["number"], b["sku"])

    async def _order_address(self, r: Any, b: Any) -> Any:
        return await self.shop.change_order_address(r["customer"], r["number"], b["address"], idempotency_key=b["key"])

    async def _order_quantity(self, r: Any, b: Any) -> Any:
        return await self.shop.change_order_quantity(
            r["customer"], r["number"], b["sku"], b["quantity"], idempotency_key=b["key"]
        )

    async def _cancel(self, r: Any, b: Any) -> Any:
        return await self.shop.cancel_order(r["customer"], r["number"], idempotency_key=b["key"])

    async def _problem(self, r: Any, b: Any) -> Any:
        kind = ProblemKind(b["kind"])
        return await self.shop.report_problem(
            r["customer"], r["number"], b["sku"], kind, b["description"], idempotency_key=b["key"]
        )

    async def _return(self, r: Any, b: Any) -> Any:
        return await self.shop.return_item(r["customer"], r["number"], b["sku"], b["reason"], idempotency_key=b["key"])

    async def _cancel_return(self, r: Any, b: Any) -> Any:
        return await self.shop.cancel_return(r["customer"], r["number"], b["sku"], idempotency_key=b["key"])

    async def _delivery_days(self, r: Any, b: Any) -> Any:
        return await self.shop.delivery_days(r["customer"], r["number"])

    async def _move_delivery(self, r: Any, b: Any) -> Any:
        day = date.fromisoformat(b["day"])
        return await self.shop.move_delivery(r["customer"], r["number"], day, idempotency_key=b["key"])

    async def _send_confirmation(self, r: Any, b: Any) -> Any:
        return await self.shop.send_confirmation(r["customer"], r["number"], idempotency_key=b["key"])

    async def _refund(self, r: Any, b: Any) -> Any:
        amount = Decimal(b["amount"])
        return await self.shop.refund(
            r["customer"], r["number"], b["sku"], amount, b["reason"], idempotency_key=b["key"]
        )

    async def _credit(self, r: Any, b: Any) -> Any:
        return await self.shop.credit(r["customer"], Decimal(b["amount"]), b["reason"], idempotency_key=b["key"])

    async def _waive(self, r: Any, b: Any) -> Any:
        amount = Decimal(b["amount"])
        return await self.shop.waive_fee(r["customer"], r["charge"], amount, b["reason"], idempotency_key=b["key"])

    async def _send_invoice(self, r: Any, b: Any) -> Any:
        return await self.shop.send_invoice(r["customer"], r["invoice"], idempotency_key=b["key"])

    async def _address(self, r: Any, b: Any) -> Any:
        return await self.shop.change_address(r["customer"], b["address"], idempotency_key=b["key"])

    async def _access_link(self, r: Any, b: Any) -> Any:
        return await self.shop.send_access_link(b["email"], idempotency_key=b["key"])

    async def _pause(self, r: Any, b: Any) -> Any:
        return await self.shop.pause_plan(r["customer"], b["months"], idempotency_key=b["key"])

    async def _end(self, r: Any, b: Any) -> Any:
        return await self.shop.end_plan(r["customer"], idempotency_key=b["key"])

    async def _resume(self, r: Any, b: Any) -> Any:
        return await self.shop.resume_plan(r["customer"], idempotency_key=b["key"])

    async def _repair(self, r: Any, b: Any) -> Any:
        return await self.shop.book_repair(r["customer"], b["device"], idempotency_key=b["key"])
