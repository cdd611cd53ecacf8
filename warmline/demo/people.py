"""The demo's live customers and agents, who talk to the service as every widget and every desk does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from uuid import uuid4

import aiohttp

from handoff.past.talks import PAGE
from warmline.demo.scripts import LiveAgent, LiveCustomer

CUSTOMER: Final = "/api/customer/v1"
AGENT: Final = "/api/agent/v1"
ANSWER_SECONDS: Final = 20.0
"""How long a customer looks at a silent assistant before writing on."""
AGENT_SECONDS: Final = 300.0
"""How long a customer waits for a person before leaving the page open and going away."""
CHARACTERS_A_SECOND: Final = 9.0
"""How quickly people write on a telephone, about."""
Frame = dict[str, Any]


@dataclass
class Stage:
    """What everybody in the demo shares: the address, the pace, chance, and a count of what was done."""

    url: str
    random: Random
    pace: float = 1.0
    """2 is twice as quick as people are."""
    tell: Callable[[str], None] = lambda _: None
    done: Counter[str] = field(default_factory=Counter)

    async def pause(self, about: float) -> None:
        """As long as people take: about so many seconds."""
        await asyncio.sleep(about * self.random.uniform(0.6, 1.5) / self.pace)

    async def writes(self, text: str) -> None:
        """As long as it takes to write this."""
        await self.pause(1.0 + len(text) / CHARACTERS_A_SECOND)


class Customer:
    """One customer, in one conversation, by the customer protocol."""

    def __init__(self, stage: Stage, script: LiveCustomer, identity: str | None) -> None:
        self._stage, self._script, self._identity = stage, script, identity
        self._state: Frame = {}
        self._came: asyncio.Queue[str] = asyncio.Queue()
        """What happened: ``bot`` or ``agent`` wrote, a notice by name, ``with queue`` (owns), ``closed`` (the case)."""

    async def talk(self) -> None:
        """From the first word until there is no more to say. Raises ``aiohttp.ClientError`` without the service."""
        body: Frame = {"page": PAGE, "language": self._script.language, "fresh": True}
        body |= {"identity": self._identity} if self._identity else {"name": self._script.name}
        async with aiohttp.ClientSession(self._stage.url, raise_for_status=True) as session:
            async with session.post(f"{CUSTOMER}/conversations", json=body) as answer:
                begun = await answer.json()
            async with session.ws_connect(f"{CUSTOMER}/stream") as socket:
                await socket.send_json({"type": "hello", "version": 1, "token": begun["token"], "last_seq": 0})
                reading = asyncio.create_task(self._read(socket))
                try:
                    await self._say_all(socket)
                finally:
                    reading.cancel()
                    with suppress(asyncio.CancelledError):
                        await reading
        self._stage.done["conversations"] += 1

    @property
    def _owner(self) -> str:
        return str(self._state.get("owner", {}).get("type", "bot"))

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            frame = message.json()
            if frame["type"] in ("welcome", "state"):
                self._state = frame["state"]
                self._came.put_nowait(f"with {self._owner}")
                if (self._state.get("case") or {}).get("status") == "closed":
                    self._came.put_nowait("closed")
            elif frame["type"] == "message":
                said = frame["message"]
                self._came.put_nowait(said["notice"] or said["sender"]["type"])

    async def _say_all(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._stage.tell(f"{self._script.name} ({self._script.mood.replace('_', ' ')}) begins to write")
        for line in self._script.says:
            if self._owner != "bot":
                break
            await self._say(socket, line)
            await self._heard({"bot", "with queue"}, ANSWER_SECONDS)
            await self._stage.pause(4)
        if self._script.asks_for_a_person and self._owner == "bot":
            await socket.send_json({"type": "person", "client_message_id": _new_id()})
            await self._heard({"with queue", "with agent"}, ANSWER_SECONDS)
        if self._owner == "bot":
            return
        self._stage.tell(f"{self._script.name} waits for a person")
        for line in self._script.to_agents:
            if await self._heard({"agent", "closed"}, AGENT_SECONDS) != "agent":
                break
            await self._say(socket, line)
        if await self._heard({"closed"}, AGENT_SECONDS) == "closed" and self._script.rates is not None:
            await self._stage.pause(8)
            case = self._state["case"]
            await socket.send_json(
                {"type": "survey", "case_id": case["id"], **self._script.rates.model_dump(exclude_none=True)}
            )
            if await self._heard({"survey_thanks"}, ANSWER_SECONDS):
                self._stage.done["surveys"] += 1

    async def _say(self, socket: aiohttp.ClientWebSocketResponse, line: str) -> None:
        await socket.send_json({"type": "typing"})
        await self._stage.writes(line)
        await socket.send_json({"type": "message", "client_message_id": _new_id(), "text": line})
        self._stage.done["customer messages"] += 1

    async def _heard(self, whom: set[str], seconds: float) -> str | None:
        """Wait until one of these happened; None when none did in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (who := await self._came.get()) not in whom:
                    continue
                return who
        return None


