"""The agent API over HTTP (``docs/agent-api.md``)."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from handoff.contract import Category, Triage
from handoff.domain.actors import Actor
from handoff.domain.audit import Did
from handoff.domain.cases import Case, CaseStatus
from handoff.domain.people import Agent
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.errors import ApiError
from handoff.http.guards import LITTLE, after_parameter, case_id_of, read_body, wants_little
from handoff.http.options_view import options_view
from handoff.http.parts import PARTS
from handoff.http.steps import respond as _respond
from handoff.http.steps import take_step as _step
from handoff.http.views import (
    agent_message_view,
    case_detail_view,
    case_summary_view,
    queue_view,
    records_by_message,
)
from handoff.http.wire import (
    AcceptRequest,
    AgentMessageRequest,
    EscalateRequest,
    NextUpdateRequest,
    NoteRequest,
    ReleaseRequest,
    ResolveRequest,
    SeverityRequest,
    TransferRequest,
    VerdictRequest,
)
from handoff.services import case_steps, case_talk, reading, verdicts
from handoff.services.as_seen import as_seen
from handoff.services.audit import note_list, note_seen
from handoff.services.triage import change_severity

LIST_LIMIT = 500
_STATUSES = {
    "waiting_in_queue": (CaseStatus.OPEN,),
    "mine": (CaseStatus.OPEN, CaseStatus.ACTIVE, CaseStatus.WAITING),
    "open": (CaseStatus.OPEN, CaseStatus.ACTIVE, CaseStatus.WAITING),
    "closed": (CaseStatus.CLOSED,),
}


def routes() -> list[web.RouteDef]:
    """Reading and acting; signing in is in ``agent_auth``, the stream in ``realtime.agent_stream``."""
    case = f"{BASE}/cases/{{case_id}}"
    return [
        web.get(f"{BASE}/queues", list_queues),
        web.get(f"{BASE}/options", read_options),
        web.get(f"{BASE}/cases", list_cases),
        web.get(case, read_case),
        web.get(f"{case}/messages", read_messages),
        web.post(f"{case}/accept", accept),
        web.post(f"{case}/release", release),
        web.post(f"{case}/messages", send_message),
        web.post(f"{case}/notes", add_note),
        web.post(f"{case}/transfer", transfer),
        web.post(f"{case}/escalate", escalate),
        web.post(f"{case}/resolve", resolve),
        web.post(f"{case}/verdict", judge),
        web.post(f"{case}/severity", set_severity),
        web.post(f"{case}/next-update", promise_next_update),
    ]


async def list_queues(request: web.Request) -> web.Response:
    """``GET /queues``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    rows = await reading.queue_rows(context, agent)
    return _respond({"queues": [queue_view(row, context.wording) for row in rows]})


async def read_options(request: web.Request) -> web.Response:
    """``GET /options``: what forms offer, from the policy and the wording."""
    await require_case_worker(request)
    context = request.app[PARTS].context
    return _respond(options_view(context.policy, context.wording))


async def list_cases(request: web.Request) -> web.Response:
    """``GET /cases``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    status = request.query.get("status", "open")
    if status not in _STATUSES:
        raise ApiError("bad_value", f"status is one of {', '.join(_STATUSES)}.", field="status")
    rows = await reading.case_rows(
        context,
        agent,
        statuses=_STATUSES[status],
        category=_category(request),
        mine=status == "mine",
        limit=_limit(request),
    )
    category = request.query.get("category") or None
    await note_list(context, Actor.of_agent(agent), "cases", len(rows), status=status, category=category)
    return _respond({"cases": [case_summary_view(row, context.wording) for row in rows]})


def _category(request: web.Request) -> Category | None:
    raw = request.query.get("category", "")
    if not raw:
        return None
    try:
        return Category(raw)
    except ValueError as error:
        raise ApiError("bad_value", f"category is one of {', '.join(Category)}.", field="category") from error


def _limit(request: web.Request) -> int:
    raw = request.query.get("limit", "50")
    if not (raw.isascii() and raw.isdigit() and len(raw) <= len(str(LIST_LIMIT)) and 1 <= int(raw) <= LIST_LIMIT):
        raise ApiError("bad_value", f"limit is a number from 1 to {LIST_LIMIT}.", field="limit")
    return int(raw)


async def read_case(request: web.Request) -> web.Response:
    """``GET /cases/{id}``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    view = await reading.case_view(context, case_id_of(request), agent)
    await note_seen(context, Actor.of_agent(agent), Did.CASE_SEEN, view.row.case.id)
    return _respond({"case": case_detail_view(view, context.wording)})


