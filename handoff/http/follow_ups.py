"""Following up over the agent API: the list, and what came of it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import AwareDatetime, Field

from handoff.contract import WireModel
from handoff.domain.actors import Actor
from handoff.domain.cases import Case
from handoff.domain.people import Agent
from handoff.domain.resolutions import FollowUpResult
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.operations import SESSION, SIGNED_IN, Operation, step
from handoff.http.parts import PARTS
from handoff.http.steps import respond, take_step
from handoff.http.wire import Day, Remark, Versioned
from handoff.services import follow_ups
from handoff.services.audit import note_list
from handoff.services.follow_ups import FollowUp


class FollowUpRequest(Versioned):
    """What came of it; ``again_on`` where the customer was not reached."""

    result: Annotated[FollowUpResult, Field(strict=False)]
    note: Remark = ""
    again_on: Day | None = None


class AwaitedFollowUp(WireModel):
    """A customer whom somebody is still to ask whether it worked."""

    case_id: str
    number: str
    problem: str
    agent_name: str | None
    follow_up_on: str
    due: bool
    resolved_at: AwareDatetime
    outcome: str


class FollowUpsAnswer(WireModel):
    """``GET /follow-ups``."""

    follow_ups: list[AwaitedFollowUp]


OPERATIONS: Final = (
    Operation(
        "get",
        "/follow-ups",
        "The customers whom somebody is still to ask",
        {200: ("Follow-ups, the earliest first.", FollowUpsAnswer)},
        None,
        SIGNED_IN,
        SESSION,
    ),
    step("follow-up", "Say what came of following up", FollowUpRequest, "wrong_state"),
)


def routes() -> list[web.RouteDef]:
    """The list, and the step."""
    return [
        web.get(f"{BASE}/follow-ups", list_follow_ups),
        web.post(f"{BASE}/cases/{{case_id}}/follow-up", follow_up),
    ]


async def list_follow_ups(request: web.Request) -> web.Response:
    """``GET /follow-ups``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    found = await follow_ups.follow_ups(context, agent)
    await note_list(context, Actor.of_agent(agent), "follow_ups", len(found))
    return respond({"follow_ups": [_view(row) for row in found]})


def _view(row: FollowUp) -> dict[str, Any]:
    return {
        "case_id": row.case.id,
        "number": row.case.number,
        "problem": row.case.problem,
        "agent_name": row.agent_name,
        "follow_up_on": str(row.resolution.follow_up_on),
        "due": row.due,
        "resolved_at": row.resolution.resolved_at.isoformat(),
        "outcome": row.resolution.outcome,
    }


async def follow_up(request: web.Request) -> web.Response:
    """``POST /cases/{id}/follow-up``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: FollowUpRequest) -> Case:
        return await follow_ups.follow_up(
            context, case_id, agent, result=body.result, note=body.note.strip(), again_on=body.again_on
        )

    return await take_step(request, FollowUpRequest, act)
