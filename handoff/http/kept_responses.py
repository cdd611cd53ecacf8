"""Canned responses that agents keep at the desk, over the agent API: for themselves, or for their team."""

from __future__ import annotations

from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field

from handoff.contract import Category, WireModel
from handoff.domain.canned import KeptResponse, Place
from handoff.domain.conversations import MESSAGE_CHARACTERS
from handoff.domain.people import Agent
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.guards import case_id_of, identifier_of, read_body
from handoff.http.operations import BODY, SESSION, SIGNED_IN, Operation
from handoff.http.parts import PARTS
from handoff.http.steps import respond
from handoff.http.wire import MessageText, PlainText, TitleText, Wire
from handoff.services import kept_responses
from handoff.services.kept_responses import ResponseWords
from handoff.services.saved_views import leads_somewhere


class KeptResponseRequest(Wire):
    """A response; ``category`` null is for any case, ``shared`` for everybody who deals with cases."""

    title: Annotated[TitleText, Field(max_length=80)]
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    text: MessageText
    category: Annotated[Category, Field(strict=False)] | None = None
    shared: bool = False


class PreviewRequest(Wire):
    """A text that is being written."""

    text: Annotated[PlainText, Field(max_length=MESSAGE_CHARACTERS)]


class KeptResponseView(WireModel):
    """A response as it is kept, its places unfilled; ``editable``: one may change and delete it."""

    id: str
    title: str
    language: str
    text: str
    category: Category | None
    shared: bool
    owner_name: str
    editable: bool


class KeptResponseAnswer(WireModel):
    """A response as it is now."""

    response: KeptResponseView


class KeptResponsesAnswer(WireModel):
    """``GET /canned``; ``places`` may stand in braces, ``may_share``: whether one may keep any for the team."""

    responses: list[KeptResponseView]
    places: list[str]
    may_share: bool


class PreviewAnswer(WireModel):
    """``missing`` are places that the case has nothing for, ``strange`` those that do not exist, and lone braces."""

    text: str
    missing: list[str]
    strange: list[str]


_CHANGES = (*SIGNED_IN, *BODY, "csrf_failed", "message_empty", "message_too_long")
OPERATIONS: Final = (
    Operation(
        "get",
        "/canned",
        "The responses that one keeps, and the team's",
        {200: ("Responses, by title.", KeptResponsesAnswer)},
        None,
        SIGNED_IN,
        SESSION,
    ),
    Operation(
        "post",
        "/canned",
        "Keep a response for oneself or the team",
        {201: ("Kept.", KeptResponseAnswer)},
        KeptResponseRequest,
        _CHANGES,
        SESSION,
    ),
    Operation(
        "post",
        "/canned/{response_id}",
        "Change a response",
        {200: ("Changed.", KeptResponseAnswer)},
        KeptResponseRequest,
        (*_CHANGES, "not_found"),
        SESSION,
    ),
    Operation(
        "delete",
        "/canned/{response_id}",
        "Delete a response",
        {204: ("Deleted.", None)},
        None,
        (*SIGNED_IN, "csrf_failed", "not_found"),
        SESSION,
    ),
    Operation(
        "post",
        "/cases/{case_id}/canned/preview",
        "How a text would read in a case",
        {200: ("The text, filled in.", PreviewAnswer)},
        PreviewRequest,
        (*SIGNED_IN, *BODY, "csrf_failed", "not_found"),
        SESSION,
    ),
)


def routes() -> list[web.RouteDef]:
    """Reading, keeping, trying."""
    return [
        web.get(f"{BASE}/canned", list_kept),
        web.post(f"{BASE}/canned", keep),
        web.post(f"{BASE}/canned/{{response_id}}", change),
        web.delete(f"{BASE}/canned/{{response_id}}", delete),
        web.post(f"{BASE}/cases/{{case_id}}/canned/preview", preview),
    ]


async def list_kept(request: web.Request) -> web.Response:
    """``GET /canned``."""
    agent = await require_case_worker(request)
    found = await kept_responses.responses_of(request.app[PARTS].context, agent)
    views = [_view(one, agent) for one in found]
    return respond({"responses": views, "places": list(Place), "may_share": leads_somewhere(agent)})


async def _words(request: web.Request) -> ResponseWords:
    body = KeptResponseRequest.model_validate(await read_body(request))
    return ResponseWords(**body.model_dump())


async def keep(request: web.Request) -> web.Response:
    """``POST /canned``."""
    agent = await require_case_worker(request)
    kept = await kept_responses.keep(request.app[PARTS].context, agent, await _words(request))
    return respond({"response": _view(kept, agent)}, status=201)


async def change(request: web.Request) -> web.Response:
    """``POST /canned/{response_id}``."""
    agent = await require_case_worker(request)
    response_id = identifier_of(request, "response_id", "response")
    kept = await kept_responses.change(request.app[PARTS].context, agent, response_id, await _words(request))
    return respond({"response": _view(kept, agent)})


async def delete(request: web.Request) -> web.Response:
    """``DELETE /canned/{response_id}``."""
    agent = await require_case_worker(request)
    response_id = identifier_of(request, "response_id", "response")
    await kept_responses.delete(request.app[PARTS].context, agent, response_id)
    return web.Response(status=204)


async def preview(request: web.Request) -> web.Response:
    """``POST /cases/{id}/canned/preview``."""
    agent = await require_case_worker(request)
    body = PreviewRequest.model_validate(await read_body(request))
    tried = await kept_responses.preview(request.app[PARTS].context, agent, case_id_of(request), body.text)
    rendered = tried.rendered
    return respond({"text": rendered.text, "missing": list(rendered.missing), "strange": list(tried.strange)})


def _view(kept: KeptResponse, agent: Agent) -> dict[str, Any]:
    return {
        "id": kept.id,
        "title": kept.title,
        "language": kept.language,
        "text": kept.text,
        "category": kept.category,
        "shared": kept.shared,
        "owner_name": kept.agent_name,
        "editable": kept_responses.may_change(agent, kept),
    }
