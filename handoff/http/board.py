"""The board of those who lead, over HTTP: everything that is open at this moment (P32, ``docs/agent-api.md``)."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from handoff.http import board_schemas as schemas
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.agent_schemas import MessagesAnswer
from handoff.http.guards import after_parameter, identifier_of
from handoff.http.operations import AFTER, SESSION, SIGNED_IN, Operation
from handoff.http.parts import PARTS
from handoff.http.steps import respond
from handoff.http.views import (
    agent_message_view,
    case_summary_view,
    incident_view,
    records_by_message,
    wait_view,
    when,
)
from handoff.services import supervising
from handoff.services.board import Board, BoardAgent, BoardQueue, DueCase, LiveMood, board
from handoff.store.board import PromiseRow
from handoff.wording import Wording

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
)


def routes() -> list[web.RouteDef]:
    """Reading the board."""
    return [
        web.get(f"{BASE}/board", read_board),
        web.get(f"{BASE}/board/conversations/{{conversation_id}}/messages", read_along),
    ]


async def read_board(request: web.Request) -> web.Response:
    """``GET /board``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    return respond(board_view(await board(context, agent), context.wording))


async def read_along(request: web.Request) -> web.Response:
    """``GET /board/conversations/{id}/messages``."""
    agent = await require_case_worker(request)
    after = after_parameter(request)
    conversation_id = identifier_of(request, "conversation_id", "conversation")
    found, turns = await supervising.monitor(request.app[PARTS].context, agent, conversation_id, after=after)
    records = records_by_message(turns)
    messages = [agent_message_view(message, records) for message in found]
    return respond({"messages": messages, "last_seq": found[-1].seq if found else after})


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
