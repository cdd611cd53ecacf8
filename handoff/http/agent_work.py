"""How work comes to agents and moves between them, over HTTP: presence, offers, colleagues, moves by name."""

from __future__ import annotations

from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, Field

from handoff.contract import Category, WireModel
from handoff.domain.assignment import Candidate, Obstacle
from handoff.domain.cases import Case
from handoff.domain.people import Agent
from handoff.domain.presence import PresenceState
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.agent_schemas import CaseAnswer
from handoff.http.guards import case_id_of, identifier_of, read_body
from handoff.http.operations import BODY, SESSION, SIGNED_IN, STEP, Operation, step
from handoff.http.parts import PARTS
from handoff.http.steps import respond, take_step
from handoff.http.views import case_summary_view
from handoff.http.wire import CaseId, FilledText, HandedOn, PlainText, Versioned, Wire
from handoff.http.work_views import offer_view, presence_view
from handoff.services import merging, moving, offers, presence, reading, workload
from handoff.services.case_writing import visible_case


class PresenceRequest(Wire):
    """Whether one takes cases now."""

    state: Annotated[PresenceState, Field(strict=False)]


class AcceptOfferRequest(Wire):
    """Take the case of an offer."""


class DeclineOfferRequest(Wire):
    """Give an offer back, with the reason for colleagues."""

    reason: FilledText


class TransferToAgentRequest(Versioned):
    """To a named colleague, with what was tried and what must happen next; ``category``: in another queue."""

    agent_id: CaseId
    category: Annotated[Category, Field(strict=False)] | None = None
    tried: FilledText
    next_step: FilledText


class TakeOverRequest(HandedOn):
    """Take a case from its agent."""

    reason: FilledText


class ReturnToBotRequest(HandedOn):
    """Back to the assistant: what the customer is told, and why, for colleagues."""

    line: FilledText
    reason: Annotated[PlainText, Field(max_length=1000)] = ""


class MergeRequest(HandedOn):
    """Into another case of the same customer."""

    into: CaseId
    reason: FilledText


class PresenceView(WireModel):
    """An agent's presence."""

    agent_id: str
    state: PresenceState
    since: AwareDatetime | None


class PresenceAnswer(WireModel):
    """``POST /presence``."""

    presence: PresenceView


class Colleague(WireModel):
    """Somebody who deals with cases, as colleagues see them."""

    id: str
    name: str
    level: int
    queues: list[Category]
    languages: list[str]
    skills: list[str]
    state: PresenceState
    since: AwareDatetime | None


class ColleaguesAnswer(WireModel):
    """``GET /agents``."""

    agents: list[Colleague]


class OfferView(WireModel):
    """A case that is put before one."""

    id: str
    case_id: str
    number: str
    category: Category
    severity: int
    problem: str
    reserved: bool
    offered_at: AwareDatetime
    expires_at: AwareDatetime
    seconds_left: int


class OffersAnswer(WireModel):
    """``GET /offers``."""

    offers: list[OfferView]


class CandidateView(WireModel):
    """An agent as somebody for a case: what stands against it, how much room they have."""

    id: str
    name: str
    state: PresenceState
    eligible: bool
    obstacles: list[Obstacle]
    load: int
    capacity: int


class CandidatesAnswer(WireModel):
    """``GET /cases/{id}/candidates``; ``best``: whom it would be offered to now."""

    best: str | None
    candidates: list[CandidateView]


def routes() -> list[web.RouteDef]:
    """Reading and acting."""
    case, offer = f"{BASE}/cases/{{case_id}}", f"{BASE}/offers/{{offer_id}}"
    return [
        web.get(f"{BASE}/agents", list_agents),
        web.post(f"{BASE}/presence", set_presence),
        web.get(f"{BASE}/offers", list_offers),
        web.post(f"{offer}/accept", accept_offer),
        web.post(f"{offer}/decline", decline_offer),
        web.get(f"{case}/candidates", list_candidates),
        web.post(f"{case}/transfer-to-agent", transfer_to_agent),
        web.post(f"{case}/take-over", take_over),
        web.post(f"{case}/return-to-bot", return_to_bot),
        web.post(f"{case}/merge", merge),
    ]


async def list_agents(request: web.Request) -> web.Response:
    """``GET /agents``."""
    await require_case_worker(request)
    found = await presence.colleagues(request.app[PARTS].context)
    return respond({"agents": [_colleague_view(one) for one in found]})


def _colleague_view(colleague: presence.Colleague) -> dict[str, Any]:
    agent, known = colleague.agent, colleague.presence
    seen = presence_view(agent.id, colleague.state, known.changed_at if known else None)
    return {
        "id": agent.id,
        "name": agent.name,
        "level": agent.level,
        "queues": list(agent.visible_queues()),
        "languages": list(agent.languages),
        "skills": list(agent.skills),
        "state": seen["state"],
        "since": seen["since"],
    }


async def set_presence(request: web.Request) -> web.Response:
    """``POST /presence``."""
    agent = await require_case_worker(request)
    body = PresenceRequest.model_validate(await read_body(request))
    found = await presence.choose_presence(request.app[PARTS].context, agent, body.state)
    return respond({"presence": presence_view(agent.id, found.state, found.changed_at)})


