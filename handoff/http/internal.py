"""What the action server calls: open a case, reopen it. Behind the secret that set-up made."""

from __future__ import annotations

from aiohttp import web

from handoff.contract import HandoffRequest, ReopenRequest
from handoff.http.errors import ApiError
from handoff.http.guards import carries, case_id_of, read_body
from handoff.http.parts import PARTS
from handoff.services import after_case, open_case
from handoff.store import cases as case_store

BASE = "/internal/v1"


def routes() -> list[web.RouteDef]:
    """The internal calls."""
    return [web.post(f"{BASE}/cases", open_new), web.post(f"{BASE}/cases/{{case_id}}/reopen", reopen)]


def require_secret(request: web.Request) -> None:
    """Raise ``ApiError`` unless the request carries the internal secret."""
    if not carries(request, request.app[PARTS].internal_secret):
        raise ApiError("token_invalid", "Internal calls carry the secret that set-up made.")


async def open_new(request: web.Request) -> web.Response:
    """The bot hands over."""
    require_secret(request)
    body = HandoffRequest.model_validate(await read_body(request))
    accepted = await open_case.open_case(request.app[PARTS].context, body)
    return web.json_response(accepted.model_dump(mode="json"), status=201 if accepted.created else 200)


async def reopen(request: web.Request) -> web.Response:
    """The customer told the bot that the solution did not work."""
    require_secret(request)
    body = ReopenRequest.model_validate(await read_body(request))
    context = request.app[PARTS].context
    async with context.db.read() as db:
        case = await case_store.get_case(db, case_id_of(request))
    case, _ = await after_case.reopen(context, case.conversation_id, case.id, note=body.note)
    return web.json_response({"case_id": case.id, "case_number": case.number, "status": case.status})