async def read_messages(request: web.Request) -> web.Response:
    """``GET /cases/{id}/messages``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    after = after_parameter(request)
    case_id = case_id_of(request)
    found, turns = await reading.transcript_after(context, case_id, agent, after=after)
    if found:
        await note_seen(context, Actor.of_agent(agent), Did.TRANSCRIPT_READ, case_id, messages=len(found))
    records = records_by_message(turns)
    return _respond(
        {
            "messages": [agent_message_view(message, records) for message in found],
            "last_seq": found[-1].seq if found else after,
        }
    )


async def accept(request: web.Request) -> web.Response:
    """``POST /cases/{id}/accept``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: AcceptRequest) -> Case:
        return await case_steps.accept(context, case_id, agent, override_reason=body.override_reason)

    return await _step(request, AcceptRequest, act)


async def release(request: web.Request) -> web.Response:
    """``POST /cases/{id}/release``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: ReleaseRequest) -> Case:
        return await case_steps.release(
            context, case_id, agent, reason=body.reason, tried=body.tried, next_step=body.next_step
        )

    return await _step(request, ReleaseRequest, act)


async def add_note(request: web.Request) -> web.Response:
    """``POST /cases/{id}/notes``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: NoteRequest) -> Case:
        return await case_talk.add_note(context, case_id, agent, text=body.text)

    return await _step(request, NoteRequest, act)


async def transfer(request: web.Request) -> web.Response:
    """``POST /cases/{id}/transfer``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: TransferRequest) -> Case:
        return await case_steps.transfer(
            context,
            case_id,
            agent,
            category=body.category,
            tried=body.tried,
            next_step=body.next_step,
            wrong_category=body.wrong_category,
        )

    return await _step(request, TransferRequest, act)


async def escalate(request: web.Request) -> web.Response:
    """``POST /cases/{id}/escalate``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: EscalateRequest) -> Case:
        return await case_steps.escalate(context, case_id, agent, tried=body.tried, next_step=body.next_step)

    return await _step(request, EscalateRequest, act)


async def resolve(request: web.Request) -> web.Response:
    """``POST /cases/{id}/resolve``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: ResolveRequest) -> Case:
        return await case_steps.resolve(
            context,
            case_id,
            agent,
            disposition=body.disposition,
            root_cause=body.root_cause,
            outcome=body.outcome,
            follow_up_on=body.follow_up_on,
        )

    return await _step(request, ResolveRequest, act)


async def judge(request: web.Request) -> web.Response:
    """``POST /cases/{id}/verdict``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: VerdictRequest) -> Case:
        return await verdicts.judge(
            context, case_id, agent, verdict=body.verdict, message_id=body.message_id, note=body.note.strip()
        )

    return await _step(request, VerdictRequest, act)


async def set_severity(request: web.Request) -> web.Response:
    """``POST /cases/{id}/severity``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: SeverityRequest) -> Case:
        answers = Triage.model_validate(body.triage.model_dump()) if body.triage is not None else None
        return await change_severity(
            context, case_id, agent, severity=body.severity, triage=answers, reason=body.reason
        )

    return await _step(request, SeverityRequest, act)


async def promise_next_update(request: web.Request) -> web.Response:
    """``POST /cases/{id}/next-update``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: NextUpdateRequest) -> Case:
        span = timedelta(minutes=body.minutes)
        return await case_talk.promise_next_update(context, case_id, agent, span=span, reason=body.reason)

    return await _step(request, NextUpdateRequest, act)


async def send_message(request: web.Request) -> web.Response:
    """``POST /cases/{id}/messages``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    body = AgentMessageRequest.model_validate(await read_body(request))
    case_id = case_id_of(request)
    with as_seen(case_id, body.version):
        case, message = await case_talk.send_agent_message(
            context,
            case_id,
            agent,
            client_message_id=body.client_message_id,
            text=body.text,
            attachments=body.attachments,
        )
    sent = {"message": agent_message_view(message, {})}
    if wants_little(request):
        answer = _respond(sent)
        answer.headers["Preference-Applied"] = LITTLE
        return answer
    row = await reading.case_row(context, case.id)
    return _respond({**sent, "case": case_summary_view(row, context.wording)})
