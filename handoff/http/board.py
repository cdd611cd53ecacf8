"""The board of those who lead, over HTTP: everything that is open at this moment (P32, ``docs/agent-api.md``)."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel

from handoff.contract import WireModel
from handoff.domain.actors import Actor
from handoff.domain.cases import Case
from handoff.domain.people import Agent
from handoff.http import board_schemas as schemas
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.agent_schemas import CaseAnswer, MessagesAnswer
from handoff.http.flag_views import flag_view
from handoff.http.guards import after_parameter, identifier_of, read_body
from handoff.http.operations import AFTER, BODY, SESSION, SIGNED_IN, Operation, step
from handoff.http.parts import PARTS
from handoff.http.steps import respond, take_step
from handoff.http.views import (
    agent_message_view,
    case_summary_view,
    incident_view,
    records_by_message,
    wait_view,
    when,
)
from handoff.http.wire import Wire
from handoff.services import reading, supervising
from handoff.services.audit import note_list
from handoff.services.board import Board, BoardAgent, BoardQueue, DueCase, LiveMood, board
from handoff.store.board import PromiseRow
from handoff.wording import Wording


def _on_conversation(path: str, summary: str, body: type[Wire], answer: type[WireModel]) -> Operation:
    answers: dict[int, tuple[str, type[BaseModel] | None]] = {200: ("As it is now.", answer)}
    whole = f"/board/conversations/{{conversation_id}}/{path}"
    refusals = (*SIGNED_IN, *BODY, "csrf_failed", "not_found", "wrong_state", "case_changed")
    return Operation("post", whole, summary, answers, body, refusals, SESSION)


OPERATIONS: Final = (
    Operation(
        "get",
        "/board",
        "Everything that is open now, for those who lead",
        {200: ("The board.", schemas.BoardAnswer)},
        None,
        SIGNED_IN,
        SESSION,
    ),
    Operation(
        "get",
        "/board/conversations/{conversation_id}/messages",
        "Read along in a live conversation",
        {200: ("Messages.", MessagesAnswer)},
        None,
        (*SIGNED_IN, "not_found", "bad_value"),
        SESSION,
        (AFTER,),
    ),
    _on_conversation("flag", "Flag it for others to look at", schemas.FlagRequest, schemas.FlagAnswer),
    _on_conversation("clear-flag", "Take the flag off", schemas.ClearFlagRequest, schemas.FlagAnswer),
    _on_conversation("take-over", "Take it from the assistant", schemas.TakeFromBotRequest, CaseAnswer),
    step("join", "Join a case that a colleague has", schemas.JoinRequest, "wrong_state"),
    step("leave", "Leave a case that one has joined", schemas.LeaveRequest, "wrong_state"),
)


def routes() -> list[web.RouteDef]:
    """Reading the board."""
    one = f"{BASE}/board/conversations/{{conversation_id}}"
    return [
        web.get(f"{BASE}/board", read_board),
        web.get(f"{one}/messages", read_along),
        web.post(f"{one}/flag", flag),
        web.post(f"{one}/clear-flag", clear_flag),
        web.post(f"{one}/take-over", take_over),
        web.post(f"{BASE}/cases/{{case_id}}/join", join),
        web.post(f"{BASE}/cases/{{case_id}}/leave", leave),
    ]


async def read_board(request: web.Request) -> web.Response:
    """``GET /board``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    found = await board(context, agent)
    await note_list(context, Actor.of_agent(agent), "board", len(found.live))
    return respond(board_view(found, context.wording))


async def read_along(request: web.Request) -> web.Response:
    """``GET /board/conversations/{id}/messages``."""
    agent = await require_case_worker(request)
    after = after_parameter(request)
    conversation_id = _conversation_of(request)
    found, turns = await supervising.monitor(request.app[PARTS].context, agent, conversation_id, after=after)
    records = records_by_message(turns)
    messages = [agent_message_view(message, records) for message in found]
    return respond({"messages": messages, "last_seq": found[-1].seq if found else after})


def _conversation_of(request: web.Request) -> str:
    return identifier_of(request, "conversation_id", "conversation")


async def flag(request: web.Request) -> web.Response:
    """``POST /board/conversations/{id}/flag``."""
    agent = await require_case_worker(request)
    body = schemas.FlagRequest.model_validate(await read_body(request))
    context = request.app[PARTS].context
    made = await supervising.flag(context, agent, _conversation_of(request), reason=body.reason.strip())
    return respond({"flag": flag_view(made)})


