"""A customer and an agent who speak the two protocols as the pages describe them, for tests and benchmarks."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from typing import Any, Self

import aiohttp

Json = dict[str, Any]
WAIT_SECONDS = 20.0


class CustomerClient:
    """One customer's connection; keeps every message and the latest state."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base
        self.token = ""
        self.conversation_id = ""
        self.messages: list[Json] = []
        self.state: Json = {}
        self.errors: list[Json] = []
        self.accepted: dict[str, Json] = {}
        self.on_message: Callable[[Json], None] = lambda message: None
        """Told of every message as it comes."""
        self._changed = asyncio.Condition()
        self._reader: asyncio.Task[None] | None = None
        self.socket: aiohttp.ClientWebSocketResponse | None = None

    @classmethod
    async def begin(
        cls,
        session: aiohttp.ClientSession,
        base: str,
        *,
        customer: str | None = None,
        name: str | None = None,
        fresh: bool = True,
    ) -> Self:
        """Begin as a demo customer (signed in at the demo shop) or as a visitor, and connect."""
        client = cls(session, base)
        body: Json = {"fresh": fresh}
        if customer is not None:
            async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as shop:
                async with shop.post(f"{base}/demo/sign-in", json={"customer_id": customer}) as answer:
                    answer.raise_for_status()
                async with shop.get(f"{base}/demo/identity") as answer:
                    body["identity"] = (await answer.json())["identity"]
        elif name is not None:
            body["name"] = name
        async with session.post(f"{base}/api/customer/v1/conversations", json=body) as answer:
            answer.raise_for_status()
            begun = await answer.json()
        client.token, client.conversation_id = begun["token"], begun["conversation_id"]
        await client.connect()
        return client

    @property
    def last_seq(self) -> int:
        """The highest number seen."""
        return int(self.messages[-1]["seq"]) if self.messages else 0

    async def connect(self) -> None:
        """Open the stream and resume from the last number seen."""
        url = f"{self._base}/api/customer/v1/stream"
        self.socket = await self._session.ws_connect(url, max_msg_size=0)
        hello = {"type": "hello", "version": 1, "token": self.token, "last_seq": self.last_seq}
        await self.socket.send_json(hello)
        welcome = await self.socket.receive_json(timeout=WAIT_SECONDS)
        assert welcome["type"] == "welcome", welcome
        self.messages += welcome["messages"]
        self.state = welcome["state"]
        self._reader = asyncio.create_task(self._read(self.socket))

    async def reconnect(self, *, within: float = 60.0) -> None:
        """Keep trying as a widget would, then resume."""
        async with asyncio.timeout(within):
            while True:
                try:
                    return await self.connect()
                except (aiohttp.ClientError, OSError, TypeError, TimeoutError):
                    await asyncio.sleep(0.2)

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for incoming in socket:
            if incoming.type is not aiohttp.WSMsgType.TEXT:
                continue
            frame = json.loads(incoming.data)
            if frame["type"] == "message":
                self.messages.append(frame["message"])
                self.on_message(frame["message"])
            elif frame["type"] == "state":
                self.state = frame["state"]
            elif frame["type"] == "error":
                self.errors.append(frame)
            elif frame["type"] == "accepted":
                self.accepted[frame["client_message_id"]] = frame
            async with self._changed:
                self._changed.notify_all()

    async def until(self, wanted: Callable[[CustomerClient], bool], *, within: float = WAIT_SECONDS) -> None:
        """Wait until something holds; fails with what was said so far."""
        try:
            async with asyncio.timeout(within), self._changed:
                await self._changed.wait_for(lambda: wanted(self))
        except TimeoutError:
            said = "\n".join(self.lines())
            raise AssertionError(f"not within {within} s; state {self.state}; so far:\n{said}") from None

    def lines(self) -> list[str]:
        """The conversation so far, one line a message."""
        return [f"{m['seq']:3} {m['sender']['type']:8} {m['notice'] or ''} {m['text']}" for m in self.messages]

    async def send(self, frame: Json) -> str:
        """Send a message frame; returns its client message id."""
        assert self.socket is not None
        client_message_id = uuid.uuid4().hex
        await self.socket.send_json({"client_message_id": client_message_id, **frame})
        return client_message_id

    async def say(self, text: str, *, within: float = WAIT_SECONDS) -> list[Json]:
        """Say something and wait for the first answer after it; returns what came after it."""
        return await self._answered(await self.send({"type": "message", "text": text}), within)

    async def choose(self, title: str, *, within: float = WAIT_SECONDS) -> list[Json]:
        """Press the button with this title on the bot's latest message that has it."""
        offering = next(m for m in reversed(self.messages) if any(b["title"] == title for b in m["buttons"]))
        index = next(b["index"] for b in offering["buttons"] if b["title"] == title)
        frame = {"type": "message", "button": {"seq": offering["seq"], "index": index}}
        return await self._answered(await self.send(frame), within)

    async def ask_for_person(self, *, within: float = WAIT_SECONDS) -> list[Json]:
        """Press "talk to a person"."""
        return await self._answered(await self.send({"type": "person"}), within)

    async def _answered(self, client_message_id: str, within: float) -> list[Json]:
        def after() -> list[Json]:
            own = [m["seq"] for m in self.messages if m["client_message_id"] == client_message_id]
            return [m for m in self.messages if own and m["seq"] > own[0] and m["sender"]["type"] != "customer"]

        await self.until(lambda _: bool(after()), within=within)
        return after()

    async def until_notice(self, notice: str, *, within: float = WAIT_SECONDS) -> Json:
        """Wait for a milestone and return it."""
        await self.until(lambda c: any(m["notice"] == notice for m in c.messages), within=within)
        return next(m for m in reversed(self.messages) if m["notice"] == notice)

    async def close(self) -> None:
        """Leave."""
        if self.socket is not None:
            await self.socket.close()
        if self._reader is not None:
            await self._reader


