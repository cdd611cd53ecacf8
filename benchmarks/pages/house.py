"""The real service in this process with a full desk: queued cases, and one conversation of great length."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from unittest.mock import patch

import aiohttp
from aiohttp.test_utils import TestServer, unused_port

from benchmarks.cases.operations import staff
from handoff.bootstrap import build_app
from handoff.contract import Category, Decision, DecisionAction, EscalationKind, HandoffReason, HandoffRequest
from handoff.domain.people import Agent
from handoff.http.parts import PARTS
from handoff.services.open_case import open_case
from handoff.services.sign_in import hash_password
from handoff.store import people
from handoff.store.database import Database
from handoff.store.migrate import upgrade
from tests.e2e.clients import AgentClient, CustomerClient
from tests.web.house import a_shop
from warmline.secrets import ensure_secrets
from warmline.settings import Settings

PASSWORD: Final = "bench-password"
AT_ONCE: Final = 20
A_SHOP: Final = "/a-shop"
"""A page of a website with the widget on it."""


@dataclass
class FullHouse:
    """The service with its cases."""

    server: TestServer
    base: str
    session: aiohttp.ClientSession
    agent: Agent
    customers: dict[str, CustomerClient] = field(default_factory=dict)
    """By id of the case."""

    async def come(self, number: int) -> str:
        """Another customer comes and gets a case; returns its id."""
        customer = await CustomerClient.begin(self.session, self.base, name=f"Customer {number}")
        accepted = await open_case(self.server.app[PARTS].context, _request(customer.conversation_id, number))
        self.customers[accepted.case_id] = customer
        return accepted.case_id


@asynccontextmanager
async def full_house(
    folder: Path, *, cases: int, messages: int, told: Callable[[str], None]
) -> AsyncIterator[tuple[FullHouse, str]]:
    """``cases`` wait in queues; the last one, whose id comes with it, is the agent's and has ``messages`` messages."""
    ensure_secrets(folder / "secrets.json")
    url = f"sqlite+aiosqlite:///{folder / 'handoff.db'}"
    await upgrade(url)
    agent = staff()[-1]
    await _hire(url, agent)
    port = unused_port()
    environment = {
        "WARMLINE_VAR": str(folder),
        "WARMLINE_PORT": str(port),
        "WARMLINE_DEMO": "false",
        "WARMLINE_MESSAGES_PER_10_SECONDS": "100000",
        "WARMLINE_NEW_CONVERSATIONS_PER_MINUTE": "100000",
    }
    with patch.dict(os.environ, environment):
        app = build_app(Settings.load())
    app.router.add_get(A_SHOP, a_shop)
    # Each customer keeps a WebSocket open; by itself a session has room for a hundred.
    connections = aiohttp.TCPConnector(limit=0)
    server = TestServer(app, port=port)
    async with server, aiohttp.ClientSession(connector=connections) as session:
        house = FullHouse(server, f"http://127.0.0.1:{port}", session, agent)
        told(f"{cases} customers come")
        limit = asyncio.Semaphore(AT_ONCE)

        async def come(number: int) -> None:
            async with limit:
                await house.come(number)

        await asyncio.gather(*(come(number) for number in range(cases - 1)))
        longest = await house.come(cases - 1)
        desk = await AgentClient.sign_in(house.base, agent.email, PASSWORD)
        await desk.act(longest, "accept")
        told(f"{messages} messages are written")
        customer = house.customers[longest]
        for number in range(messages // 2):
            await customer.send(
                {"type": "message", "text": f"Line {number}: {'it still does not work ' * (number % 5)}"}
            )
            await desk.write(longest, f"Answer {number}: {'I am looking into it, please wait. ' * (number % 4)}")
        await desk.close()
        yield house, longest
        for one in house.customers.values():
            await one.close()


async def _hire(url: str, agent: Agent) -> None:
    db = Database.connect(url)
    async with db.write() as connection:
        await people.save_agent(connection, agent, password_hash=hash_password(PASSWORD))
    await db.close()


def _request(conversation_id: str, number: int) -> HandoffRequest:
    decision = Decision(
        action=DecisionAction.NOW,
        reason=HandoffReason.EXPLICIT_REQUEST,
        kind=EscalationKind.FUNCTIONAL,
        category=list(Category)[number % len(Category)],
        severity=1 + number % 4,
    )
    return HandoffRequest(
        conversation_id=conversation_id,
        message_id=f"handoff-{number}",
        idempotency_key=uuid.uuid4().hex,
        decision=decision,
        problem="where your order is",
    )
