"""A company's API that is slow, broken or gone: nothing happens twice, nothing is claimed that is not known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from actions.shop.errors import ShopUnavailable, ShopUncertain
from actions.shop.http_shop import HttpShop
from tests.actions.shop.shop_server import ShopServer

MAYA = "C-1001"
Rows = Callable[[str], int]


async def _refund(shop: HttpShop) -> object:
    return await shop.refund(MAYA, "LH-10003", "KET-100", Decimal("39.00"), "broken", idempotency_key="m1:refund")


async def test_an_answer_that_is_lost_is_fetched_with_the_same_key_and_paid_once(
    http_shop: HttpShop, server: tuple[ShopServer, str], rows: Rows
) -> None:
    server[0].lose_answers = 1
    refund = await _refund(http_shop)
    assert refund == await _refund(http_shop)
    assert rows("refunds") == 1


async def test_a_change_whose_answer_never_comes_is_uncertain(
    http_shop: HttpShop, server: tuple[ShopServer, str], rows: Rows
) -> None:
    server[0].lose_answers = 2
    with pytest.raises(ShopUncertain):
        await _refund(http_shop)
    await _refund(http_shop)
    assert rows("refunds") == 1


async def test_a_shop_that_is_not_there_has_changed_nothing(unused_tcp_port: int) -> None:
    shop = HttpShop(f"http://127.0.0.1:{unused_tcp_port}", "s" * 32)
    with pytest.raises(ShopUnavailable):
        await _refund(shop)
    with pytest.raises(ShopUnavailable):
        await shop.orders(MAYA)
    await shop.aclose()


async def test_a_shop_that_fails_is_unavailable_for_questions_and_uncertain_for_changes(
    http_shop: HttpShop, server: tuple[ShopServer, str]
) -> None:
    server[0].fail_with = 503
    with pytest.raises(ShopUnavailable):
        await http_shop.orders(MAYA)
    with pytest.raises(ShopUncertain):
        await _refund(http_shop)


async def test_an_answer_that_is_not_of_the_protocol_counts_as_unavailable() -> None:
    async def nonsense(_: web.Request) -> web.Response:
        return web.json_response({"hello": "world"})

    app = web.Application()
    app.router.add_get("/v1/customers/{id}/orders", nonsense)
    server = TestServer(app)
    await server.start_server()
    shop = HttpShop(str(server.make_url("/")), "s" * 32)
    with pytest.raises(ShopUnavailable, match="answered with something else"):
        await shop.orders(MAYA)
    await shop.aclose()
    await server.close()


async def test_a_slow_shop_is_given_up_in_time() -> None:
    held = web.Application()

    async def never(request: web.Request) -> web.Response:
        await request.read()
        await stop.wait()
        return web.json_response([])

    stop = asyncio.Event()
    held.router.add_get("/v1/customers/{id}/orders", never)
    server = TestServer(held)
    await server.start_server()
    shop = HttpShop(str(server.make_url("/")), "s" * 32, timeout_s=0.2)
    with pytest.raises(ShopUnavailable):
        await shop.orders(MAYA)
    stop.set()
    await shop.aclose()
    await server.close()


async def test_the_secret_is_sent_and_a_wrong_one_is_no_customer_error(server: tuple[ShopServer, str]) -> None:
    shop = HttpShop(server[1], "wrong")
    with pytest.raises(ShopUnavailable, match="401"):
        await shop.customer(MAYA)
    await shop.aclose()