async def list_offers(request: web.Request) -> web.Response:
    """``GET /offers``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    found = await offers.own_offers(context, agent)
    now = context.clock()
    return respond({"offers": [offer_view(offer, case, now) for offer, case in found]})


def _offer_id_of(request: web.Request) -> str:
    return identifier_of(request, "offer_id", "offer")


async def accept_offer(request: web.Request) -> web.Response:
    """``POST /offers/{id}/accept``."""
    agent = await require_case_worker(request)
    AcceptOfferRequest.model_validate(await read_body(request))
    case = await offers.accept_offer(request.app[PARTS].context, _offer_id_of(request), agent)
    return await _answer(request, case)


async def decline_offer(request: web.Request) -> web.Response:
    """``POST /offers/{id}/decline``."""
    agent = await require_case_worker(request)
    body = DeclineOfferRequest.model_validate(await read_body(request))
    case = await offers.decline_offer(request.app[PARTS].context, _offer_id_of(request), agent, reason=body.reason)
    return await _answer(request, case)


async def _answer(request: web.Request, case: Case) -> web.Response:
    context = request.app[PARTS].context
    row = await reading.case_row(context, case.id)
    return respond({"case": case_summary_view(row, context.wording)})


async def list_candidates(request: web.Request) -> web.Response:
    """``GET /cases/{id}/candidates``: who could take the case now, and why each other one cannot."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    async with context.db.read() as db:
        case = await visible_case(db, case_id_of(request), agent)
        among, choice = await workload.who_could_take(context, db, case)
    return respond(
        {
            "best": choice.best.agent.id if choice.best else None,
            "candidates": [_candidate_view(one, choice.obstacles.get(one.agent.id, ())) for one in among],
        }
    )


def _candidate_view(one: Candidate, against: tuple[Obstacle, ...]) -> dict[str, Any]:
    return {
        "id": one.agent.id,
        "name": one.agent.name,
        "state": one.state,
        "eligible": not against,
        "obstacles": list(against),
        "load": one.load,
        "capacity": one.agent.capacity,
    }


async def transfer_to_agent(request: web.Request) -> web.Response:
    """``POST /cases/{id}/transfer-to-agent``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: TransferToAgentRequest) -> Case:
        return await moving.transfer_to_agent(
            context,
            case_id,
            agent,
            to_agent=body.agent_id,
            category=body.category,
            tried=body.tried,
            next_step=body.next_step,
        )

    return await take_step(request, TransferToAgentRequest, act)


async def take_over(request: web.Request) -> web.Response:
    """``POST /cases/{id}/take-over``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: TakeOverRequest) -> Case:
        return await moving.take_over(
            context, case_id, agent, reason=body.reason, tried=body.tried, next_step=body.next_step
        )

    return await take_step(request, TakeOverRequest, act)


async def return_to_bot(request: web.Request) -> web.Response:
    """``POST /cases/{id}/return-to-bot``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: ReturnToBotRequest) -> Case:
        return await moving.return_to_bot(
            context,
            case_id,
            agent,
            line=body.line,
            reason=body.reason,
            tried=body.tried,
            next_step=body.next_step,
        )

    return await take_step(request, ReturnToBotRequest, act)


async def merge(request: web.Request) -> web.Response:
    """``POST /cases/{id}/merge``; the answer is the case that goes on."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: MergeRequest) -> Case:
        return await merging.merge(
            context,
            case_id,
            agent,
            into=body.into,
            reason=body.reason,
            tried=body.tried,
            next_step=body.next_step,
        )

    return await take_step(request, MergeRequest, act)


def _read(path: str, summary: str, answer: type[BaseModel], *refusals: str) -> Operation:
    return Operation("get", path, summary, {200: (f"{summary}.", answer)}, None, (*SIGNED_IN, *refusals), SESSION)


_OFFER_ID: Final = {
    "name": "offer_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
}


def _answers_offer(what: str, summary: str, body: type[BaseModel], *refusals: str) -> Operation:
    answer: dict[int, tuple[str, type[BaseModel] | None]] = {200: ("The case as it is now.", CaseAnswer)}
    codes = (*STEP, "offer_gone", *refusals)
    return Operation("post", f"/offers/{{offer_id}}/{what}", summary, answer, body, codes, SESSION, (_OFFER_ID,))


OPERATIONS: Final = (
    _read("/agents", "Colleagues and their presence", ColleaguesAnswer),
    _read("/offers", "What one has to answer", OffersAnswer),
    _read("/cases/{case_id}/candidates", "Who could take a case", CandidatesAnswer, "not_found"),
    Operation(
        "post",
        "/presence",
        "Say whether one takes cases",
        {200: ("As it is now.", PresenceAnswer)},
        PresenceRequest,
        (*SIGNED_IN, *BODY, "csrf_failed"),
        SESSION,
    ),
    _answers_offer(
        "accept", "Take its case", AcceptOfferRequest, "already_accepted", "level_too_low", "not_eligible", "reserved"
    ),
    _answers_offer("decline", "Give it back", DeclineOfferRequest),
    step("transfer-to-agent", "Ask a colleague", TransferToAgentRequest, "not_owner", "agent_not_available"),
    step("take-over", "Take it from its agent", TakeOverRequest, "wrong_state", "already_accepted", "level_too_low"),
    step("return-to-bot", "Back to the assistant", ReturnToBotRequest, "not_owner"),
    step("merge", "Into another case", MergeRequest, "not_owner", "cannot_merge"),
)
