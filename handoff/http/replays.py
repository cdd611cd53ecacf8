"""Trying another policy on the past, over HTTP, for supervisors and admins (P10, ``docs/agent-api.md``)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import AwareDatetime, Field

from handoff.contract import WireModel
from handoff.domain.replays import Replay, ReplayChange, ReplayPeriod, ReplayResult, ReplayStatus
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.guards import identifier_of, read_body
from handoff.http.operations import BODY, SESSION, SIGNED_IN, Operation
from handoff.http.parts import PARTS
from handoff.http.steps import respond
from handoff.http.wire import Day, PlainText, Wire
from handoff.services.replays import Found, Replays, policy_text

REPLAYS: Final = web.AppKey("replays", Replays)


class ReplayRequest(Wire):
    """The text of a policy to try, on the conversations that began on these days of UTC."""

    policy: Annotated[PlainText, Field(min_length=1, max_length=64_000)]
    since: Day
    until: Day


class CancelRequest(Wire):
    """End it."""


class ReplayView(WireModel):
    """A replay: ``policy`` is the version that is tried, ``done`` of ``of`` conversations are decided again."""

    id: str
    agent_name: str
    policy: str
    since: str
    until: str
    begun_at: AwareDatetime
    status: ReplayStatus
    done: int
    of: int
    ended_at: AwareDatetime | None
    problem: str | None


class CaseOfConversation(WireModel):
    """The latest case of a conversation."""

    id: str
    number: str


class LinkedChange(ReplayChange):
    """A conversation that would change, with its case, where it has one."""

    record: CaseOfConversation | None


class LinkedResult(ReplayResult):
    """What a replay found."""

    changed: tuple[LinkedChange, ...]


class ReplayAnswer(WireModel):
    """One replay as it is now."""

    replay: ReplayView


class ReplaysAnswer(WireModel):
    """``GET /replays``."""

    replays: list[ReplayView]


class ReplayResultAnswer(WireModel):
    """``GET /replays/{id}``; ``result`` is null until it is done."""

    replay: ReplayView
    result: LinkedResult | None


class PolicyTextAnswer(WireModel):
    """``GET /replays/policy``."""

    version: str
    text: str


OPERATIONS: Final = (
    Operation(
        "get",
        "/replays",
        "The replays of this node",
        {200: ("Newest first.", ReplaysAnswer)},
        None,
        SIGNED_IN,
        SESSION,
    ),
    Operation(
        "post",
        "/replays",
        "Try a policy on the past",
        {202: ("It runs.", ReplayAnswer)},
        ReplayRequest,
        (*SIGNED_IN, *BODY, "csrf_failed", "policy_broken", "replay_running"),
        SESSION,
    ),
    Operation(
        "get",
        "/replays/policy",
        "The policy in force as it is written",
        {200: ("Its text.", PolicyTextAnswer)},
        None,
        (*SIGNED_IN, "not_found"),
        SESSION,
    ),
    Operation(
        "get",
        "/replays/{replay_id}",
        "How far a replay is, and what it found",
        {200: ("The replay.", ReplayResultAnswer)},
        None,
        (*SIGNED_IN, "not_found"),
        SESSION,
    ),
    Operation(
        "post",
        "/replays/{replay_id}/cancel",
        "End a replay",
        {200: ("As it is now.", ReplayAnswer)},
        CancelRequest,
        (*SIGNED_IN, *BODY, "csrf_failed", "not_found", "wrong_state"),
        SESSION,
    ),
)


def routes() -> list[web.RouteDef]:
    """Replays."""
    return [
        web.get(f"{BASE}/replays", read_all),
        web.post(f"{BASE}/replays", begin),
        web.get(f"{BASE}/replays/policy", read_policy_text),
        web.get(f"{BASE}/replays/{{replay_id}}", read_one),
        web.post(f"{BASE}/replays/{{replay_id}}/cancel", cancel),
    ]


async def read_all(request: web.Request) -> web.Response:
    """``GET /replays``."""
    agent = await require_case_worker(request)
    return respond({"replays": [_view(one) for one in request.app[REPLAYS].all(agent)]})


async def begin(request: web.Request) -> web.Response:
    """``POST /replays``."""
    agent = await require_case_worker(request)
    body = ReplayRequest.model_validate(await read_body(request))
    period = ReplayPeriod(body.since, body.until)
    return respond({"replay": _view(await request.app[REPLAYS].begin(agent, body.policy, period))}, 202)


async def read_policy_text(request: web.Request) -> web.Response:
    """``GET /replays/policy``."""
    agent = await require_case_worker(request)
    version, text = policy_text(request.app[PARTS].context, agent)
    return respond({"version": version, "text": text})


async def read_one(request: web.Request) -> web.Response:
    """``GET /replays/{id}``."""
    agent = await require_case_worker(request)
    replay, found = await request.app[REPLAYS].read(agent, identifier_of(request, "replay_id", "replay"))
    return respond({"replay": _view(replay), "result": _result_view(found) if found is not None else None})


async def cancel(request: web.Request) -> web.Response:
    """``POST /replays/{id}/cancel``."""
    agent = await require_case_worker(request)
    CancelRequest.model_validate(await read_body(request))
    ended = await request.app[REPLAYS].cancel(agent, identifier_of(request, "replay_id", "replay"))
    return respond({"replay": _view(ended)})


def _view(one: Replay) -> dict[str, Any]:
    return ReplayView(
        id=one.id,
        agent_name=one.agent_name,
        policy=one.policy,
        since=one.period.since.isoformat(),
        until=one.period.until.isoformat(),
        begun_at=one.begun_at,
        status=one.status,
        done=one.done,
        of=one.of,
        ended_at=one.ended_at,
        problem=one.problem,
    ).model_dump(mode="json")


def _result_view(found: Found) -> dict[str, Any]:
    view = found.result.model_dump(mode="json")
    for change in view["changed"]:
        case = found.cases.get(change["conversation"])
        change["record"] = {"id": case[0], "number": case[1]} if case is not None else None
    return view
