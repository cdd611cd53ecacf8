"""One socket: frames are queued here and written by one task, so that a slow reader never holds anybody up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import structlog
import ujson
from aiohttp import web

from handoff.http.errors import ApiError, parse_json
from handoff.http.guards import BODY_BYTES

log = structlog.get_logger(__name__)

QUEUE_FRAMES: Final = 1000
"""Frames that may wait for a slow reader before it is dropped; it resumes by sequence number."""
FRAME_BYTES: Final = 1024 * 1024
"""The largest frame that is read at all. One above ``BODY_BYTES`` is refused with an error; one above this ends the
connection with code 1009, because reading on would mean to hold it in memory."""
HEARTBEAT_SECONDS: Final = 25.0
CLOSE_RESTART: Final = 1001
CLOSE_INTERNAL: Final = 1011
CLOSE_PROTOCOL: Final = 4400
CLOSE_TOKEN: Final = 4401
CLOSE_NO_HELLO: Final = 4408
CLOSE_TOO_SLOW: Final = 4409


def web_socket() -> web.WebSocketResponse:
    """A socket of ours. Without compression: frames are small, and each connection would hold buffers for it."""
    return web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=FRAME_BYTES, compress=False)


def encode(frame: Mapping[str, Any]) -> str:
    """A frame as text; encoded once however many connections get it."""
    return str(ujson.dumps(frame, ensure_ascii=False, escape_forward_slashes=False))


def parse_frame(raw: str) -> dict[str, Any]:
    """A client's frame as JSON object; raises ``ApiError`` when it is too large or not JSON."""
    if len(raw) > BODY_BYTES or len(raw.encode()) > BODY_BYTES:
        raise ApiError("body_too_large", "A frame has at most 64 KiB.")
    return parse_json(raw)


class Connection:
    """The writing side of a WebSocket."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket
        self._frames: asyncio.Queue[str | None] = asyncio.Queue(QUEUE_FRAMES)
        self._writer = asyncio.create_task(self._write())
        self._closing: asyncio.Task[bool] | None = None

    def send(self, frame: str) -> None:
        """Queue a frame; a connection that is too slow is closed instead."""
        if self._closing is not None:
            return
        try:
            self._frames.put_nowait(frame)
        except asyncio.QueueFull:
            self._writer.cancel()
            self.close_soon(CLOSE_TOO_SLOW, "too slow")

    def close_soon(self, code: int, why: str) -> None:
        """Close the socket without waiting for the other side; nothing is sent any more."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._socket.close(code=code, message=why.encode()))
            self._closing.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _write(self) -> None:
        try:
            while (frame := await self._frames.get()) is not None:
                await self._socket.send_str(frame)
        except (ConnectionError, RuntimeError) as error:
            log.debug("connection_lost", why=type(error).__name__)
        except Exception:
            log.exception("frame_not_written")
            self.close_soon(CLOSE_INTERNAL, "internal error")

    async def close_for_restart(self) -> None:
        """Close the socket because the service goes down."""
        await self._socket.close(code=CLOSE_RESTART, message=b"restarting")

    async def finish(self) -> None:
        """Write what is queued, then stop."""
        with suppress(asyncio.QueueFull):
            self._frames.put_nowait(None)
            with suppress(asyncio.CancelledError, TimeoutError):
                await asyncio.wait_for(self._writer, timeout=1.0)
        self._writer.cancel()


class InOrder:
    """Gives messages on by their number: none twice, none out of order, whatever order they arrive in."""

    def __init__(self, last_seq: int) -> None:
        self.last_seq = last_seq
        self._early: dict[int, str] = {}

    def next(self, seq: int, frame: str) -> list[str]:
        """The frames that may be written now that this one is known."""
        if seq <= self.last_seq:
            return []
        self._early[seq] = frame
        ready = []
        while (following := self._early.pop(self.last_seq + 1, None)) is not None:
            self.last_seq += 1
            ready.append(following)
        return ready
