"""The whole service on a free port, and the people who use it as the two protocol pages say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from handoff.contract import Category
from handoff.domain.actors import SYSTEM
from handoff.domain.api_keys import Scope
from handoff.domain.people import Agent
from handoff.http.parts import PARTS, Parts
from handoff.services.api_keys import add_key
from handoff.services.conversations import Identity
from tests.handoff.cast import MAYA, PASSWORD, Clock, ScriptedBot

CUSTOMER = "/api/customer/v1"
AGENT = "/api/agent/v1"
INTERNAL = "/internal/v1"
ALLOWED_ORIGIN = "https://shop.example"
Json = dict[str, Any]


@dataclass
class Answer:
    """An HTTP answer, read."""

    status: int
    headers: Any
    body: Any

    @property
    def code(self) -> str | None:
        """The error's code, None for a success."""
        return self.body["error"]["code"] if isinstance(self.body, dict) and "error" in self.body else None


@dataclass
class Service:
    """The running service."""

    server: TestServer
    bot: ScriptedBot
    clock: Clock
    opened: list[aiohttp.ClientSession] = field(default_factory=list)

    @property
    def parts(self) -> Parts:
        """What the handlers work with."""
        return self.server.app[PARTS]

    def browser(self) -> aiohttp.ClientSession:
        """A browser with cookies of its own."""
        session = aiohttp.ClientSession(
            self.server.make_url("/"), cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(20)
        )
        self.opened.append(session)
        return session

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        """One call without any sign-in."""
        return await call(self.browser(), method, path, **options)

    async def customer(self, identity: Identity | None = MAYA, **body: Any) -> Customer:
        """Begin as a customer of the website, or a visitor."""
        session = self.browser()
        if identity is not None:
            body["identity"] = self.parts.identities.sign(identity)
        begun = await call(session, "POST", f"{CUSTOMER}/conversations", json=body)
        assert begun.status in (200, 201), begun.body
        return Customer(session, begun.body["token"], begun.body["conversation_id"], begun.body)

    async def agent(self, agent: Agent) -> Desk:
        """Sign in at the desk."""
        session = self.browser()
        answer = await call(session, "POST", f"{AGENT}/session", json={"email": agent.email, "password": PASSWORD})
        assert answer.status == 200, answer.body
        return Desk(session, answer.body["csrf_token"], agent)

    async def outside(
        self, *scopes: Scope, name: str = "zendesk", categories: tuple[Category, ...] = (), days: int | None = None
    ) -> Outside:
        """Another system with a key; without scopes named: with all of them."""
        context, now = self.parts.context, self.clock()
        key, token = await add_key(
            context.db,
            SYSTEM,
            context.new_id(),
            name=name,
            scopes=frozenset(scopes or Scope),
            categories=frozenset(categories),
            expires_at=now + timedelta(days=days) if days else None,
            now=now,
        )
        return Outside(self.browser(), token, key.id)

    async def case(self, customer: Customer) -> str:
        """The customer asks for a person and gets a case; returns its id."""
        stream = await customer.stream()
        await stream.send(type="person", client_message_id=customer.new_id())
        state = await stream.until("state", lambda frame: frame["state"]["case"] is not None)
        await stream.close()
        return str(state["state"]["case"]["id"])


async def call(session: aiohttp.ClientSession, method: str, path: str, **options: Any) -> Answer:
    """One call, its answer read whole."""
    async with session.request(method, path, allow_redirects=False, **options) as response:
        raw = await response.read()
        is_json = response.content_type == "application/json"
        return Answer(response.status, response.headers.copy(), await response.json() if is_json else raw)


@dataclass
class Customer:
    """A widget."""

    session: aiohttp.ClientSession
    token: str
    conversation_id: str
    begun: Json
    made: int = 0

    def new_id(self) -> str:
        """A client message id."""
        self.made += 1
        return f"{self.conversation_id[:8]}-{self.made:06d}"

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        """A call with the token."""
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return await call(self.session, method, CUSTOMER + path, headers=headers, **options)

    async def say(self, text: str) -> Answer:
        """A message over HTTP."""
        return await self.call("POST", "/messages", json={"client_message_id": self.new_id(), "text": text})

    async def stream(self, last_seq: int = 0, last: int | None = None) -> Stream:
        """A connection that was welcomed."""
        stream = Stream(await self.session.ws_connect(f"{CUSTOMER}/stream"))
        await stream.send(type="hello", version=1, token=self.token, last_seq=last_seq, last=last)
        stream.first = await stream.receive()
        assert stream.first["type"] == "welcome", stream.first
        return stream


@dataclass
class Desk:
    """A desk."""

    session: aiohttp.ClientSession
    csrf: str
    who: Agent

    async def get(self, path: str, **options: Any) -> Answer:
        """A reading call."""
        return await call(self.session, "GET", AGENT + path, **options)

    async def post(self, path: str, body: Json | None = None, **options: Any) -> Answer:
        """A changing call with the CSRF token."""
        headers = {"X-CSRF-Token": self.csrf, **options.pop("headers", {})}
        return await call(self.session, "POST", AGENT + path, json=body or {}, headers=headers, **options)

    async def delete(self, path: str) -> Answer:
        """Take something away, with the CSRF token."""
        return await call(self.session, "DELETE", AGENT + path, headers={"X-CSRF-Token": self.csrf})

    async def stream(self) -> Stream:
        """A connection with its snapshot."""
        stream = Stream(await self.session.ws_connect(f"{AGENT}/stream"))
        stream.first = await stream.receive()
        assert stream.first["type"] == "snapshot", stream.first
        return stream


@dataclass
class Stream:
    """A WebSocket; every frame that came is kept."""

    socket: aiohttp.ClientWebSocketResponse
    first: Json = field(default_factory=dict)
    frames: list[Json] = field(default_factory=list)

    async def send(self, **frame: Any) -> None:
        """Send a frame."""
        await self.socket.send_json(frame)

    async def receive(self) -> Json:
        """The next frame."""
        async with asyncio.timeout(10):
            frame: Json = await self.socket.receive_json()
        self.frames.append(frame)
        return frame

    async def until(self, kind: str, fits: Callable[[Json], bool] = lambda _: True) -> Json:
        """Read until such a frame comes."""
        while True:
            frame = await self.receive()
            if frame["type"] == kind and fits(frame):
                return frame

    async def settled(self) -> list[Json]:
        """Everything that came up to the answer to a ping."""
        await self.send(type="ping")
        before = len(self.frames)
        await self.until("pong")
        return self.frames[before:-1]

    async def closed(self) -> int | None:
        """Read to the end; the close code."""
        async with asyncio.timeout(10):
            while True:
                message = await self.socket.receive()
                if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
                    return self.socket.close_code
                if message.type is aiohttp.WSMsgType.TEXT:
                    self.frames.append(message.json())

    async def close(self) -> None:
        """Go."""
        await self.socket.close()


INTEGRATION = "/api/integration/v1"


@dataclass
class Outside:
    """Another system with a key."""

    session: aiohttp.ClientSession
    token: str
    key_id: str

    async def call(self, method: str, path: str, body: Json | None = None) -> Answer:
        """A call with the key."""
        headers = {"Authorization": f"Bearer {self.token}"}
        options: Json = {"json": body} if body is not None else {}
        return await call(self.session, method, INTEGRATION + path, headers=headers, **options)
