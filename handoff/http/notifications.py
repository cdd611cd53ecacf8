"""The agent API's calls about what one was told."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from handoff.domain.errors import NotFound
from handoff.http.agent_auth import BASE, require_session
from handoff.http.errors import ApiError
from handoff.http.guards import identifier_of
from handoff.http.parts import PARTS
from handoff.http.views import notification_view
from handoff.store import notifications as store

LIMIT: Final = 100


def routes() -> list[web.RouteDef]:
    """Reading, and marking as read."""
    return [
        web.get(f"{BASE}/notifications", list_notifications),
        web.post(f"{BASE}/notifications/read", mark_all_read),
        web.post(f"{BASE}/notifications/{{notification_id}}/read", mark_read),
    ]


def _respond(body: dict[str, Any]) -> web.Response:
    return web.json_response(body, headers={"Cache-Control": "no-store"})


async def list_notifications(request: web.Request) -> web.Response:
    """``GET /notifications``."""
    agent = (await require_session(request)).agent
    raw, unread = request.query.get("limit", "50"), request.query.get("unread", "false")
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 3 and 1 <= int(raw) <= LIMIT):
        raise ApiError("bad_value", f"limit is a number from 1 to {LIMIT}.", field="limit")
    if unread not in ("true", "false"):
        raise ApiError("bad_value", "unread is true or false.", field="unread")
    async with request.app[PARTS].context.db.read() as db:
        found = await store.notifications_of(db, agent.id, limit=int(raw), unread=unread == "true")
        count = await store.unread_count(db, agent.id)
    return _respond({"notifications": [notification_view(one) for one in found], "unread": count})


async def mark_read(request: web.Request) -> web.Response:
    """``POST /notifications/{id}/read``; one's own only."""
    agent = (await require_session(request)).agent
    context, wanted = request.app[PARTS].context, identifier_of(request, "notification_id", "notification")
    async with context.db.write() as db:
        if not await store.exists(db, agent.id, wanted):
            raise NotFound("There is no such notification.")
        count = await store.mark_read(db, agent.id, context.clock(), wanted)
    return _respond({"count": count})


async def mark_all_read(request: web.Request) -> web.Response:
    """``POST /notifications/read``."""
    agent = (await require_session(request)).agent
    context = request.app[PARTS].context
    async with context.db.write() as db:
        count = await store.mark_read(db, agent.id, context.clock())
    return _respond({"count": count})
