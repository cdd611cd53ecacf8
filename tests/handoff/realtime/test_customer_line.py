"""Whatever comes over a customer's line, it holds, or ends with a reason."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import WSMsgType
from aiohttp import web as aioweb

from handoff.realtime import connection, customer_stream
from handoff.services import reading
from tests.handoff.cast import BEN, until
from tests.handoff.service import CUSTOMER, Customer, Service, Stream

BAD_HELLOS: list[tuple[Any, int, str]] = [
    ({"type": "ping"}, 4400, "bad_value"),
    ({"type": "hello", "version": 2, "token": "x"}, 4400, "bad_value"),
    ({"type": "hello", "version": "1", "token": "x"}, 4400, "wrong_type"),
    ({"type": "hello", "version": 1}, 4400, "missing_field"),
    ({"type": "hello", "version": 1, "token": "x", "colour": 1}, 4400, "unknown_field"),
    ({"type": "hello", "version": 1, "token": "x", "last_seq": -1}, 4400, "bad_value"),
    ({"type": "hello", "version": 1, "token": "x", "last_seq": 2**40}, 4400, "bad_value"),
    ({"type": "hello", "version": 1, "token": "x", "last": 0}, 4400, "bad_value"),
    ({"type": "hello", "version": 1, "token": "nonsense"}, 4401, "token_invalid"),
    ([1], 4400, "not_json"),
]


@pytest.mark.parametrize(("hello", "close", "code"), BAD_HELLOS, ids=range(len(BAD_HELLOS)))
async def test_a_first_frame_that_is_no_hello_closes_with_a_reason(
    service: Service, hello: Any, close: int, code: str
) -> None:
    stream = Stream(await service.browser().ws_connect(f"{CUSTOMER}/stream"))
    await stream.socket.send_json(hello)

    assert await stream.closed() == close
    assert stream.frames[0]["type"] == "error"
    assert stream.frames[0]["error"]["code"] == code


async def test_an_expired_token_and_a_binary_hello_are_closed_too(service: Service) -> None:
    maya = await service.customer()
    service.clock.move(days=8)
    stream = Stream(await service.browser().ws_connect(f"{CUSTOMER}/stream"))
    await stream.send(type="hello", version=1, token=maya.token)
    assert await stream.closed() == 4401
    stream = Stream(await service.browser().ws_connect(f"{CUSTOMER}/stream"))
    await stream.socket.send_bytes(b"{}")
    assert await stream.closed() == 4400


async def test_without_a_hello_the_line_is_closed_in_time(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer_stream, "HELLO_SECONDS", 0.01)
    stream = Stream(await service.browser().ws_connect(f"{CUSTOMER}/stream"))
    assert await stream.closed() == 4408


BAD_FRAMES: list[tuple[str, str, str | None]] = [
    ("{", "not_json", None),
    ("[]", "not_json", None),
    ("7", "not_json", None),
    ('{"type": "dance"}', "unknown_type", None),
    ("{}", "unknown_type", None),
    ('{"type": ["message"]}', "unknown_type", None),
    ('{"type": "hello", "version": 1, "token": "x"}', "unknown_type", None),
    ('{"type": "message", "client_message_id": "abcdefgh", "text": " "}', "message_empty", "abcdefgh"),
    (
        '{"type": "message", "client_message_id": "abcdefgh", "text": "' + "x" * 4001 + '"}',
        "message_too_long",
        "abcdefgh",
    ),
    ('{"type": "message", "client_message_id": "abcdefgh", "text": 7}', "wrong_type", "abcdefgh"),
    ('{"type": "message", "client_message_id": "abcdefgh", "text": "a", "x\\ud800": 1}', "bad_value", None),
    ('{"type": "message", "client_message_id": "\\udc00bcdefgh", "text": "a"}', "bad_value", None),
    ('{"type": "message", "client_message_id": "a", "text": "\\u0000"}', "bad_value", "a"),
    ('{"type": "message", "text": "' + "x" * 70_000 + '"}', "body_too_large", None),
    ('{"type": "message", "text": "' + "ü" * 40_000 + '"}', "body_too_large", None),
    (
        '{"type": "message", "client_message_id": "abcdefgh", "button": {"seq": 1, "index": 0}}',
        "button_not_available",
        "abcdefgh",
    ),
    ('{"type": "person"}', "missing_field", None),
    ('{"type": "person", "client_message_id": "abcdefgh", "text": "x"}', "missing_field", "abcdefgh"),
    ('{"type": "typing", "for": 1}', "unknown_field", None),
    ('{"type": "ping", "at": 1}', "unknown_field", None),
    ('{"type": "survey", "case_id": "x", "csat": 6}', "bad_value", None),
    ('{"type": "survey", "case_id": "x", "csat": 5}', "not_found", None),
    ('{"type": "reopen", "case_id": "x", "client_message_id": "abcdefgh"}', "not_found", "abcdefgh"),
    ('{"type": "message", "client_message_id": "abcdefgh", "' + "y" * 5000 + '": 1}', "unknown_field", "abcdefgh"),
]


async def test_whatever_is_sent_the_connection_and_the_conversation_stay_whole(service: Service) -> None:
    object.__setattr__(service.parts.messages_limit, "_limit", 1000)
    maya = await service.customer()
    stream = await maya.stream()
    for raw, code, client_message_id in BAD_FRAMES:
        await stream.socket.send_str(raw)
        refused = await stream.receive()
        assert (refused["type"], refused["error"]["code"]) == ("error", code), raw[:80]
        assert refused["client_message_id"] == client_message_id, raw[:80]
        assert set(refused) == {"type", "error", "client_message_id"}
        assert set(refused["error"]) == {"code", "message", "data"}
        assert len(json.dumps(refused)) < 1000
    await stream.socket.send_bytes(b"\xff\x00")
    assert (await stream.receive())["error"]["code"] == "not_json"
    await stream.send(type="message", client_message_id="all-is-well", text="hello")
    assert (await stream.until("accepted"))["seq"] == 1


@pytest.mark.parametrize(
    ("data", "kind", "close"), [(b"\xff\xfe", WSMsgType.TEXT, 1007), (b"x" * 1_100_000, WSMsgType.TEXT, 1009)]
)
async def test_what_cannot_be_read_at_all_ends_the_line_and_the_conversation_is_whole(
    service: Service, data: bytes, kind: WSMsgType, close: int
) -> None:
    maya = await service.customer()
    stream = await maya.stream()
    await stream.socket.send_frame(data, kind)
    assert await stream.closed() == close
    assert (await maya.say("still here")).status == 200


async def test_too_many_too_fast_are_refused_and_the_line_stays(service: Service) -> None:
    maya = await service.customer()
    stream = await maya.stream()
    for number in range(21):
        await stream.send(type="message", client_message_id=f"message-{number:04d}", text="x")
    refused = await stream.until("error")
    assert refused["error"]["code"] == "too_many_requests"
    assert refused["client_message_id"] == "message-0020"
    service.clock.move(seconds=refused["error"]["data"]["retry_after_seconds"])
    await stream.send(type="message", client_message_id="message-0020", text="x")
    await stream.until("accepted", lambda f: f["client_message_id"] == "message-0020")


async def test_a_reader_who_is_too_slow_is_dropped_and_resumes(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = await service.customer()
    stream = await maya.stream()
    (socket,) = service.parts.hub._customers[maya.conversation_id]
    gate = asyncio.Event()

    async def stuck(_text: str, **_named: Any) -> None:
        await gate.wait()

    monkeypatch.setattr(socket.connection._socket, "send_str", stuck)
    for _ in range(connection.QUEUE_FRAMES + 2):
        socket.connection.send("{}")
    assert await stream.closed() == 4409
    assert (await maya.say("hello")).status == 200
    again = await maya.stream()
    assert again.first["last_seq"] >= 1


async def test_a_frame_that_cannot_be_written_ends_the_line_instead_of_silencing_it(service: Service) -> None:
    maya = await service.customer()
    stream = await maya.stream()
    (socket,) = service.parts.hub._customers[maya.conversation_id]
    socket.connection.send('{"half": "\ud800"}')
    assert await stream.closed() == 1011


async def test_a_fault_while_the_welcome_is_read_closes_the_line_properly(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_given: Any, **_named: Any) -> None:
        raise OSError("the disk is full")

    maya = await service.customer()
    monkeypatch.setattr(reading, "customer_view", broken)
    stream = Stream(await maya.session.ws_connect(f"{CUSTOMER}/stream"))
    await stream.send(type="hello", version=1, token=maya.token)
    assert await stream.closed() == 1011


async def test_a_fault_in_one_frame_leaves_the_line_open(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_given: Any, **_named: Any) -> None:
        raise OSError("the disk is full")

    maya = await service.customer()
    stream = await maya.stream()
    with monkeypatch.context() as patched:
        patched.setattr("handoff.services.conversations.receive_text", broken)
        await stream.send(type="message", client_message_id="abcdefgh-1", text="hello")
        refused = await stream.receive()
    assert (refused["error"]["code"], refused["client_message_id"]) == ("internal_error", "abcdefgh-1")
    assert "disk" not in str(refused)
    await stream.send(type="message", client_message_id="abcdefgh-1", text="hello")
    assert (await stream.until("accepted"))["seq"] == 1


async def test_when_the_service_restarts_everybody_is_told(service: Service) -> None:
    maya = await service.customer()
    ben = await service.agent(BEN)
    streams = [await maya.stream(), await ben.stream()]
    closing = asyncio.create_task(service.parts.hub.close_all())
    assert [await stream.closed() for stream in streams] == [1001, 1001]
    await closing


async def test_those_who_left_are_forgotten(service: Service) -> None:
    maya = await service.customer()
    for _ in range(3):
        await (await maya.stream()).close()

    async def nobody() -> bool:
        return not service.parts.hub._customers

    await until(nobody)
    assert isinstance(service.server.app, aioweb.Application)
    assert isinstance(maya, Customer)
