"""Whether the service can work: its database answers; which escalation policy is in force; numbers for monitoring."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from handoff.http.errors import ApiError
from handoff.http.guards import carries
from handoff.http.parts import PARTS
from handoff.metrics import Metrics

METRICS: Final = web.AppKey("metrics", Metrics)


def routes() -> list[web.RouteDef]:
    """The health page, and the numbers."""
    return [web.get("/health", health), web.get("/metrics", read_metrics)]


async def health(request: web.Request) -> web.Response:
    """``200`` when the database answers; the error middleware makes everything else a ``500``."""
    context = request.app[PARTS].context
    async with context.db.read() as db:
        await db.execute(text("SELECT 1"))
    return web.json_response({"status": "ok", **(context.live.state.as_json() if context.live else {})})


async def read_metrics(request: web.Request) -> web.Response:
    """The numbers in Prometheus' format, for who carries their own secret: a proxy before us may serve everybody."""
    if not carries(request, request.app[PARTS].metrics_secret):
        raise ApiError(
            "token_invalid",
            "Send Authorization: Bearer and the secret `metrics` of var/secrets.json, or WARMLINE_SECRET_METRICS.",
        )
    metrics = request.app[METRICS]
    await metrics.read(request.app[PARTS].context, request.app[PARTS].hub)
    return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