class Desk:
    """One agent at their desk, by the agent API; takes every second case of their queues, and leaves the others."""

    def __init__(self, stage: Stage, script: LiveAgent, email: str, password: str) -> None:
        self._stage, self._script, self._email, self._password = stage, script, email, password
        self._seen: set[str] = set()
        self._work: set[asyncio.Task[None]] = set()
        self._csrf = ""

    async def work(self) -> None:
        """Work until cancelled; then sign out. Raises ``aiohttp.ClientError`` without the service."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(self._stage.url, raise_for_status=True, cookie_jar=jar) as session:
            signing = {"email": self._email, "password": self._password}
            async with session.post(f"{AGENT}/session", json=signing) as answer:
                self._csrf = str((await answer.json())["csrf_token"])
            self._stage.tell(f"{self._script.id} is at the desk")
            try:
                async with session.ws_connect(f"{AGENT}/stream") as socket:
                    async for message in socket:
                        self._look(session, message.json())
            finally:
                for task in self._work:
                    task.cancel()
                await asyncio.gather(*self._work, return_exceptions=True)
                with suppress(aiohttp.ClientError):
                    await session.delete(f"{AGENT}/session", headers={"X-CSRF-Token": self._csrf})

    def _look(self, session: aiohttp.ClientSession, frame: Frame) -> None:
        offered = (
            frame["offers"] if frame["type"] == "snapshot" else [frame["offer"]] if frame["type"] == "offer" else []
        )
        for offer in offered:
            if offer["case_id"] in self._seen:
                continue
            self._seen.add(offer["case_id"])
            if len(self._seen) % 2 == 0:
                self._stage.done["cases left for you"] += 1
                continue
            task = asyncio.create_task(self._take(session, offer))
            self._work.add(task)
            task.add_done_callback(self._work.discard)

    async def _take(self, session: aiohttp.ClientSession, offer: Frame) -> None:
        """One case from the offer to the wrap-up. What a person does meanwhile to the case goes before."""
        case = f"/cases/{offer['case_id']}"
        try:
            await self._stage.pause(6)
            await self._do(session, f"/offers/{offer['id']}/accept", {})
            self._stage.tell(f"{self._script.id} takes {offer['number']}")
            first, *more = self._script.says
            await self._speak(session, case, first)
            if self._script.moves_one_in and len(self._seen) % self._script.moves_one_in == 0:
                tried = {"tried": self._script.note, "next_step": self._script.plan, "category": self._script.moves_to}
                await self._do(session, f"{case}/transfer", tried)
                self._stage.done["transfers"] += 1
                return
            await self._do(session, f"{case}/notes", {"text": self._script.note})
            await self._do(session, f"{case}/plan", {"plan": self._script.plan})
            await self._do(session, f"{case}/next-update", {"minutes": 30, "reason": self._script.plan})
            for line in more:
                await self._stage.pause(20)
                await self._speak(session, case, line)
            await self._stage.pause(15)
            ending = self._stage.random.choice(self._script.ends)
            await self._do(session, f"{case}/resolve", ending.model_dump())
            self._stage.done["cases solved"] += 1
            self._stage.tell(f"{self._script.id} has solved {offer['number']}")
        except aiohttp.ClientResponseError as error:
            if error.status not in (403, 404, 409):
                raise
            self._stage.done["cases taken by somebody else"] += 1

    async def _speak(self, session: aiohttp.ClientSession, case: str, line: str) -> None:
        await self._stage.writes(line)
        await self._do(session, f"{case}/messages", {"client_message_id": _new_id(), "text": line})
        self._stage.done["agent messages"] += 1

    async def _do(self, session: aiohttp.ClientSession, path: str, body: Frame) -> None:
        async with session.post(AGENT + path, json=body, headers={"X-CSRF-Token": self._csrf}):
            return


def _new_id() -> str:
    return f"demo-{uuid4().hex}"
