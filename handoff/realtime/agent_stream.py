"""The agent's WebSocket: a complete snapshot, then what changes (``docs/agent-api.md``)."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import structlog
from aiohttp import WSMsgType, web
from pydantic import ValidationError

from handoff.domain.actors import Actor
from handoff.domain.errors import HandoffError, NotAllowed
from handoff.domain.people import LEAD_LEVEL
from handoff.domain.presence import PresenceStep
from handoff.http.agent_auth import COOKIE, require_case_session
from handoff.http.errors import ApiError, error_frame
from handoff.http.parts import PARTS, Parts
from handoff.http.views import agent_view, case_summary_view, queue_view
from handoff.http.wire import CaseFrame, PresenceFrame, TypingFrame, ViewingFrame, WatchFrame, Writing
from handoff.http.work_views import offer_view, presence_view
from handoff.realtime.connection import CLOSE_INTERNAL, Connection, encode, parse_frame, web_socket
from handoff.realtime.desks import end_unless_current
from handoff.realtime.sockets import AgentSocket
from handoff.realtime.viewers import TYPING_SHOWN_MS, Looking
from handoff.services import offers, presence, reading
from handoff.services.audit import note_list
from handoff.services.case_writing import visible_case
from handoff.services.sign_in import session_key, session_of
from handoff.store import notifications

log = structlog.get_logger(__name__)

STREAM_VERSION: Final = 1


async def agent_stream(request: web.Request) -> web.StreamResponse:
    """``GET /stream``; refused before the upgrade without a session or from a foreign page."""
    parts = request.app[PARTS]
    session = await require_case_session(request)
    token = request.cookies[COOKIE]
    socket = web_socket()
    await socket.prepare(request)
    live = AgentSocket(Connection(socket), session.agent, session_key(token))
    parts.hub.add_agent(live)
    left = session.expires_at - parts.context.clock()
    expiry = asyncio.get_running_loop().call_later(left.total_seconds(), parts.hub.end_session, live.session_key)
    try:
        await presence.heartbeat(parts.context, [live.agent.id])
        await _send_snapshot(parts, live)
        async for incoming in socket:
            if end_unless_current(live, await session_of(parts.context, token)):
                break
            if incoming.type is WSMsgType.TEXT:
                await _answer(parts, live, incoming.data)
            elif incoming.type is WSMsgType.BINARY:
                _refuse(live, ApiError("not_json", "Send JSON as text frames."), None)
    except Exception:
        log.exception("agent_stream_failed")
        await socket.close(code=CLOSE_INTERNAL, message=b"internal error")
    finally:
        expiry.cancel()
        parts.hub.remove_agent(live)
        await live.connection.finish()
        await _left(parts, live.agent.id)
    return socket


async def _left(parts: Parts, agent_id: str) -> None:
    """Whoever closed their last desk here is gone at once; where that cannot be written, heartbeats end."""
    if parts.hub.has_desk(agent_id):
        return
    try:
        await presence.leave(
            parts.context, agent_id, PresenceStep.CLOSE_DESK, unless=lambda: parts.hub.has_desk(agent_id)
        )
    except Exception:
        log.exception("leaving_failed")


async def _send_snapshot(parts: Parts, live: AgentSocket) -> None:
    context = parts.context
    queues = await reading.queue_rows(context, live.agent)
    cases = await reading.case_rows(context, live.agent)
    await note_list(context, Actor.of_agent(live.agent), "desk", len(cases))
    own = await presence.own_presence(context, live.agent.id)
    pending = await offers.own_offers(context, live.agent)
    now = context.clock()
    async with context.db.read() as db:
        unread = await notifications.unread_count(db, live.agent.id)
    snapshot = {
        "type": "snapshot",
        "version": STREAM_VERSION,
        "agent": agent_view(live.agent),
        "queues": [queue_view(row, context.wording) for row in queues],
        "cases": [case_summary_view(row, context.wording) for row in cases],
        "presence": presence_view(live.agent.id, presence.state_of(context, own), own.changed_at if own else None),
        "offers": [offer_view(offer, case, now) for offer, case in pending],
        "unread_notifications": unread,
    }
    parts.hub.snapshot(live, encode(snapshot))


async def _answer(parts: Parts, live: AgentSocket, raw: str) -> None:
    case_id: str | None = None
    try:
        frame = parse_frame(raw)
        given = frame.get("case_id")
        case_id = given if isinstance(given, str) and len(given) <= 64 else None
        await _act(parts, live, frame)
    except (ApiError, HandoffError, ValidationError) as error:
        _refuse(live, error, case_id)
    except Exception as error:
        log.exception("frame_failed")
        _refuse(live, error, case_id)


def _refuse(live: AgentSocket, error: Exception, case_id: str | None) -> None:
    live.connection.send(encode({"type": "error", "error": error_frame(error), "case_id": case_id}))


async def _act(parts: Parts, live: AgentSocket, frame: dict[str, Any]) -> None:
    kind = frame.get("type")
    if kind == "watch":
        wanted = WatchFrame.model_validate(frame)
        await parts.hub.watch(parts.context, live, wanted.case_id, wanted.after_seq)
    elif kind == "unwatch":
        parts.hub.unwatch(live, CaseFrame.model_validate(frame).case_id)
    elif kind == "typing":
        await _typing(parts, live, TypingFrame.model_validate(frame))
    elif kind == "viewing":
        await _viewing(parts, live, ViewingFrame.model_validate(frame))
    elif kind == "presence":
        chosen = PresenceFrame.model_validate(frame)
        await presence.choose_presence(parts.context, live.agent, chosen.state)
    elif kind == "ping":
        for field in frame.keys() - {"type"}:
            raise ApiError("unknown_field", f"There is no field {field[:40]!r} here.", field=field[:40])
        live.connection.send(json.dumps({"type": "pong"}))
    else:
        raise ApiError("unknown_type", f"There is no frame of type {str(kind)[:40]!r} here.", field="type")


async def _typing(parts: Parts, live: AgentSocket, frame: TypingFrame) -> None:
    """Colleagues at the case see who writes what, the customer only the owner's reply. It expires by itself."""
    async with parts.context.db.read() as db:
        case = await visible_case(db, frame.case_id, live.agent)
    parts.hub.viewers.typing(live, case.id, frame.what)
    if case.agent_id == live.agent.id and frame.what is Writing.REPLY:
        shown = {"type": "typing", "sender": "agent", "name": live.agent.name, "for_ms": TYPING_SHOWN_MS}
        parts.hub.typing_to_customer(case.conversation_id, encode(shown))


async def _viewing(parts: Parts, live: AgentSocket, frame: ViewingFrame) -> None:
    """Raises ``NotFound``, and ``NotAllowed`` where somebody who does not lead the queue would look unseen."""
    if frame.case_id is None:
        parts.hub.viewers.look(live, None)
        return
    async with parts.context.db.read() as db:
        case = await visible_case(db, frame.case_id, live.agent)
    if frame.quietly and not live.agent.leads(case.category):
        raise NotAllowed("Only who leads the queue looks at a case without being seen.", level=LEAD_LEVEL)
    # The socket may have ended while the case was read.
    if parts.hub.is_connected(live):
        parts.hub.viewers.look(live, Looking(case.id, frame.quietly))
