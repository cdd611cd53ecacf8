"""Questions and answers over one WebSocket, each pair under a number: between processes that talk all the time.

One HTTP request costs both sides several times what a frame costs. Runs on Python 3.10 too, inside Rasa.

A frame that asks is ``{"number": 7, "body": ...}``, its answer ``{"number": 7, "status": 200, "body": ...}``, with a
status as in HTTP. A frame without a number is not answered.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import ujson

log = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 2.0
CLOSE_SECONDS: Final = 1.0
"""How long the other side may take to say goodbye too."""
LARGEST_FRAME: Final = 16 * 1024 * 1024
"""Bytes; a fault cannot fill the memory."""


def as_json(value: Any) -> str:
    """``value`` as JSON, the same as ``json.dumps`` has it but for blanks, in a fifth of the time.

    Raises:
        TypeError: JSON cannot hold it.
    """
    return str(ujson.dumps(value, escape_forward_slashes=False))


def of_json(text: str | bytes) -> Any:
    """What ``text`` says, the same as ``json.loads`` has it, in two thirds of the time.

    Raises:
        ValueError: it is no JSON.
    """
    return ujson.loads(text)


class ExchangeLost(Exception):
    """There is no answer: no connection could be made, or it ended first. What was asked may have been done."""


@dataclass(frozen=True)
class Answer:
    """What the other side said; ``status`` as in HTTP."""

    status: int
    body: Any


class Exchange:
    """Asks many things at once over one connection, in whichever order the answers come; connects when it must."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self._url = url
        self._headers = dict(headers or {})
        self._connecting: asyncio.Lock | None = None
        self._connection: _Connection | None = None

    async def ask(self, session: aiohttp.ClientSession, body: str) -> Answer:
        """The answer to ``body``, which is JSON. Waits as long as the connection stands.

        Raises:
            ExchangeLost: there was none.
        """
        try:
            return await (await self._connected(session)).ask(body)
        except (asyncio.TimeoutError, aiohttp.ClientError, OSError) as error:  # noqa: UP041 (on Python 3.10 not the same)
            raise ExchangeLost(type(error).__name__) from error

    async def tell(self, body: str) -> None:
        """Sends ``body``, which is JSON, where a connection is open; nothing comes back, and nothing is raised."""
        if self._connection is not None and not self._connection.is_over:
            with suppress(aiohttp.ClientError, OSError):
                await self._connection.tell(body)

    async def close(self) -> None:
        """Ends the connection; who waits for an answer gets ``ExchangeLost``."""
        if self._connection is not None:
            await self._connection.close()

    async def _connected(self, session: aiohttp.ClientSession) -> _Connection:
        if self._connecting is None:  # made here, because on Python 3.10 it belongs to the loop that makes it
            self._connecting = asyncio.Lock()
        async with self._connecting:
            if self._connection is None or self._connection.is_over:
                opening = session.ws_connect(self._url, headers=self._headers, max_msg_size=LARGEST_FRAME)
                self._connection = _Connection(await asyncio.wait_for(opening, CONNECT_SECONDS))
            return self._connection


class _Connection:
    """An open WebSocket, with the questions that wait for their answers."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._loop = asyncio.get_running_loop()
        self._reading = True
        self._reader = self._loop.create_task(self._read())

    @property
    def is_over(self) -> bool:
        return not self._reading or self._socket.closed or self._loop.is_closed()

    async def ask(self, body: str) -> Answer:
        number = next(self._numbers)
        answered: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting[number] = answered
        try:
            await self._socket.send_str(f'{{"number": {number}, "body": {body}}}')
            return await answered
        finally:
            self._waiting.pop(number, None)

    async def tell(self, body: str) -> None:
        await self._socket.send_str(f'{{"body": {body}}}')

    async def close(self) -> None:
        await self._hang_up()
        await self._reader

    async def _hang_up(self) -> None:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._socket.close(), CLOSE_SECONDS)

    async def _read(self) -> None:
        try:
            async for frame in self._socket:
                self._give(frame)
        except Exception as error:
            # Without the frame and without the error's words, which may repeat it: frames hold what customers wrote.
            log.error("a frame from the other side is no answer (%s); the connection is ended", type(error).__name__)
        finally:
            self._reading = False
            for answered in self._waiting.values():
                if not answered.done():
                    answered.set_exception(ExchangeLost("the connection ended"))
                    answered.exception()  # seen: whoever is still sending learns it there, and looks at no answer
            await self._hang_up()

    def _give(self, message: aiohttp.WSMessage) -> None:
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise TypeError(message.type)
        frame = of_json(message.data)
        number, answer = frame["number"], Answer(int(frame["status"]), frame["body"])
        if not isinstance(number, int):  # something that was asked could not be read, and nobody knows what
            raise TypeError(type(number))
        answered = self._waiting.get(number)
        if answered is not None and not answered.done():  # else whoever asked has given up
            answered.set_result(answer)
