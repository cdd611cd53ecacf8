"""Whether the service can work: its database answers; and which escalation policy is in force."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import text

from handoff.http.parts import PARTS


def routes() -> list[web.RouteDef]:
    """The health page."""
    return [web.get("/health", health)]


async def health(request: web.Request) -> web.Response:
    """``200`` when the database answers; the error middleware makes everything else a ``500``."""
    context = request.app[PARTS].context
    async with context.db.read() as db:
        await db.execute(text("SELECT 1"))
    return web.json_response({"status": "ok", **(context.live.state.as_json() if context.live else {})})
