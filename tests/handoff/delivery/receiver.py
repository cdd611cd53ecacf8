"""A receiver of webhooks: a real HTTP server that keeps what it gets and answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

from handoff.delivery.sender import OutboxSender
from handoff.delivery.webhooks import WebhookClient, send_to_webhook
from handoff.domain.actors import SYSTEM
from handoff.domain.outbox import Channel, EventName, Outcome, Webhook, WebhookFormat
from handoff.services.webhooks import TO_CHOOSE, add_webhook
from tests.handoff.cast import WORDING, House


@dataclass(frozen=True)
class Got:
    """One delivery."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What came, and what is answered next; when nothing is set, 200."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    gate: asyncio.Event | None = None
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        """Keep a delivery."""
        self.got.append(Got(dict(request.headers), await request.read()))
        self.came.set()
        if self.gate is not None:
            await self.gate.wait()
        return self.answers.pop(0) if self.answers else web.Response()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on this machine."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    async with TestServer(app) as server:
        receiver.url = str(server.make_url("/hook"))
        yield receiver


async def webhook_to(
    house: House,
    receiver: Receiver,
    *events: EventName,
    name: str = "crm",
    form: WebhookFormat = WebhookFormat.WARMLINE,
) -> Webhook:
    """Register the receiver, for all events when none is named."""
    return await add_webhook(
        house.context, SYSTEM, name=name, url=receiver.url, format=form, events=events or TO_CHOOSE, secret="s" * 40
    )


@asynccontextmanager
async def sending(
    house: House, *, allow_private: bool = True, after_send: Callable[[Outcome], Awaitable[None]] | None = None
) -> AsyncIterator[OutboxSender]:
    """A process that sends what is due."""
    client = WebhookClient.open(house.clock, WORDING, allow_private=allow_private)

    async def send(delivery: object) -> Outcome:
        outcome = await send_to_webhook(house.context, client, delivery)  # type: ignore[arg-type]
        if after_send is not None:
            await after_send(outcome)
        return outcome

    sender = OutboxSender(house.context, {Channel.WEBHOOK: send})
    try:
        yield sender
    finally:
        await sender.close()
        await client.close()
