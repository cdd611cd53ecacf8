"""Where webhooks go, and where they never go."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from handoff.delivery.webhooks import READ_BYTES, WebhookClient, check_target
from handoff.domain.errors import BadValue
from handoff.domain.outbox import Verdict
from handoff.services import webhooks
from tests.handoff.cast import WORDING, House
from tests.handoff.delivery.receiver import Receiver, receiving, webhook_to


async def test_redirects_are_not_followed(sqlite_house: House) -> None:
    house = sqlite_house
    async with receiving() as receiver, receiving() as elsewhere:
        webhook = await webhook_to(house, receiver)
        receiver.answers = [web.Response(status=307, headers={"Location": elsewhere.url})]
        outcome = await one_attempt(house, webhook.id)

    assert outcome.verdict is Verdict.REFUSED
    assert "redirects are not followed" in str(outcome.error)
    assert elsewhere.got == []


async def one_attempt(house: House, webhook_id: str, resolver: AbstractResolver | None = None) -> Any:
    webhook = await webhooks.webhook_to_test(house.context, webhook_id)
    client = WebhookClient.open(house.clock, WORDING, allow_private=resolver is None, resolver=resolver)
    try:
        return await client.send(webhook, webhooks.trial_delivery(house.context, webhook))
    finally:
        await client.close()


async def test_of_an_endless_answer_only_the_beginning_is_read(sqlite_house: House) -> None:
    house = sqlite_house
    written = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal written
        await request.read()
        response = web.StreamResponse(status=500)
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 4096)
                written += 4096
        except ConnectionError:
            pass
        return response

    app = web.Application()
    app.router.add_post("/hook", endless)
    async with TestServer(app) as server:
        receiver = Receiver(str(server.make_url("/hook")))
        webhook = await webhook_to(house, receiver)
        outcome = await asyncio.wait_for(one_attempt(house, webhook.id), 5)

    assert outcome.verdict is Verdict.FAILED
    assert len(str(outcome.error)) < READ_BYTES


async def test_nobody_there_is_tried_again(sqlite_house: House) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        webhook = await webhook_to(sqlite_house, Receiver(f"http://127.0.0.1:{taken.getsockname()[1]}/hook"))
        outcome = await one_attempt(sqlite_house, webhook.id)

    assert outcome.verdict is Verdict.FAILED
    assert "no connection" in str(outcome.error)


class Rebinding(AbstractResolver):
    """A name that led to the internet when it was registered, and leads into our network now."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self.addresses
        ]

    async def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("10.0.0.1", "169.254.169.254")])
async def test_a_name_that_leads_into_our_network_at_the_second_look_gains_nothing(
    sqlite_house: House, addresses: tuple[str, ...]
) -> None:
    async with receiving() as receiver:
        port = receiver.url.rpartition(":")[2].partition("/")[0]
        webhook = await webhook_to(sqlite_house, Receiver(f"https://hooks.example.com:{port}/hook"))
        resolver = Rebinding(*addresses)
        outcome = await one_attempt(sqlite_house, webhook.id, resolver)

    assert resolver.asked == 1
    assert outcome.verdict is Verdict.REFUSED
    assert "private network" in str(outcome.error)
    assert receiver.got == []


async def test_an_address_in_our_network_is_refused_when_it_is_sent_to(sqlite_house: House) -> None:
    async with receiving() as receiver:
        webhook = await webhook_to(sqlite_house, receiver)
        outcome = await one_attempt(sqlite_house, webhook.id, Rebinding())

    assert outcome.verdict is Verdict.REFUSED
    assert receiver.got == []


@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "http://example.com/x", "https://localhost./x"])
async def test_registration_refuses_what_leads_into_our_network(url: str) -> None:
    with pytest.raises(BadValue, match="address"):
        await check_target(url, allow_private=False)


async def test_registration_looks_a_name_up(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()

    async def lookup(host: str, port: int, **_: Any) -> Any:
        address = {"inside.example.com": "192.168.0.7", "outside.example.com": "93.184.216.34"}.get(host)
        if address is None:
            raise socket.gaierror("unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(loop, "getaddrinfo", lookup)
    await check_target("https://outside.example.com/x", allow_private=False)
    with pytest.raises(BadValue, match="private network"):
        await check_target("https://inside.example.com/x", allow_private=False)
    with pytest.raises(BadValue, match="no host"):
        await check_target("https://nowhere.example.com/x", allow_private=False)


async def test_two_webhooks_never_have_the_same_name(sqlite_house: House) -> None:
    async with receiving() as receiver:
        await webhook_to(sqlite_house, receiver)
        with pytest.raises(BadValue, match="crm"):
            await webhook_to(sqlite_house, receiver)
