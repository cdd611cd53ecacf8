"""The agent's WebSocket: a complete snapshot, then what changes (``docs/agent-api.md``)."""

from __future__ import annotations

import json
from typing import Any, Final

import structlog
from aiohttp import WSMsgType, web
from pydantic import ValidationError

from handoff.domain.errors import HandoffError
from handoff.http.agent_auth import COOKIE, require_case_worker
from handoff.http.errors import ApiError, error_frame, parse_json
from handoff.http.guards import BODY_BYTES
from handoff.http.parts import PARTS, Parts
from handoff.http.views import agent_view, case_summary_view, queue_view
from handoff.http.wire import CaseFrame, WatchFrame
from handoff.realtime.connection import CLOSE_TOKEN, Connection, encode
from handoff.realtime.hub import AgentSocket
from handoff.services import reading
from handoff.services.case_writing import visible_case
from handoff.services.sign_in import session_of

log = structlog.get_logger(__name__)

STREAM_VERSION: Final = 1
HEARTBEAT_SECONDS: Final = 25.0
TYPING_SHOWN_MS: Final = 5000


async def agent_stream(request: web.Request) -> web.StreamResponse:
    """``GET /stream``; refused before the upgrade without a session or from a foreign page."""
    parts = request.app[PARTS]
    agent = await require_case_worker(request)
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=BODY_BYTES)
    await socket.prepare(request)
    live = AgentSocket(Connection(socket), agent)
    parts.hub.add_agent(live)
    try:
        await _send_snapshot(parts, live)
        async for incoming in socket:
            if incoming.type is not WSMsgType.TEXT:
                continue
            if await session_of(parts.context, request.cookies[COOKIE]) is None:
                await socket.close(code=CLOSE_TOKEN, message=b"signed out")
                break
            await _answer(parts, live, incoming.data)
    finally:
        parts.hub.remove_agent(live)
        await live.connection.finish()
    return socket


async def _send_snapshot(parts: Parts, live: AgentSocket) -> None:
    context = parts.context
    queues = await reading.queue_rows(context, live.agent)
    cases = await reading.case_rows(context, live.agent)
    live.connection.send(
        encode(
            {
                "type": "snapshot",
                "version": STREAM_VERSION,
                "agent": agent_view(live.agent),
                "queues": [queue_view(row, context.wording) for row in queues],
                "cases": [case_summary_view(row, context.wording) for row in cases],
            }
        )
    )


async def _answer(parts: Parts, live: AgentSocket, raw: str) -> None:
    case_id: str | None = None
    try:
        frame = parse_json(raw)
        given = frame.get("case_id")
        case_id = given if isinstance(given, str) and len(given) <= 64 else None
        await _act(parts, live, frame)
    except (ApiError, HandoffError, ValidationError) as error:
        live.connection.send(encode({"type": "error", "error": error_frame(error), "case_id": case_id}))
    except Exception as error:
        log.exception("frame_failed")
        live.connection.send(encode({"type": "error", "error": error_frame(error), "case_id": case_id}))


async def _act(parts: Parts, live: AgentSocket, frame: dict[str, Any]) -> None:
    kind = frame.get("type")
    if kind == "watch":
        wanted = WatchFrame.model_validate(frame)
        await parts.hub.watch(parts.context, live, wanted.case_id, wanted.after_seq)
    elif kind == "unwatch":
        parts.hub.unwatch(live, CaseFrame.model_validate(frame).case_id)
    elif kind == "typing":
        await _typing(parts, live, CaseFrame.model_validate(frame).case_id)
    elif kind == "ping":
        for field in frame.keys() - {"type"}:
            raise ApiError("unknown_field", f"There is no field {field[:40]!r} here.", field=field[:40])
        live.connection.send(json.dumps({"type": "pong"}))
    else:
        raise ApiError("unknown_type", f"There is no frame of type {str(kind)[:40]!r} here.", field="type")


async def _typing(parts: Parts, live: AgentSocket, case_id: str) -> None:
    """Only the owner's typing is shown, and it expires by itself."""
    async with parts.context.db.read() as db:
        case = await visible_case(db, case_id, live.agent)
    if case.agent_id == live.agent.id:
        frame = {"type": "typing", "sender": "agent", "name": live.agent.name, "for_ms": TYPING_SHOWN_MS}
        parts.hub.typing_to_customer(case.conversation_id, encode(frame))
