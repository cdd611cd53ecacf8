"""The post-escalation review over the agent API, of the queues that one serves."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

from aiohttp import web
from pydantic import AwareDatetime

from handoff.contract import Category, HandoffReason, WireModel
from handoff.domain.actors import Actor
from handoff.domain.review import CauseRow, Review
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.errors import ApiError
from handoff.http.operations import SESSION, SIGNED_IN, Operation
from handoff.http.parts import PARTS
from handoff.http.steps import respond
from handoff.services.audit import note_list
from handoff.services.review import review_of

MOST_DAYS: Final = 366


class ReviewedCause(WireModel):
    """A root cause in a category, and as long a time before."""

    category: Category
    root_cause: str
    count: int
    before: int
    trend: int
    share: float
    reopened: int


class ReviewedLevel(WireModel):
    """Cases that a lower level could have decided."""

    category: Category
    level: int
    needed_level: int
    cases: list[str]


class ReviewedHandoffs(WireModel):
    """Handoffs that needed no person."""

    category: Category
    reason: HandoffReason
    judged: int
    not_needed: int


class ReviewedGap(WireModel):
    """A topic without content; ``topic`` is null where nothing was understood."""

    category: Category
    topic: str | None
    count: int
    cases: list[str]


class ReviewAnswer(WireModel):
    """``GET /review``."""

    since: AwareDatetime
    until: AwareDatetime
    resolutions: int
    causes: list[ReviewedCause]
    lower_level: list[ReviewedLevel]
    not_needed: list[ReviewedHandoffs]
    gaps: list[ReviewedGap]


OPERATIONS: Final = (
    Operation(
        "get",
        "/review",
        "What recurs, and what could have gone otherwise",
        {200: ("The review.", ReviewAnswer)},
        None,
        (*SIGNED_IN, "bad_value"),
        SESSION,
        (
            {
                "name": "days",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST_DAYS, "default": 30},
            },
        ),
    ),
)


def routes() -> list[web.RouteDef]:
    """The review."""
    return [web.get(f"{BASE}/review", read_review)]


async def read_review(request: web.Request) -> web.Response:
    """``GET /review``."""
    agent = await require_case_worker(request)
    if not agent.sees_all:
        raise ApiError("not_allowed", "The review is for supervisors and admins.")
    context, days = request.app[PARTS].context, _days(request)
    until = context.clock()
    async with context.db.read() as db:
        found = await review_of(db, context.policy, since=until - timedelta(days=days), until=until)
    await note_list(context, Actor.of_agent(agent), "review", found.resolutions, days=days)
    return respond(_view(found))


def _days(request: web.Request) -> int:
    raw = request.query.get("days", "30")
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 3 and 1 <= int(raw) <= MOST_DAYS):
        raise ApiError("bad_value", f"days is a number from 1 to {MOST_DAYS}.", field="days")
    return int(raw)


def _view(found: Review) -> dict[str, Any]:
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "resolutions": found.resolutions,
        "causes": [_cause_view(row) for row in found.causes],
        "lower_level": [asdict(row) for row in found.lower_level],
        "not_needed": [asdict(row) for row in found.not_needed],
        "gaps": [asdict(row) for row in found.gaps],
    }


def _cause_view(row: CauseRow) -> dict[str, Any]:
    return {**asdict(row), "trend": row.trend}
