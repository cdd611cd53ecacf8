"""Questions and answers over one connection, against a real server: none is lost in silence, none reaches another."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from warmline import exchange as module
from warmline.exchange import Answer, Exchange, ExchangeLost

Socket = web.WebSocketResponse


class OtherSide:
    """A server that takes frames, and answers when the test says so."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.sockets: list[Socket] = []
        self.headers: list[str | None] = []
        self.on_frame: Callable[[Socket, dict[str, Any]], Awaitable[None]] | None = None
        self._changed = asyncio.Condition()

    async def handle(self, request: web.Request) -> Socket:
        stream = Socket()
        self.headers.append(request.headers.get("Authorization"))
        await stream.prepare(request)
        self.sockets.append(stream)
        async for message in stream:
            frame = json.loads(message.data)
            if self.on_frame is not None:
                await self.on_frame(stream, frame)
            async with self._changed:
                self.frames.append(frame)
                self._changed.notify_all()
        return stream

    async def got(self, count: int) -> list[dict[str, Any]]:
        """The frames, once there are so many."""
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(lambda: len(self.frames) >= count)
        return self.frames

    async def answer(self, frame: dict[str, Any], body: Any, status: int = 200) -> None:
        await self.sockets[-1].send_json({"number": frame["number"], "status": status, "body": body})


async def echo(stream: Socket, frame: dict[str, Any]) -> None:
    if "number" in frame:
        await stream.send_json({"number": frame["number"], "status": 200, "body": frame["body"]})


@pytest.fixture
def other() -> OtherSide:
    return OtherSide()


@pytest.fixture
async def session(other: OtherSide) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def exchange(other: OtherSide) -> AsyncIterator[Exchange]:
    app = web.Application()
    app.router.add_get("/stream", other.handle)
    async with TestServer(app) as server:
        made = Exchange(str(server.make_url("/stream")), {"Authorization": "Bearer s"})
        yield made
        await made.close()


async def lost(asking: Awaitable[Answer]) -> str:
    """Why there was no answer."""
    async with asyncio.timeout(5):
        with pytest.raises(ExchangeLost) as caught:
            await asking
    return str(caught.value)


async def test_an_answer_comes_back_with_its_status(
    exchange: Exchange, session: aiohttp.ClientSession, other: OtherSide
) -> None:
    asking = asyncio.create_task(exchange.ask(session, '{"a": "grüße"}'))
    (frame,) = await other.got(1)
    assert frame["body"] == {"a": "grüße"}
    await other.answer(frame, {"error": "no"}, status=404)

    assert await asking == Answer(404, {"error": "no"})
    assert other.headers == ["Bearer s"]


async def test_answers_out_of_order_reach_whoever_asked(
    exchange: Exchange, session: aiohttp.ClientSession, other: OtherSide
) -> None:
    asking = [asyncio.create_task(exchange.ask(session, json.dumps(n))) for n in range(5)]
    frames = list(await other.got(5))
    for frame in reversed(frames):
        await other.answer(frame, f"answer to {frame['body']}")

    assert [(await task).body for task in asking] == [f"answer to {n}" for n in range(5)]
    assert len({frame["number"] for frame in frames}) == 5


async def test_several_first_questions_at_once_share_one_connection(
    exchange: Exchange, session: aiohttp.ClientSession, other: OtherSide
) -> None:
    other.on_frame = echo
    answers = await asyncio.gather(*(exchange.ask(session, str(n)) for n in range(10)))

    assert [answer.body for answer in answers] == list(range(10))
    assert len(other.sockets) == 1


async def test_a_connection_outlives_the_time_that_the_session_gives_a_request(
    exchange: Exchange, other: OtherSide
) -> None:
    other.on_frame = echo
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.2)) as session:
        await exchange.ask(session, "1")
        await asyncio.sleep(0.4)
        assert (await exchange.ask(session, "2")).body == 2
    assert len(other.sockets) == 1


async def test_a_connection_that_ends_fails_everybody_and_the_next_question_makes_another(
    exchange: Exchange, session: aiohttp.ClientSession, other: OtherSide
) -> None:
    asking = [asyncio.create_task(exchange.ask(session, str(n))) for n in range(3)]
    await other.got(3)
    await other.sockets[0].close()
    assert [await lost(task) for task in asking] == ["the connection ended"] * 3

    other.on_frame = echo
    assert (await exchange.ask(session, '"again"')).body == "again"
    assert len(other.sockets) == 2


async def test_a_connection_that_is_cut_fails_everybody_too(
    exchange: Exchange, session: aiohttp.ClientSession, other: OtherSide
) -> None:
    asking = asyncio.create_task(exchange.ask(session, "1"))
    await other.got(1)
    transport = other.sockets[0]._req.transport  # type: ignore[union-attr]
    assert transport is not None
    transport.abort()  # what is left of a process after kill -9
    await lost(asking)
    other.on_frame = echo
    assert (await exchange.ask(session, '"again"')).body == "again"


async def test_where_nobody_listens_the_loss_is_told_at_once(session: aiohttp.ClientSession) -> None:
    begun = time.monotonic()
    assert await lost(Exchange("http://127.0.0.1:9/stream").ask(session, "1")) == "ClientConnectorError"
    assert time.monotonic() - begun < 1