async def clear_flag(request: web.Request) -> web.Response:
    """``POST /board/conversations/{id}/clear-flag``."""
    agent = await require_case_worker(request)
    schemas.ClearFlagRequest.model_validate(await read_body(request))
    await supervising.clear_flag(request.app[PARTS].context, agent, _conversation_of(request))
    return respond({"flag": None})


async def take_over(request: web.Request) -> web.Response:
    """``POST /board/conversations/{id}/take-over``."""
    agent = await require_case_worker(request)
    body = schemas.TakeFromBotRequest.model_validate(await read_body(request))
    context = request.app[PARTS].context
    case = await supervising.take_from_bot(context, agent, _conversation_of(request), reason=body.reason)
    return respond({"case": case_summary_view(await reading.case_row(context, case.id), context.wording)})


async def join(request: web.Request) -> web.Response:
    """``POST /cases/{id}/join``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, _body: schemas.JoinRequest) -> Case:
        return await supervising.join(context, case_id, agent)

    return await take_step(request, schemas.JoinRequest, act)


async def leave(request: web.Request) -> web.Response:
    """``POST /cases/{id}/leave``."""
    context = request.app[PARTS].context

    async def act(case_id: str, agent: Agent, _body: schemas.LeaveRequest) -> Case:
        return await supervising.leave(context, case_id, agent)

    return await take_step(request, schemas.LeaveRequest, act)


def board_view(found: Board, wording: Wording) -> dict[str, Any]:
    """A board on the wire."""
    return {
        "at": when(found.at),
        "queues": [_queue_view(queue, wording) for queue in found.queues],
        "agents": [_agent_view(agent) for agent in found.agents],
        "missed": [_due_view(due, wording) for due in found.missed],
        "at_risk": [_due_view(due, wording) for due in found.at_risk],
        "live": [_live_view(live, wording) for live in found.live],
        "promises_near": [_promise_view(row, wording) for row in found.promises_near],
        "promises_broken": [_promise_view(row, wording) for row in found.promises_broken],
        "incidents": [incident_view(row, wording) for row in found.incidents],
        "mood_alert": found.mood_alert,
    }


def _queue_view(queue: BoardQueue, wording: Wording) -> dict[str, Any]:
    load = queue.load
    return {
        "category": queue.category,
        "label": wording.queue(queue.category),
        "open_now": queue.open_now,
        "waiting": load.waiting,
        "active": load.active,
        "oldest_queued_at": when(load.oldest_queued_at),
        "wait": wait_view(queue.wait),
        "at_risk": load.at_risk,
        "missed": load.missed,
    }


def _agent_view(one: BoardAgent) -> dict[str, Any]:
    agent = one.candidate.agent
    return {
        "id": agent.id,
        "name": agent.name,
        "level": agent.level,
        "queues": list(agent.visible_queues()),
        "state": one.candidate.state,
        "since": when(one.since),
        "load": one.candidate.load,
        "capacity": agent.capacity,
        "cases": one.cases,
        "answering": one.candidate.answering,
    }


def _due_view(due: DueCase, wording: Wording) -> dict[str, Any]:
    return {
        "case": case_summary_view(due.row, wording),
        "target": due.next.target if due.next else None,
        "due_at": when(due.next.due_at) if due.next else None,
    }


def _live_view(live: LiveMood, wording: Wording) -> dict[str, Any]:
    one, mood = live.conversation, live.mood
    return {
        "conversation_id": one.id,
        "customer_name": one.customer_name,
        "owner_type": one.owner_type,
        "agent_name": one.agent_name,
        "case_id": one.case_id,
        "case_number": one.case_number,
        "queue": wording.queue(one.category) if one.category is not None else None,
        "started_at": when(one.started_at),
        "last_activity_at": when(one.last_activity_at),
        "last_words": live.last_words,
        "frustration": mood.latest if mood else None,
        "peak_frustration": mood.peak if mood else None,
        "trend": mood.trend if mood else None,
        "line": list(mood.line) if mood else [],
        "alert": live.alert,
        "flag": flag_view(live.flag),
    }


def _promise_view(row: PromiseRow, wording: Wording) -> dict[str, Any]:
    promise = row.promise
    return {
        "case_id": promise.case_id,
        "case_number": row.case_number,
        "problem": row.problem,
        "queue": wording.queue(promise.category),
        "agent_name": row.agent_name,
        "kind": promise.kind,
        "due_at": when(promise.due_at),
    }
