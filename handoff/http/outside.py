"""The agent API's calls about what is told outside: webhooks (admins) and the outbox (supervisors)."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from handoff.delivery.webhooks import WebhookClient, check_target
from handoff.domain.actors import Actor
from handoff.domain.outbox import Delivery, DeliveryStatus, Filter, Verdict, Webhook
from handoff.domain.people import Agent, Role
from handoff.http.agent_auth import BASE, require_session
from handoff.http.errors import ApiError
from handoff.http.guards import identifier_of, read_body
from handoff.http.outside_schemas import WebhookRequest
from handoff.http.parts import PARTS
from handoff.http.views import when
from handoff.services import webhooks

WEBHOOK_CLIENT: Final = web.AppKey("webhook_client", WebhookClient)
DELIVERIES_LIMIT: Final = 500


def routes() -> list[web.RouteDef]:
    """What is told outside."""
    return [
        web.get(f"{BASE}/webhooks", list_webhooks),
        web.post(f"{BASE}/webhooks", add_webhook),
        web.delete(f"{BASE}/webhooks/{{webhook_id}}", remove_webhook),
        web.post(f"{BASE}/webhooks/{{webhook_id}}/test", try_webhook),
        web.get(f"{BASE}/outbox", list_outbox),
        web.post(f"{BASE}/outbox/resend", resend_all),
        web.post(f"{BASE}/outbox/{{delivery_id}}/resend", resend),
    ]


async def _admin(request: web.Request) -> Agent:
    agent = (await require_session(request)).agent
    if agent.role is not Role.ADMIN:
        raise ApiError("not_allowed", "Only admins decide what other systems are told.")
    return agent


async def _supervisor(request: web.Request) -> Agent:
    agent = (await require_session(request)).agent
    if not agent.sees_all:
        raise ApiError("not_allowed", "Only supervisors look after what is told outside.")
    return agent


def _respond(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})


def webhook_view(webhook: Webhook) -> dict[str, Any]:
    """A webhook without its secret."""
    return {
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "format": webhook.format,
        "events": sorted(webhook.events),
        "created_at": when(webhook.created_at),
    }


def delivery_view(delivery: Delivery) -> dict[str, Any]:
    """A delivery without its content, which may be about people."""
    return {
        "id": delivery.id,
        "channel": delivery.channel,
        "webhook_id": delivery.webhook_id,
        "event": delivery.event,
        "event_id": delivery.event_id,
        "case_id": delivery.case_id,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "created_at": when(delivery.created_at),
        "next_try_at": when(delivery.next_try_at) if delivery.status is DeliveryStatus.PENDING else None,
        "sent_at": when(delivery.sent_at),
        "error": delivery.error,
    }


async def list_webhooks(request: web.Request) -> web.Response:
    """``GET /webhooks``."""
    await _admin(request)
    found = await webhooks.list_webhooks(request.app[PARTS].context)
    return _respond({"webhooks": [webhook_view(webhook) for webhook in found]})


async def add_webhook(request: web.Request) -> web.Response:
    """``POST /webhooks``; the only answer that holds the secret."""
    agent = await _admin(request)
    body = WebhookRequest.model_validate(await read_body(request))
    await check_target(body.url, allow_private=request.app[WEBHOOK_CLIENT].allow_private)
    webhook = await webhooks.add_webhook(
        request.app[PARTS].context,
        Actor.of_agent(agent),
        name=body.name,
        url=body.url,
        format=body.format,
        events=body.events,
        secret=body.secret,
    )
    return _respond({"webhook": webhook_view(webhook), "secret": webhook.secret}, status=201)


async def remove_webhook(request: web.Request) -> web.Response:
    """``DELETE /webhooks/{id}``."""
    agent = await _admin(request)
    webhook_id = identifier_of(request, "webhook_id", "webhook")
    await webhooks.remove_webhook(request.app[PARTS].context, Actor.of_agent(agent), webhook_id)
    return web.Response(status=204)


async def try_webhook(request: web.Request) -> web.Response:
    """``POST /webhooks/{id}/test``."""
    await _admin(request)
    context = request.app[PARTS].context
    webhook = await webhooks.webhook_to_test(context, identifier_of(request, "webhook_id", "webhook"))
    outcome = await request.app[WEBHOOK_CLIENT].send(webhook, webhooks.trial_delivery(context, webhook))
    return _respond({"delivered": outcome.verdict is Verdict.SENT, "error": outcome.error})


async def list_outbox(request: web.Request) -> web.Response:
    """``GET /outbox``."""
    await _supervisor(request)
    status = request.query.get("status", DeliveryStatus.DEAD)
    if status not in frozenset(DeliveryStatus):
        raise ApiError("bad_value", f"status is one of {', '.join(DeliveryStatus)}.", field="status")
    raw = request.query.get("limit", "50")
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 3 and 1 <= int(raw) <= DELIVERIES_LIMIT):
        raise ApiError("bad_value", f"limit is a number from 1 to {DELIVERIES_LIMIT}.", field="limit")
    wanted = Filter(status=DeliveryStatus(status), limit=int(raw))
    found = await webhooks.list_deliveries(request.app[PARTS].context, wanted)
    return _respond({"deliveries": [delivery_view(delivery) for delivery in found]})


async def resend(request: web.Request) -> web.Response:
    """``POST /outbox/{id}/resend``."""
    agent = await _supervisor(request)
    delivery_id = identifier_of(request, "delivery_id", "delivery")
    count = await webhooks.send_again(request.app[PARTS].context, Actor.of_agent(agent), delivery_id)
    return _respond({"count": count})


async def resend_all(request: web.Request) -> web.Response:
    """``POST /outbox/resend``."""
    agent = await _supervisor(request)
    return _respond({"count": await webhooks.send_again(request.app[PARTS].context, Actor.of_agent(agent))})
