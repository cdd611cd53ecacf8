"""From the wish for a person until the case stands with every agent who serves its queue."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

import aiohttp

from benchmarks.dialogue import Dialogue
from tests.e2e.clients import AgentClient, CustomerClient

AGENTS: Final = tuple(f"{name}@larkfield.example" for name in ("ana", "ben", "chloe", "dev", "grace", "omar"))
WAIT_SECONDS: Final = 30.0


class Screen(Protocol):
    """Something that shows cases to an agent: a desk in a browser."""

    async def shown_at(self, case_number: str) -> float:
        """When the case stood there first, in seconds since the epoch."""


@dataclass
class Handoffs:
    """What was seen of a number of handoffs; all durations in seconds."""

    from_person: list[float] = field(default_factory=list)
    """From the customer's ``person`` frame until the last serving agent had the case."""
    from_case: list[float] = field(default_factory=list)
    """From the moment at which handoff began to write the case (``opened_at``) until then."""
    on_screen: list[float] = field(default_factory=list)
    """From the customer's ``person`` frame until the case was drawn in a browser."""
    agents: int = 0


class Watching:
    """One agent's live connection; notes when each case arrived first."""

    def __init__(self, client: AgentClient, socket: aiohttp.ClientWebSocketResponse, queues: frozenset[str]) -> None:
        self.queues = queues
        self._client = client
        self._socket = socket
        self._reader = asyncio.create_task(self._read())
        self._arrived: dict[str, float] = {}
        self.news: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    @classmethod
    async def begin(cls, base: str, email: str) -> Watching:
        """Sign in and take the snapshot."""
        client = await AgentClient.sign_in(base, email)
        socket = await client.stream()
        snapshot = await socket.receive_json(timeout=WAIT_SECONDS)
        return cls(client, socket, frozenset(queue["category"] for queue in snapshot["queues"]))

    async def _read(self) -> None:
        async for incoming in self._socket:
            now = time.time()
            if incoming.type is not aiohttp.WSMsgType.TEXT:
                continue
            frame = json.loads(incoming.data)
            if frame["type"] == "case" and frame["case"]["id"] not in self._arrived:
                self._arrived[frame["case"]["id"]] = now
                self.news.put_nowait(frame["case"])

    async def arrival(self, case_id: str) -> float:
        """When this case arrived, in seconds since the epoch; waits for it."""
        while case_id not in self._arrived:
            async with asyncio.timeout(WAIT_SECONDS):
                await self.news.get()
        return self._arrived[case_id]

    async def next_case(self) -> dict[str, Any]:
        """The next case that is new to this agent."""
        async with asyncio.timeout(WAIT_SECONDS):
            return await self.news.get()

    async def leave(self) -> None:
        """Close the connection and the session."""
        await self._socket.close()
        await self._reader
        await self._client.close()


async def hand_over(
    base: str,
    session: aiohttp.ClientSession,
    dialogue: Dialogue,
    *,
    count: int,
    told: Callable[[int], None],
    screen: Screen | None = None,
) -> Handoffs:
    """``count`` customers, one after the other, ask a question and then for a person; all of them stay connected.

    The machine has one clock, so the customer's and the agents' moments can be compared.
    """
    agents = [await Watching.begin(base, email) for email in AGENTS]
    supervisor = next(agent for agent in agents if len(agent.queues) == max(len(a.queues) for a in agents))
    customers: list[CustomerClient] = []
    seen = Handoffs(agents=len(agents))
    try:
        for question in dialogue.stretch(1, count):
            customer = await CustomerClient.begin(session, base)
            customers.append(customer)
            await customer.say(question.text)
            pressed = time.time()
            await customer.send({"type": "person"})
            case = await supervisor.next_case()
            serving = [agent for agent in agents if case["category"] in agent.queues]
            arrived = max([await agent.arrival(case["id"]) for agent in serving])
            seen.from_person.append(arrived - pressed)
            seen.from_case.append(arrived - datetime.fromisoformat(case["opened_at"]).timestamp())
            if screen is not None:
                seen.on_screen.append(await screen.shown_at(case["number"]) - pressed)
            told(1)
    finally:
        for customer in customers:
            await customer.close()
        for agent in agents:
            await agent.leave()
    return seen
