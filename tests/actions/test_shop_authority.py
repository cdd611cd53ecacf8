"""From the agent's decision to the shop's books: handoff's client, the action server, a real shop (P4, P21)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from actions.server import create_app
from actions.shop.errors import ShopUnavailable
from actions.shop.errors import ShopUncertain as MaybeDone
from actions.shop.seed import seed
from actions.shop.sqlite_shop import SqliteShop
from actions.shop_authority import add_shop_authority
from handoff.contract import AuthorityKind, AuthorityRequest
from handoff.delivery.shop import HttpShop
from handoff.domain.errors import ShopRefused, ShopUnreachable
from handoff.services.shop import ShopUncertain

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SECRET = "the-internal-secret"
MAYA, ELENA_MAIL = "C-1001", "elena.rossi@mail.example"


class NoActions:
    """The executor is not asked here."""

    actions: dict[str, object] = {}  # noqa: RUF012 (nobody changes it)

    async def run(self, call: dict[str, object], /) -> None:
        raise AssertionError(call)


@dataclass
class Place:
    """A running action server over the demo shop, and handoff's way to it."""

    shop: SqliteShop
    client: HttpShop
    url: str


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    seed(tmp_path / "shop.db", MONDAY.date())
    shop = SqliteShop(tmp_path / "shop.db", lambda: MONDAY)
    app: web.Application = create_app(NoActions(), secret=SECRET)
    add_shop_authority(app, shop)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        url = str(server.make_url("/")).rstrip("/")
        yield Place(shop, HttpShop(session, actions_url=url, secret=SECRET), url)


def refund(key: str = "k1", amount: str = "39.00", **given: object) -> AuthorityRequest:
    values: dict[str, object] = {
        "idempotency_key": key,
        "kind": AuthorityKind.REFUND,
        "amount": Decimal(amount),
        "reason": "broken",
        "customer_id": MAYA,
        "order_number": "LH-10003",
        "sku": "KET-100",
        **given,
    }
    return AuthorityRequest.model_validate(values)


async def test_what_could_be_paid_back_or_waived_is_what_the_shop_says(place: Place) -> None:
    found = await place.client.options(MAYA)

    assert ("LH-10003", "KET-100", Decimal("39.00")) in {(i.order_number, i.sku, i.amount) for i in found.items}
    assert "LH-10001" not in {item.order_number for item in found.items}, "it has not been delivered"
    assert found.fees
    assert (await place.client.options("C-9999")).items == ()


async def test_a_refund_is_paid_once_and_stands_in_the_shops_books(place: Place) -> None:
    first, again = await place.client.use(refund()), await place.client.use(refund())

    assert first == again
    assert first.arrives_by is not None
    assert first.reference in {money.number for money in await place.shop.money_back(MAYA)}


async def test_a_credit_and_a_waiver_reach_the_shop_too(place: Place) -> None:
    fee = (await place.client.options(MAYA)).fees[0]
    credit = await place.client.use(refund("k2", "20.00", kind=AuthorityKind.CREDIT))
    waiver = await place.client.use(refund("k3", "1.00", kind=AuthorityKind.FEE_WAIVER, charge_id=fee.charge_id))

    assert credit.arrives_by is None
    assert waiver.arrives_by is not None


async def test_a_visitor_is_found_by_order_and_email_and_not_without(place: Place) -> None:
    order = {"customer_id": None, "order_number": "LH-10040", "sku": "TST-040"}
    done = await place.client.use(refund("k4", "5.00", email=ELENA_MAIL, **order))
    assert done.amount == Decimal("5.00")

    with pytest.raises(ShopRefused) as caught:
        await place.client.use(refund("k5", "5.00", email="maya.lind@mail.example", **order))
    assert caught.value.data["reason"] == "customer_not_found"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"amount": "39.01"}, "already_refunded"),
        ({"order_number": "LH-10001", "sku": "VAC-200"}, "not_delivered"),
        ({"order_number": "LH-10010"}, "not_yours"),
        ({"kind": "fee_waiver", "charge_id": "none"}, "charge_not_found"),
    ],
)
async def test_what_the_shops_rules_forbid_is_told_with_their_reason(
    place: Place, given: dict[str, str], reason: str
) -> None:
    with pytest.raises(ShopRefused) as caught:
        await place.client.use(refund(**given))  # type: ignore[arg-type]
    assert caught.value.data["reason"] == reason


async def test_a_shop_that_is_away_did_nothing_and_one_that_fell_silent_may_have(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_given: object, **_more: object) -> None:
        raise ShopUnavailable("away")

    async def silent(*_given: object, **_more: object) -> None:
        raise MaybeDone("silent")

    monkeypatch.setattr(place.shop, "refund", away)
    with pytest.raises(ShopUnreachable):
        await place.client.use(refund())
    monkeypatch.setattr(place.shop, "refund", silent)
    with pytest.raises(ShopUncertain):
        await place.client.use(refund())
    monkeypatch.setattr(place.shop, "orders", away)
    with pytest.raises(ShopUnreachable):
        await place.client.options(MAYA)


async def test_without_an_action_server_nothing_was_changed(place: Place) -> None:
    async with aiohttp.ClientSession() as session:
        nobody = HttpShop(session, actions_url=f"http://127.0.0.1:{unused_port()}", secret=SECRET)
        with pytest.raises(ShopUnreachable):
            await nobody.use(refund())


async def test_only_whoever_has_the_secret_gets_in_and_nonsense_is_refused(place: Place) -> None:
    async with aiohttp.ClientSession() as session:
        stranger = HttpShop(session, actions_url=place.url, secret="guessed")
        with pytest.raises(ShopUnreachable):
            await stranger.options(MAYA)
        headers = {"Authorization": f"Bearer {SECRET}"}
        for body in (b"no json", b"{}", refund().model_dump_json().replace("39.00", "-1").encode()):
            async with session.post(f"{place.url}/shop/authority", data=body, headers=headers) as answer:
                assert answer.status == 422
    assert "39.00" in {str(item.amount) for item in (await place.client.options(MAYA)).items}
