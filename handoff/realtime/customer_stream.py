"""The customer's WebSocket: hello, welcome, then frames both ways (``docs/customer-protocol.md``)."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

import structlog
from aiohttp import WSMsgType, web
from pydantic import ValidationError

from handoff.domain.errors import HandoffError
from handoff.http.customer import (
    PROTOCOL_VERSION,
    accept_card,
    accept_message,
    accept_rating,
    accept_reopen,
    accept_survey,
    welcome,
)
from handoff.http.errors import ApiError, error_frame
from handoff.http.parts import PARTS, Parts
from handoff.http.wire import (
    CardRequest,
    CustomerMessage,
    HelloFrame,
    RateRequest,
    ReceivedFrame,
    ReopenCaseRequest,
    SurveyRequest,
    without_type,
)
from handoff.realtime.connection import (
    CLOSE_INTERNAL,
    CLOSE_NO_HELLO,
    CLOSE_PROTOCOL,
    CLOSE_TOKEN,
    Connection,
    encode,
    parse_frame,
    web_socket,
)
from handoff.realtime.sockets import CustomerSocket

log = structlog.get_logger(__name__)

HELLO_SECONDS: Final = 10.0
TYPING_SHOWN_MS: Final = 5000
TYPING_EVERY_SECONDS: Final = 3.0


async def customer_stream(request: web.Request) -> web.StreamResponse:
    """``GET /stream``."""
    parts = request.app[PARTS]
    socket = web_socket()
    await socket.prepare(request)
    hello = await _hello(socket, parts)
    if hello is None:
        return socket
    conversation_id, last_seq, last = hello
    customer = CustomerSocket(Connection(socket), conversation_id)
    parts.hub.add_customer(customer)
    try:
        snapshot = await welcome(parts, conversation_id, last_seq, last=last)
        parts.hub.welcome(customer, encode({"type": "welcome", **snapshot}), snapshot["last_seq"])
        await _Frames(parts, customer).read(socket)
    except HandoffError:
        await socket.close(code=CLOSE_TOKEN, message=b"no such conversation")
    except Exception:
        log.exception("customer_stream_failed")
        await socket.close(code=CLOSE_INTERNAL, message=b"internal error")
    finally:
        parts.hub.remove_customer(customer)
        await customer.connection.finish()
    return socket


async def _hello(socket: web.WebSocketResponse, parts: Parts) -> tuple[str, int, int | None] | None:
    """The conversation that the first frame opens, after which number and how much; None when it was closed instead."""
    try:
        first = await asyncio.wait_for(socket.receive(), HELLO_SECONDS)
    except TimeoutError:
        await socket.close(code=CLOSE_NO_HELLO, message=b"no hello in time")
        return None
    if first.type is not WSMsgType.TEXT:
        await socket.close(code=CLOSE_PROTOCOL, message=b"the first frame must be a hello")
        return None
    try:
        hello = HelloFrame.model_validate(parse_frame(first.data))
        if hello.version != PROTOCOL_VERSION:
            raise ApiError("bad_value", f"This service speaks version {PROTOCOL_VERSION}.", field="version")
        return parts.tokens.read(hello.token), hello.last_seq, hello.last
    except (ApiError, ValidationError) as error:
        body = error_frame(error)
        await socket.send_str(encode({"type": "error", "error": body, "client_message_id": None}))
        code = CLOSE_TOKEN if body["code"].startswith("token_") else CLOSE_PROTOCOL
        await socket.close(code=code, message=body["code"].encode())
        return None


class _Frames:
    """Reads a customer's frames one after the other and answers each."""

    def __init__(self, parts: Parts, customer: CustomerSocket) -> None:
        self._parts = parts
        self._customer = customer
        self._typed_at = float("-inf")

    async def read(self, socket: web.WebSocketResponse) -> None:
        async for incoming in socket:
            if incoming.type is WSMsgType.TEXT:
                await self._answer(incoming.data)
            elif incoming.type is WSMsgType.BINARY:
                self._refuse(ApiError("not_json", "Send JSON as text frames."), None)

    async def _answer(self, raw: str) -> None:
        client_message_id: str | None = None
        try:
            frame = parse_frame(raw)
            given = frame.get("client_message_id")
            client_message_id = given if isinstance(given, str) and len(given) <= 64 else None
            await self._act(frame)
        except (ApiError, HandoffError, ValidationError) as error:
            self._refuse(error, client_message_id)
        except Exception as error:
            log.exception("frame_failed")
            self._refuse(error, client_message_id)

    async def _act(self, frame: dict[str, Any]) -> None:
        parts, conversation_id = self._parts, self._customer.conversation_id
        kind, body = frame.get("type"), without_type(frame)
        if kind == "message":
            accepted = await accept_message(parts, conversation_id, CustomerMessage.model_validate(body))
            self._send({"type": "accepted", **accepted})
        elif kind == "person":
            wish = CustomerMessage.model_validate({**body, "person": True})
            self._send({"type": "accepted", **await accept_message(parts, conversation_id, wish)})
        elif kind == "rate":
            await accept_rating(parts, conversation_id, RateRequest.model_validate(body))
        elif kind == "survey":
            await accept_survey(parts, conversation_id, SurveyRequest.model_validate(body))
        elif kind == "reopen":
            await accept_reopen(parts, conversation_id, ReopenCaseRequest.model_validate(body))
        elif kind == "card":
            await accept_card(parts, conversation_id, CardRequest.model_validate(body))
        elif kind == "typing":
            self._typing(body)
        elif kind == "received":
            received = ReceivedFrame.model_validate(body)
            parts.hub.customer_received(self._customer, received.seq, read=received.read)
        elif kind == "ping":
            _refuse_fields(body)
            self._send({"type": "pong"})
        else:
            raise ApiError("unknown_type", f"There is no frame of type {str(kind)[:40]!r} here.", field="type")

    def _typing(self, body: dict[str, Any]) -> None:
        _refuse_fields(body)
        now = time.monotonic()
        if now - self._typed_at >= TYPING_EVERY_SECONDS:
            self._typed_at = now
            self._parts.hub.typing_to_agents(self._customer.conversation_id, None, TYPING_SHOWN_MS)

    def _send(self, frame: dict[str, Any]) -> None:
        self._customer.connection.send(encode(frame))

    def _refuse(self, error: Exception, client_message_id: str | None) -> None:
        self._send({"type": "error", "error": error_frame(error), "client_message_id": client_message_id})


def _refuse_fields(body: dict[str, Any]) -> None:
    for field in body:
        raise ApiError("unknown_field", f"There is no field {field[:40]!r} here.", field=field[:40])
