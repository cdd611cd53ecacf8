"""Canned responses and macros over the agent API: as they read in one case, and run."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from aiohttp import web

from handoff.contract import Category, WireModel
from handoff.desk_content import DeskContent, LiveDeskContent
from handoff.domain.cases import Case
from handoff.domain.people import Agent
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.guards import case_id_of, identifier_of
from handoff.http.operations import SESSION, SIGNED_IN, Operation, step
from handoff.http.parts import PARTS
from handoff.http.steps import respond, take_step
from handoff.http.wire import ClientMessageId, Versioned
from handoff.services import macros
from handoff.services.macros import MacroAhead, RenderedResponse
from warmline.policy import EscalationPolicy
from warmline.settings import Settings

CONTENT: Final = web.AppKey("desk_content", LiveDeskContent)


class RunMacroRequest(Versioned):
    """Run a macro; the same ``client_id`` again changes nothing."""

    client_id: ClientMessageId


class CannedView(WireModel):
    """A response as it reads in the case; ``missing`` are places that nothing is known for, which still stand in it."""

    id: str
    title: str
    language: str
    category: Category | None
    keywords: list[str]
    own: bool
    team: bool
    text: str
    missing: list[str]


class CannedAnswer(WireModel):
    """``GET /cases/{id}/canned``; ``language`` is the customer's, where it is known."""

    responses: list[CannedView]
    language: str | None


class MacroStepView(WireModel):
    """What one step would do; ``texts`` by name: ``text``, ``reason``, ``category``, ``tried``, ``outcome`` ..."""

    kind: str
    texts: dict[str, str]
    minutes: int | None
    severity: int | None


class MacroView(WireModel):
    """A macro with what it would do to the case; one that misses something does not run."""

    name: str
    title: str
    about: str
    steps: list[MacroStepView]
    missing: list[str]


class MacrosAnswer(WireModel):
    """``GET /cases/{id}/macros``."""

    macros: list[MacroView]


OPERATIONS: Final = (
    Operation(
        "get",
        "/cases/{case_id}/canned",
        "Canned responses as they read in a case",
        {200: ("Responses, one's own first.", CannedAnswer)},
        None,
        (*SIGNED_IN, "not_found"),
        SESSION,
    ),
    Operation(
        "get",
        "/cases/{case_id}/macros",
        "Macros, with what each would do",
        {200: ("Macros for its queue.", MacrosAnswer)},
        None,
        (*SIGNED_IN, "not_found"),
        SESSION,
    ),
    step(
        "macros/{name}",
        "Run a macro",
        RunMacroRequest,
        "wrong_state",
        "not_owner",
        "top_level",
        "idempotency_key_reused",
    ),
)


def routes() -> list[web.RouteDef]:
    """Reading, keeping, running."""
    case = f"{BASE}/cases/{{case_id}}"
    return [
        web.get(f"{case}/canned", list_canned),
        web.get(f"{case}/macros", list_macros),
        web.post(f"{case}/macros/{{name}}", run),
    ]


def add_desk_content(app: web.Application, settings: Settings, policy: EscalationPolicy) -> None:
    """Serve the content of the data folder. Raises ``DeskContentError`` when it cannot be used."""
    app[CONTENT] = LiveDeskContent(settings.data_dir, policy, time.monotonic)


async def _content(request: web.Request) -> DeskContent:
    return await asyncio.to_thread(request.app[CONTENT].now, request.app[PARTS].context.policy)


async def list_canned(request: web.Request) -> web.Response:
    """``GET /cases/{id}/canned``."""
    agent = await require_case_worker(request)
    context, content = request.app[PARTS].context, await _content(request)
    found = await macros.responses_for(context, content, case_id_of(request), agent)
    return respond({"responses": [_canned_view(one) for one in found.responses], "language": found.language})


def _canned_view(one: RenderedResponse) -> dict[str, Any]:
    response = one.response
    return {
        "id": response.id,
        "title": response.title,
        "language": response.language,
        "category": response.category,
        "keywords": list(response.keywords),
        "own": response.own,
        "team": response.team,
        "text": one.rendered.text,
        "missing": list(one.rendered.missing),
    }


async def list_macros(request: web.Request) -> web.Response:
    """``GET /cases/{id}/macros``."""
    agent = await require_case_worker(request)
    context, content = request.app[PARTS].context, await _content(request)
    found = await macros.macros_for(context, content, case_id_of(request), agent)
    return respond({"macros": [_macro_view(one) for one in found]})


def _macro_view(one: MacroAhead) -> dict[str, Any]:
    steps = [
        {"kind": step.kind, "texts": dict(step.texts), "minutes": step.minutes, "severity": step.severity}
        for step in one.steps
    ]
    macro = one.macro
    return {
        "name": macro.name,
        "title": macro.title,
        "about": macro.about,
        "steps": steps,
        "missing": list(one.missing),
    }


async def run(request: web.Request) -> web.Response:
    """``POST /cases/{id}/macros/{name}``."""
    context, content = request.app[PARTS].context, await _content(request)
    name = identifier_of(request, "name", "macro")

    async def act(case_id: str, agent: Agent, body: RunMacroRequest) -> Case:
        return await macros.run_macro(context, content, case_id, agent, name, client_id=body.client_id)

    return await take_step(request, RunMacroRequest, act)