class AgentClient:
    """A signed-in agent."""

    def __init__(self, session: aiohttp.ClientSession, base: str, csrf_token: str) -> None:
        self._session = session
        self._base = f"{base}/api/agent/v1"
        self._headers = {"X-CSRF-Token": csrf_token}

    @classmethod
    async def sign_in(cls, base: str, email: str, password: str = "larkfield-demo") -> Self:
        """Sign in with a session of one's own; close it with ``close``."""
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        body = {"email": email, "password": password}
        async with session.post(f"{base}/api/agent/v1/session", json=body) as answer:
            answer.raise_for_status()
            return cls(session, base, (await answer.json())["csrf_token"])

    async def get(self, path: str) -> Json:
        """Read."""
        async with self._session.get(self._base + path) as answer:
            body: Json = await answer.json()
            assert answer.status == 200, body
            return body

    async def act(self, case_id: str, step: str, **body: Any) -> Json:
        """Do a step on a case."""
        url = f"{self._base}/cases/{case_id}/{step}"
        async with self._session.post(url, json=body, headers=self._headers) as answer:
            found: Json = await answer.json()
            assert answer.status == 200, found
            return found

    async def write(self, case_id: str, text: str) -> Json:
        """Write to the customer, as the desk does: the stream tells of the case."""
        url = f"{self._base}/cases/{case_id}/messages"
        body = {"client_message_id": uuid.uuid4().hex, "text": text}
        headers = {**self._headers, "Prefer": "return=minimal"}
        async with self._session.post(url, json=body, headers=headers) as answer:
            found: Json = await answer.json()
            assert answer.status == 200, found
            return found

    async def stream(self) -> aiohttp.ClientWebSocketResponse:
        """The live stream."""
        return await self._session.ws_connect(f"{self._base}/stream", max_msg_size=0)

    async def close(self) -> None:
        """Leave."""
        await self._session.close()
