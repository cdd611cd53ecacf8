"""What an owner tells the customer besides messages, over HTTP: the plan, for whom a case waits, that it goes on."""

from __future__ import annotations

from typing import Annotated, Final

from aiohttp import web
from pydantic import Field

from handoff.domain.cases import Case, WaitingFor
from handoff.domain.people import Agent
from handoff.http.agent_auth import BASE
from handoff.http.operations import step
from handoff.http.parts import PARTS
from handoff.http.steps import take_step
from handoff.http.wire import FilledText, Versioned
from handoff.services import milestones


class PlanRequest(Versioned):
    """What will be done, for the customer."""

    plan: FilledText


class WaitRequest(Versioned):
    """For whom a case waits, and for what: the customer reads it."""

    waiting_for: Annotated[WaitingFor, Field(strict=False)]
    what: FilledText


class ResumeRequest(Versioned):
    """Go on, with the reason for colleagues."""

    reason: FilledText


OPERATIONS: Final = (
    step("plan", "Tell the customer what will be done", PlanRequest, "wrong_state", "not_owner"),
    step("wait", "Wait for somebody", WaitRequest, "wrong_state", "not_owner"),
    step("resume", "Go on", ResumeRequest, "wrong_state", "not_owner"),
)


def routes() -> list[web.RouteDef]:
    """The steps of a case that waits."""
    case = f"{BASE}/cases/{{case_id}}"
    return [
        web.post(f"{case}/plan", tell_plan),
        web.post(f"{case}/wait", wait),
        web.post(f"{case}/resume", resume),
    ]


async def tell_plan(request: web.Request) -> web.Response:
    """``POST /cases/{id}/plan``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: PlanRequest) -> Case:
        return await milestones.tell_plan(context, case_id, agent, plan=body.plan)

    return await take_step(request, PlanRequest, act)


async def wait(request: web.Request) -> web.Response:
    """``POST /cases/{id}/wait``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: WaitRequest) -> Case:
        return await milestones.wait(context, case_id, agent, waiting_for=body.waiting_for, what=body.what)

    return await take_step(request, WaitRequest, act)


async def resume(request: web.Request) -> web.Response:
    """``POST /cases/{id}/resume``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, body: ResumeRequest) -> Case:
        return await milestones.resume(context, case_id, agent, reason=body.reason)

    return await take_step(request, ResumeRequest, act)
