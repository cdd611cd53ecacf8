"""How a step of a case is taken over HTTP: parsed, checked against the version, answered with the case as it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiohttp import web

from handoff.domain.cases import Case
from handoff.domain.people import Agent
from handoff.http.agent_auth import require_case_worker
from handoff.http.guards import case_id_of, read_body
from handoff.http.parts import PARTS
from handoff.http.views import case_summary_view
from handoff.http.wire import Versioned
from handoff.services import reading
from handoff.services.as_seen import as_seen

Body = TypeVar("Body", bound=Versioned)


def respond(body: dict[str, Any], status: int = 200) -> web.Response:
    """An answer that nobody keeps."""
    return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})


async def take_step(
    request: web.Request, model: type[Body], act: Callable[[str, Agent, Body], Awaitable[Case]]
) -> web.Response:
    """Parse, act on the case as it was seen if a version is given, answer with the case as it is now."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    body = model.model_validate(await read_body(request))
    case_id = case_id_of(request)
    with as_seen(case_id, body.version):
        case = await act(case_id, agent, body)
    row = await reading.case_row(context, case.id)
    return respond({"case": case_summary_view(row, context.wording)})