async def test_a_side_that_takes_connections_but_says_nothing_is_given_up(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the kernel takes the connection, nobody reads
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/stream"
        assert await lost(Exchange(url).ask(session, "1")) == "TimeoutError"


async def test_a_refused_connection_is_a_loss(session: aiohttp.ClientSession) -> None:
    async with TestServer(web.Application()) as server:
        assert await lost(Exchange(str(server.make_url("/none"))).ask(session, "1")) == "WSServerHandshakeError"


async def test_telling_reaches_an_open_connection_without_a_number_and_opens_none(
    exchange: Exchange, session: aiohttp.ClientSession, other: OtherSide
) -> None:
    await exchange.tell('"nobody hears"')
    assert other.sockets == []

    other.on_frame = echo
    await exchange.ask(session, '"first"')
    await exchange.tell('{"read": "hello"}')
    assert (await other.got(2))[1] == {"body": {"read": "hello"}}

    await other.sockets[0].close()
    await exchange.close()
    await exchange.tell('"nobody hears"')
    assert len(other.sockets) == 1


NO_ANSWERS = (
    "Maya's words {",
    '["Maya\'s words"]',
    '"Maya\'s words"',
    "7",
    "null",
    '{"status": 200, "body": "Maya\'s words"}',
    '{"number": null, "status": 422, "body": "Maya\'s words"}',
    '{"number": ["Maya\'s words"], "status": 200, "body": 1}',
    '{"number": 1, "body": "Maya\'s words"}',
    '{"number": 1, "status": "Maya\'s words", "body": 1}',
    '{"number": 1, "status": 200}',
)


@pytest.mark.parametrize("frame", [*NO_ANSWERS, b'{"number": 1, "status": 200, "body": "Maya\'s words"}'])
async def test_a_frame_that_is_no_answer_ends_the_connection_and_no_log_repeats_it(
    exchange: Exchange,
    session: aiohttp.ClientSession,
    other: OtherSide,
    caplog: pytest.LogCaptureFixture,
    frame: str | bytes,
) -> None:
    asking = [asyncio.create_task(exchange.ask(session, str(n))) for n in range(2)]
    await other.got(2)
    send = other.sockets[0].send_str if isinstance(frame, str) else other.sockets[0].send_bytes
    await send(frame)  # type: ignore[arg-type]
    assert [await lost(task) for task in asking] == ["the connection ended"] * 2

    other.on_frame = echo
    assert (await exchange.ask(session, "3")).body == 3
    assert len(other.sockets) == 2
    gc.collect()
    (record,) = [line for line in caplog.records if line.levelno >= logging.ERROR]
    assert record.name == "warmline.exchange"
    assert "Maya" not in caplog.text


async def test_whoever_waits_is_told_before_a_bad_connection_is_said_goodbye_to(
    exchange: Exchange, session: aiohttp.ClientSession, other: OtherSide
) -> None:
    """The other side may be too broken to answer the goodbye."""

    async def break_and_hang(stream: Socket, frame: dict[str, Any]) -> None:
        await stream.send_str("no JSON")
        await asyncio.sleep(0.3)

    other.on_frame = break_and_hang
    begun = time.monotonic()
    await lost(exchange.ask(session, "1"))
    assert time.monotonic() - begun < 0.25


async def test_a_frame_too_large_is_a_loss_not_a_full_memory(
    exchange: Exchange, session: aiohttp.ClientSession, other: OtherSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST_FRAME", 1000)
    asking = asyncio.create_task(exchange.ask(session, "1"))
    (frame,) = await other.got(1)
    await other.answer(frame, "x" * 2000)
    await lost(asking)


async def test_whoever_gives_up_leaves_nothing_behind_and_a_late_answer_reaches_nobody(
    exchange: Exchange, session: aiohttp.ClientSession, other: OtherSide
) -> None:
    impatient = asyncio.create_task(exchange.ask(session, '"impatient"'))
    patient = asyncio.create_task(exchange.ask(session, '"patient"'))
    first, second = await other.got(2)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert exchange._connection is not None
    assert list(exchange._connection._waiting) == [second["number"]]

    await other.answer(first, "too late")
    await other.answer(second, "in time")
    assert (await patient).body == "in time"
    assert exchange._connection._waiting == {}


async def test_giving_up_while_connecting_leaves_the_next_one_a_connection(
    exchange: Exchange, session: aiohttp.ClientSession, other: OtherSide
) -> None:
    other.on_frame = echo
    impatient = asyncio.create_task(exchange.ask(session, "1"))
    next_one = asyncio.create_task(exchange.ask(session, "2"))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await next_one).body == 2


async def test_closing_fails_whoever_waits_and_may_be_done_twice(
    exchange: Exchange, session: aiohttp.ClientSession, other: OtherSide
) -> None:
    asking = asyncio.create_task(exchange.ask(session, "1"))
    await other.got(1)
    await exchange.close()
    await lost(asking)
    await exchange.close()
    await Exchange("http://127.0.0.1:9/never-used").close()


async def test_closing_does_not_wait_for_a_side_that_hangs(
    exchange: Exchange, session: aiohttp.ClientSession, other: OtherSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLOSE_SECONDS", 0.05)
    goes_on = asyncio.Event()

    async def hang(stream: Socket, frame: dict[str, Any]) -> None:
        await stream.send_json({"number": frame["number"], "status": 200, "body": 1})
        await goes_on.wait()

    other.on_frame = hang
    await exchange.ask(session, "1")
    begun = time.monotonic()
    await exchange.close()
    assert time.monotonic() - begun < 1
    goes_on.set()
