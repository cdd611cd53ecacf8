"""Saved views over the agent API: searches under a name."""

from __future__ import annotations

from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import AfterValidator, Field

from handoff.contract import WireModel
from handoff.domain.people import Agent
from handoff.domain.search import QUERY_CHARACTERS
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.guards import identifier_of, read_body
from handoff.http.operations import BODY, SESSION, SIGNED_IN, Operation
from handoff.http.parts import PARTS
from handoff.http.steps import respond
from handoff.http.wire import PlainText, TitleText, Wire
from handoff.services import saved_views
from handoff.store.desk import SavedView


class ViewRequest(Wire):
    """A search and its name; ``shared``: for all who deal with cases."""

    name: Annotated[TitleText, Field(max_length=80)]
    query: Annotated[PlainText, Field(max_length=QUERY_CHARACTERS), AfterValidator(str.strip)]
    shared: bool = False


class ViewOfCases(WireModel):
    """A saved view; ``editable``: one may change and delete it."""

    id: str
    name: str
    query: str
    shared: bool
    owner_name: str
    editable: bool


class ViewsAnswer(WireModel):
    """``GET /views``; ``may_share``: whether one may share a view."""

    views: list[ViewOfCases]
    may_share: bool


class ViewAnswer(WireModel):
    """A view as it is now."""

    view: ViewOfCases


_CHANGES = (*SIGNED_IN, *BODY, "csrf_failed")
OPERATIONS: Final = (
    Operation("get", "/views", "Saved views", {200: ("Views, by name.", ViewsAnswer)}, None, SIGNED_IN, SESSION),
    Operation("post", "/views", "Save a view", {201: ("Saved.", ViewAnswer)}, ViewRequest, _CHANGES, SESSION),
    Operation(
        "post",
        "/views/{view_id}",
        "Change a view",
        {200: ("Changed.", ViewAnswer)},
        ViewRequest,
        (*_CHANGES, "not_found"),
        SESSION,
    ),
    Operation(
        "delete",
        "/views/{view_id}",
        "Delete a view",
        {204: ("Deleted.", None)},
        None,
        (*SIGNED_IN, "csrf_failed", "not_found"),
        SESSION,
    ),
)


def routes() -> list[web.RouteDef]:
    """Reading and changing."""
    return [
        web.get(f"{BASE}/views", list_views),
        web.post(f"{BASE}/views", save),
        web.post(f"{BASE}/views/{{view_id}}", change),
        web.delete(f"{BASE}/views/{{view_id}}", delete),
    ]


async def list_views(request: web.Request) -> web.Response:
    """``GET /views``."""
    agent = await require_case_worker(request)
    found = await saved_views.views_of(request.app[PARTS].context, agent)
    may_share = saved_views.leads_somewhere(agent)
    return respond({"views": [_view(one, agent) for one in found], "may_share": may_share})


async def save(request: web.Request) -> web.Response:
    """``POST /views``."""
    agent = await require_case_worker(request)
    body = ViewRequest.model_validate(await read_body(request))
    context = request.app[PARTS].context
    view = await saved_views.save_view(context, agent, name=body.name, query=body.query, shared=body.shared)
    return respond({"view": _view(view, agent)}, status=201)


async def change(request: web.Request) -> web.Response:
    """``POST /views/{view_id}``."""
    agent = await require_case_worker(request)
    body = ViewRequest.model_validate(await read_body(request))
    view = await saved_views.change_view(
        request.app[PARTS].context,
        agent,
        identifier_of(request, "view_id", "view"),
        name=body.name,
        query=body.query,
        shared=body.shared,
    )
    return respond({"view": _view(view, agent)})


async def delete(request: web.Request) -> web.Response:
    """``DELETE /views/{view_id}``."""
    agent = await require_case_worker(request)
    await saved_views.delete_view(request.app[PARTS].context, agent, identifier_of(request, "view_id", "view"))
    return web.Response(status=204)


def _view(view: SavedView, agent: Agent) -> dict[str, Any]:
    return {
        "id": view.id,
        "name": view.name,
        "query": view.query,
        "shared": view.shared,
        "owner_name": view.agent_name,
        "editable": view.agent_id == agent.id or saved_views.leads_somewhere(agent),
    }
