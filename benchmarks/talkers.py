"""The measured customers: one on Warmline's WebSocket, one on Rasa's REST channel, each as light as it can be."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any, Final, Protocol, Self

import aiohttp

ANSWER_SECONDS: Final = 60.0
"""How long one answer may take before the measurement is given up."""
BROWSER_COMPRESSION: Final = 15
"""Browsers offer to compress WebSocket frames; so does this client, or the server would be spared that work."""


class LeftTheBot(Exception):
    """The assistant handed the conversation over: what follows is no turn of the dialogue."""


class Talker(Protocol):
    """One customer in one conversation."""

    async def say(self, text: str) -> str:
        """Say something and return the text of the first answer. Raises ``LeftTheBot``."""

    async def leave(self) -> None:
        """Give back what the conversation holds on this side."""


class WarmlineTalker:
    """A visitor on the customer protocol (docs/customer-protocol.md)."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    @classmethod
    async def begin(cls, session: aiohttp.ClientSession, base: str) -> Self:
        """Begin a conversation and connect."""
        async with session.post(f"{base}/api/customer/v1/conversations", json={"fresh": True}) as answer:
            answer.raise_for_status()
            token = (await answer.json())["token"]
        socket = await session.ws_connect(f"{base}/api/customer/v1/stream", compress=BROWSER_COMPRESSION)
        talker = cls(socket)
        await socket.send_str(json.dumps({"type": "hello", "version": 1, "token": token, "last_seq": 0}))
        await talker._frame("welcome")
        return talker

    async def say(self, text: str) -> str:
        """See :class:`Talker`."""
        sent = uuid.uuid4().hex
        await self._socket.send_str(json.dumps({"type": "message", "client_message_id": sent, "text": text}))
        own: int | None = None
        while True:
            message = (await self._frame("message"))["message"]
            if message["client_message_id"] == sent:
                own = message["seq"]
            elif message["notice"] is not None:
                raise LeftTheBot(message["notice"])
            elif own is not None and message["seq"] > own:
                return str(message["text"])

    async def _frame(self, kind: str) -> Mapping[str, Any]:
        """The next frame of this type; others are read and dropped. Raises ``ConnectionError`` for an error frame."""
        while True:
            frame: Mapping[str, Any] = json.loads(await self._socket.receive_str(timeout=ANSWER_SECONDS))
            if frame["type"] == kind:
                return frame
            if frame["type"] == "error":
                raise ConnectionError(f"Warmline refused a frame: {frame['error']}")

    async def leave(self) -> None:
        """See :class:`Talker`."""
        await self._socket.close()


class RasaTalker:
    """A sender on Rasa's REST channel."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._url = f"{base}/webhooks/rest/webhook"
        self._sender = uuid.uuid4().hex

    async def say(self, text: str) -> str:
        """See :class:`Talker`."""
        body = {"sender": self._sender, "message": text}
        async with self._session.post(self._url, json=body) as answer:
            answer.raise_for_status()
            replies = await answer.json()
        return str(replies[0].get("text", "")) if replies else ""

    async def leave(self) -> None:
        """See :class:`Talker`."""


def light_session() -> aiohttp.ClientSession:
    """A session for many conversations at once; it keeps its connections."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout)
