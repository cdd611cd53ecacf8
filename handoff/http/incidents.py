"""Incidents over HTTP (``docs/agent-api.md``)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, Field

from handoff.contract import Category, WireModel
from handoff.domain.actors import Actor
from handoff.domain.incidents import OPEN, IncidentStatus
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.agent_schemas import CaseSummary
from handoff.http.errors import ApiError
from handoff.http.guards import case_id_of, identifier_of, read_body
from handoff.http.operations import BODY, SESSION, SIGNED_IN, Operation
from handoff.http.parts import PARTS
from handoff.http.views import case_summary_view, incident_view
from handoff.http.wire import CaseId, FilledText, TitleText, Wire
from handoff.services import incidents, reading_incidents
from handoff.services.audit import note_list
from handoff.services.incident_news import direction_of

_STATUSES = {
    "open": OPEN,
    "over": frozenset(IncidentStatus) - OPEN,
    "all": frozenset(IncidentStatus),
}


class DeclareIncidentRequest(Wire):
    """``POST /incidents``. ``example`` is what a customer who has it would write; with it others are recognised."""

    category: Annotated[Category, Field(strict=False)]
    title: TitleText
    announcement: FilledText
    example: FilledText | None = None


class ConfirmIncidentRequest(Wire):
    """``POST /incidents/{id}/confirm``: what is left out stays as it was proposed."""

    title: TitleText | None = None
    announcement: FilledText | None = None


class DismissIncidentRequest(Wire):
    """``POST /incidents/{id}/dismiss``."""


class ResolveIncidentRequest(Wire):
    """``POST /incidents/{id}/resolve``: what all who have it are told."""

    resolution: FilledText


class LinkIncidentRequest(Wire):
    """``POST /incidents/{id}/cases``."""

    case_id: CaseId


class Incident(WireModel):
    """Several customers with the same problem."""

    id: str
    status: IncidentStatus
    category: Category
    queue: str
    title: str
    announcement: str
    resolution: str | None
    customers: int
    noticed_at: AwareDatetime
    decided_at: AwareDatetime | None
    decided_by: str | None
    resolved_at: AwareDatetime | None
    version: int


class IncidentAnswer(WireModel):
    """An incident after a step."""

    incident: Incident


class IncidentsAnswer(WireModel):
    """``GET /incidents``."""

    incidents: list[Incident]


class IncidentDetailAnswer(WireModel):
    """``GET /incidents/{id}``."""

    incident: Incident
    cases: list[CaseSummary]


class IncidentWordsAnswer(WireModel):
    """``GET /cases/{id}/incident-words``: proposed for an incident that the case is the first of."""

    title: str
    announcement: str


_REFUSALS = (*SIGNED_IN, *BODY, "csrf_failed", "not_found")


def _decide(path: str, summary: str, body: type[Wire], *refusals: str) -> Operation:
    answers: dict[int, tuple[str, type[BaseModel] | None]] = {200: ("The incident as it is now.", IncidentAnswer)}
    whole = f"/incidents/{{incident_id}}/{path}"
    return Operation("post", whole, summary, answers, body, (*_REFUSALS, "case_changed", *refusals), SESSION)


OPERATIONS: Final = (
    Operation(
        "get",
        "/incidents",
        "Incidents of one's queues",
        {200: ("Incidents, the latest first.", IncidentsAnswer)},
        None,
        (*SIGNED_IN, "bad_value"),
        SESSION,
        ({"name": "status", "in": "query", "schema": {"type": "string", "enum": list(_STATUSES), "default": "open"}},),
    ),
    Operation(
        "post",
        "/incidents",
        "Declare an incident",
        {201: ("The incident.", IncidentAnswer)},
        DeclareIncidentRequest,
        (*SIGNED_IN, *BODY, "csrf_failed"),
        SESSION,
    ),
    Operation(
        "get",
        "/incidents/{incident_id}",
        "An incident with its cases",
        {200: ("The incident and the cases that one may see.", IncidentDetailAnswer)},
        None,
        (*SIGNED_IN, "not_found"),
        SESSION,
    ),
    _decide("confirm", "Confirm it, or change its words", ConfirmIncidentRequest, "wrong_state"),
    _decide("dismiss", "Say that it is none", DismissIncidentRequest, "wrong_state"),
    _decide("resolve", "Say that it is over; everybody is told", ResolveIncidentRequest, "wrong_state"),
    _decide("cases", "Link a case", LinkIncidentRequest, "wrong_state"),
    Operation(
        "get",
        "/cases/{case_id}/incident-words",
        "Words proposed for an incident about a case's problem",
        {200: ("What colleagues call it, and what customers are told.", IncidentWordsAnswer)},
        None,
        (*SIGNED_IN, "not_found"),
        SESSION,
    ),
)


def routes() -> list[web.RouteDef]:
    """Reading incidents, and deciding on them."""
    one = f"{BASE}/incidents/{{incident_id}}"
    return [
        web.get(f"{BASE}/incidents", list_incidents),
        web.post(f"{BASE}/incidents", declare),
        web.get(one, read_incident),
        web.post(f"{one}/confirm", confirm),
        web.post(f"{one}/dismiss", dismiss),
        web.post(f"{one}/resolve", resolve),
        web.post(f"{one}/cases", link),
        web.get(f"{BASE}/cases/{{case_id}}/incident-words", propose_words),
    ]


def _id_of(request: web.Request) -> str:
    return identifier_of(request, "incident_id", "incident")


def _respond(body: dict[str, Any], status: int = 200) -> web.Response:
    return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})


async def _as_it_is_now(request: web.Request, incident_id: str, status: int = 200) -> web.Response:
    context = request.app[PARTS].context
    row = await reading_incidents.incident_row(context, incident_id)
    return _respond({"incident": incident_view(row, context.wording)}, status)


async def list_incidents(request: web.Request) -> web.Response:
    """``GET /incidents``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    status = request.query.get("status", "open")
    if status not in _STATUSES:
        raise ApiError("bad_value", f"status is one of {', '.join(_STATUSES)}.", field="status")
    rows = await reading_incidents.incident_rows(context, agent, _STATUSES[status])
    return _respond({"incidents": [incident_view(row, context.wording) for row in rows]})


