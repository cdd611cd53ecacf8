"""Where the customer can be written to: ``POST /contact`` of the customer protocol."""

from __future__ import annotations

from aiohttp import web

from handoff.http.customer import BASE, conversation_of
from handoff.http.guards import read_body
from handoff.http.parts import PARTS
from handoff.http.wire import ContactRequest
from handoff.services.contact import take_email


def routes() -> list[web.RouteDef]:
    """The call of this module."""
    return [web.post(f"{BASE}/contact", take)]


async def take(request: web.Request) -> web.Response:
    """``POST /contact``."""
    parts = request.app[PARTS]
    conversation_id = conversation_of(request)
    body = ContactRequest.model_validate(await read_body(request))
    parts.messages_limit.check(conversation_id, "messages")
    return web.json_response({"email": await take_email(parts.context, conversation_id, body.email)})
