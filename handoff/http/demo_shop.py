"""What the demo shop page needs of a website's server: who is signed in, their signed identity, their orders."""

from __future__ import annotations

from typing import Annotated, Any, Final

import aiohttp
from aiohttp import web
from pydantic import Field

from handoff.demo import DemoCustomer, DemoPeople
from handoff.http.errors import ApiError
from handoff.http.guards import read_body
from handoff.http.parts import PARTS
from handoff.http.wire import Wire
from handoff.services.conversations import Identity

COOKIE: Final = "warmline_demo_customer"
DEMO_PEOPLE = web.AppKey("demo_people", DemoPeople)
SHOP_SESSION = web.AppKey("shop_session", aiohttp.ClientSession)
SHOP_URL = web.AppKey("shop_url", str)
SHOP_SECONDS: Final = 5.0


class DemoSignIn(Wire):
    """Choose a customer of the demo."""

    customer_id: Annotated[str, Field(max_length=32)]


def routes() -> list[web.RouteDef]:
    """The demo shop's own small server."""
    return [
        web.get("/demo/customers", list_customers),
        web.post("/demo/sign-in", sign_in),
        web.delete("/demo/sign-in", sign_out),
        web.get("/demo/identity", read_identity),
        web.get("/demo/orders", list_orders),
    ]


def _signed_in(request: web.Request) -> DemoCustomer | None:
    chosen = request.cookies.get(COOKIE)
    return next((c for c in request.app[DEMO_PEOPLE].customers if c.id == chosen), None)


def _answer(body: dict[str, Any]) -> web.Response:
    return web.json_response(body, headers={"Cache-Control": "no-store"})


async def list_customers(request: web.Request) -> web.Response:
    """Whom one can be."""
    customers = [{"id": c.id, "name": c.name, "tier": c.tier} for c in request.app[DEMO_PEOPLE].customers]
    return _answer({"customers": customers})


async def sign_in(request: web.Request) -> web.Response:
    """Be one of them. No password: this is the demo's stand-in for a website's own sign-in."""
    request.app[PARTS].origins.check_agent(request)
    body = DemoSignIn.model_validate(await read_body(request))
    if body.customer_id not in {c.id for c in request.app[DEMO_PEOPLE].customers}:
        raise ApiError("bad_value", "There is no such demo customer.", field="customer_id")
    response = web.Response(status=204)
    response.set_cookie(COOKIE, body.customer_id, httponly=True, samesite="Strict", path="/demo")
    return response


async def sign_out(request: web.Request) -> web.Response:
    """Be a visitor again."""
    request.app[PARTS].origins.check_agent(request)
    response = web.Response(status=204)
    response.del_cookie(COOKIE, path="/demo")
    return response


async def read_identity(request: web.Request) -> web.Response:
    """The signed identity of the chosen customer, ``204`` for a visitor."""
    customer = _signed_in(request)
    if customer is None:
        return web.Response(status=204, headers={"Cache-Control": "no-store"})
    identity = Identity(customer.id, customer.name, customer.email, customer.tier)
    return _answer({"identity": request.app[PARTS].identities.sign(identity)})


async def list_orders(request: web.Request) -> web.Response:
    """The chosen customer's orders as the shop behind the action server has them now."""
    customer = _signed_in(request)
    if customer is None:
        return _answer({"orders": []})
    headers = {"Authorization": f"Bearer {request.app[PARTS].internal_secret}"}
    timeout = aiohttp.ClientTimeout(total=SHOP_SECONDS)
    url = f"{request.app[SHOP_URL]}/shop/orders"
    try:
        async with request.app[SHOP_SESSION].get(
            url, params={"customer_id": customer.id}, headers=headers, timeout=timeout
        ) as answer:
            answer.raise_for_status()
            return _answer(await answer.json())
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ApiError("internal_error", "The shop cannot be reached just now. Try again in a moment.") from error