async def read_incident(request: web.Request) -> web.Response:
    """``GET /incidents/{id}``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    row, cases = await reading_incidents.incident_with_cases(context, _id_of(request), agent)
    await note_list(context, Actor.of_agent(agent), "incident", len(cases), incident=row.incident.id)
    found = [case_summary_view(case, context.wording) for case in cases]
    return _respond({"incident": incident_view(row, context.wording), "cases": found})


async def declare(request: web.Request) -> web.Response:
    """``POST /incidents``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    body = DeclareIncidentRequest.model_validate(await read_body(request))
    incident = await incidents.declare(
        context,
        agent,
        category=body.category,
        title=body.title,
        announcement=body.announcement,
        centre=await direction_of(context, body.example) if body.example else None,
    )
    return await _as_it_is_now(request, incident.id, 201)


async def confirm(request: web.Request) -> web.Response:
    """``POST /incidents/{id}/confirm``."""
    agent = await require_case_worker(request)
    body = ConfirmIncidentRequest.model_validate(await read_body(request))
    incident = await incidents.confirm(
        request.app[PARTS].context,
        _id_of(request),
        agent,
        title=body.title,
        announcement=body.announcement,
    )
    return await _as_it_is_now(request, incident.id)


async def dismiss(request: web.Request) -> web.Response:
    """``POST /incidents/{id}/dismiss``."""
    agent = await require_case_worker(request)
    DismissIncidentRequest.model_validate(await read_body(request))
    incident = await incidents.dismiss(request.app[PARTS].context, _id_of(request), agent)
    return await _as_it_is_now(request, incident.id)


async def resolve(request: web.Request) -> web.Response:
    """``POST /incidents/{id}/resolve``."""
    agent = await require_case_worker(request)
    body = ResolveIncidentRequest.model_validate(await read_body(request))
    incident = await incidents.resolve(request.app[PARTS].context, _id_of(request), agent, resolution=body.resolution)
    return await _as_it_is_now(request, incident.id)


async def link(request: web.Request) -> web.Response:
    """``POST /incidents/{id}/cases``."""
    agent = await require_case_worker(request)
    body = LinkIncidentRequest.model_validate(await read_body(request))
    incident = await incidents.link(request.app[PARTS].context, _id_of(request), agent, case_id=body.case_id)
    return await _as_it_is_now(request, incident.id)


async def propose_words(request: web.Request) -> web.Response:
    """``GET /cases/{id}/incident-words``."""
    agent = await require_case_worker(request)
    words = await incidents.words_for_case(request.app[PARTS].context, agent, case_id_of(request))
    return _respond({"title": words.title, "announcement": words.announcement})
