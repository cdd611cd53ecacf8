"""Sends one event to one webhook: signed, bounded in time and size, and never into our own network.

The address is checked on the very socket that is about to connect, after the name was looked up: a name that leads
elsewhere at the second look ("DNS rebinding") gains nothing.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from handoff.delivery.slack import slack_message
from handoff.domain.errors import BadValue
from handoff.domain.outbox import Delivery, Outcome, Verdict, Webhook, WebhookFormat, outcome_of_status
from handoff.domain.signatures import HEADER, sign
from handoff.domain.targets import is_public, refusal_of
from handoff.services.context import Context
from handoff.store import webhooks as store
from handoff.wording import Wording

TIMEOUT: Final = aiohttp.ClientTimeout(total=15.0, sock_connect=5.0, sock_read=10.0)
READ_BYTES: Final = 1024
"""How much of an answer is read: enough to tell an operator what the receiver said."""
SAID_CHARACTERS: Final = 200
PRIVATE: Final = "it leads into a private network; WARMLINE_WEBHOOKS_TO_PRIVATE_NETWORKS=true allows that"


class TargetRefused(OSError):
    """The name of a webhook's host leads to an address that is not allowed."""

    def __init__(self) -> None:
        # The same words each time: where several addresses are refused, aiohttp then keeps the error as it is.
        super().__init__(PRIVATE)


def guarded_socket(address: tuple[Any, ...]) -> socket.socket:
    """The socket of a connection about to be made; raises ``TargetRefused`` before anything is sent."""
    family, kind, protocol, _name, endpoint = address
    if not is_public(str(endpoint[0])):
        raise TargetRefused
    return socket.socket(family, kind, protocol)


async def check_target(url: str, *, allow_private: bool) -> None:
    """Look at an address before it is registered: its form, and where its name leads now. Raises ``BadValue``."""
    why = refusal_of(url, allow_private=allow_private)
    if why is not None:
        raise BadValue(f"The address {why}.", field="url")
    if allow_private:
        return
    parts = urlsplit(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            str(parts.hostname), parts.port or 443, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError) as error:
        raise BadValue(f"There is no host {parts.hostname}; check the spelling.", field="url") from error
    if not all(is_public(str(endpoint[0])) for *_, endpoint in found):
        raise BadValue(f"The address is not taken: {PRIVATE}.", field="url")


@dataclass(frozen=True, slots=True)
class WebhookClient:
    """Posts to webhooks over one pool of connections."""

    session: aiohttp.ClientSession
    clock: Callable[[], datetime]
    wording: Wording
    """How a Slack message tells of each event."""
    allow_private: bool

    @classmethod
    def open(
        cls,
        clock: Callable[[], datetime],
        wording: Wording,
        *,
        allow_private: bool,
        resolver: AbstractResolver | None = None,
    ) -> WebhookClient:
        """Make the pool; ``close`` it in the end."""
        connector = aiohttp.TCPConnector(
            limit=64, resolver=resolver, socket_factory=None if allow_private else guarded_socket
        )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=TIMEOUT,
            # An answer of a few bytes must not unfold into gigabytes.
            auto_decompress=False,
            headers={"User-Agent": "Warmline-Webhooks/1"},
        )
        return cls(session, clock, wording, allow_private)

    async def close(self) -> None:
        """Close the pool."""
        await self.session.close()

    async def send(self, webhook: Webhook, delivery: Delivery) -> Outcome:
        """One attempt; never raises for what a network or a receiver can do."""
        why = refusal_of(webhook.url, allow_private=self.allow_private)
        if why is not None:
            return Outcome(Verdict.REFUSED, f"the address {why}")
        body = self.body(webhook, delivery)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Warmline-Event": delivery.event,
            "Warmline-Event-Id": delivery.event_id,
            "Warmline-Attempt": str(delivery.attempts),
            HEADER: sign(webhook.secret, int(self.clock().timestamp()), body),
        }
        try:
            async with self.session.post(webhook.url, data=body, headers=headers, allow_redirects=False) as answer:
                if 200 <= answer.status < 300:
                    return outcome_of_status(answer.status)
                said = _printable(await answer.content.read(READ_BYTES))
                return outcome_of_status(answer.status, said, answer.headers.get("Retry-After"))
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, TargetRefused):
                return Outcome(Verdict.REFUSED, PRIVATE)
            return Outcome(Verdict.FAILED, f"no connection: {error.os_error.strerror or error.os_error}")
        except TimeoutError:
            return Outcome(Verdict.FAILED, "no answer in time")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Outcome(Verdict.FAILED, f"{type(error).__name__}: {str(error)[:SAID_CHARACTERS]}")

    def body(self, webhook: Webhook, delivery: Delivery) -> bytes:
        """What is sent, the same bytes at every attempt."""
        content: dict[str, Any] = delivery.payload
        if webhook.format is WebhookFormat.SLACK:
            content = slack_message(delivery.payload, self.wording)
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _printable(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in text)[:SAID_CHARACTERS].strip()


async def send_to_webhook(context: Context, client: WebhookClient, delivery: Delivery) -> Outcome:
    """One attempt at a delivery of the outbox."""
    async with context.db.read() as db:
        webhook = await store.get_webhook(db, str(delivery.webhook_id))
    if not webhook.active:
        return Outcome(Verdict.NOT_NEEDED, "the webhook was removed")
    return await client.send(webhook, delivery)
