"""``/shop/authority``: what agents decide within their authority (P4, P21), carried out in the shop behind the port.

Whether somebody may decide it, handoff has checked. Behind the same secret as the webhook.
"""

from __future__ import annotations

from typing import Any, Final

import structlog
from aiohttp import web
from pydantic import ValidationError

from actions.shop.errors import (
    ChargeNotFound,
    CustomerNotFound,
    NotAllowed,
    NotYours,
    OrderNotFound,
    ShopError,
    ShopUncertain,
)
from actions.shop.model import ChargeKind
from actions.shop.port import Shop
from handoff.contract import (
    AuthorityDone,
    AuthorityKind,
    AuthorityOptions,
    AuthorityRequest,
    RefundableItem,
    WaivableFee,
)

log = structlog.get_logger(__name__)

PATH: Final = "/shop/authority"
ORDERS_LOOKED_AT: Final = 10
REFUSED: Final[dict[type[ShopError], str]] = {
    CustomerNotFound: "customer_not_found",
    OrderNotFound: "order_not_found",
    NotYours: "not_yours",
    ChargeNotFound: "charge_not_found",
}
"""What the shop says no with, by the code that handoff reads; ``NotAllowed`` tells its own reason."""


def add_shop_authority(app: web.Application, shop: Shop) -> None:
    """Serve both calls beside the webhook."""

    async def options(request: web.Request) -> web.Response:
        try:
            found = await _options(shop, request.query.get("customer_id", ""))
        except CustomerNotFound:
            found = AuthorityOptions()
        except ShopError as error:
            return _told(error)
        return web.json_response(found.model_dump(mode="json"))

    async def use(request: web.Request) -> web.Response:
        try:
            wanted = AuthorityRequest.model_validate_json(await request.read())
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            return _answer(422, "bad_request", f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}")
        try:
            done = await _carry_out(shop, wanted)
        except ShopError as error:
            return _told(error)
        log.info("authority_carried_out", kind=wanted.kind, reference=done.reference)
        return web.json_response(done.model_dump(mode="json"))

    app.router.add_get(PATH, options)
    app.router.add_post(PATH, use)


async def _options(shop: Shop, customer_id: str) -> AuthorityOptions:
    items = []
    for order in (await shop.orders(customer_id))[:ORDERS_LOOKED_AT]:
        for line in order.lines:
            try:
                quote = await shop.quote_refund(customer_id, order.number, line.sku)
            except NotAllowed:
                continue
            items.append(
                RefundableItem(order_number=order.number, sku=line.sku, product=line.product, amount=quote.amount)
            )
    fees = [
        WaivableFee(charge_id=charge.id, reference=charge.reference, charged_on=charge.charged_on, amount=charge.amount)
        for charge in await shop.charges(customer_id)
        if charge.kind in (ChargeKind.DELIVERY, ChargeKind.PLAN)
    ]
    return AuthorityOptions(items=tuple(items), fees=tuple(fees))


async def _carry_out(shop: Shop, wanted: AuthorityRequest) -> AuthorityDone:
    customer_id = wanted.customer_id
    if customer_id is None:
        customer_id = (await shop.customer_by_order(wanted.order_number or "", wanted.email or "")).id
    key, amount, reason = wanted.idempotency_key, wanted.amount, wanted.reason
    if wanted.kind is AuthorityKind.REFUND:
        refund = await shop.refund(
            customer_id, wanted.order_number or "", wanted.sku or "", amount, reason, idempotency_key=key
        )
        return AuthorityDone(reference=refund.number, amount=refund.amount, arrives_by=refund.arrives_by)
    if wanted.kind is AuthorityKind.FEE_WAIVER:
        waiver = await shop.waive_fee(customer_id, wanted.charge_id or "", amount, reason, idempotency_key=key)
        return AuthorityDone(reference=waiver.number, amount=waiver.amount, arrives_by=waiver.arrives_by)
    credit = await shop.credit(customer_id, amount, reason, idempotency_key=key)
    return AuthorityDone(reference=credit.number, amount=credit.amount)


def _told(error: ShopError) -> web.Response:
    """409 where the shop refuses, 504 where it may have happened, 503 where it surely did not."""
    if isinstance(error, NotAllowed):
        return _answer(409, error.reason.value, str(error))
    if type(error) in REFUSED:
        return _answer(409, REFUSED[type(error)], str(error))
    return _answer(504 if isinstance(error, ShopUncertain) else 503, "shop_unreachable", str(error))


def _answer(status: int, code: str, message: str) -> web.Response:
    body: dict[str, Any] = {"code": code, "message": message}
    return web.json_response(body, status=status)
