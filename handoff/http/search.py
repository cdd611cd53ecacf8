"""Search over the agent API: cases by words and filters, with the places where the words were found."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web
from pydantic import AwareDatetime

from handoff.contract import WireModel
from handoff.domain.search import FILTERS, HitKind, written
from handoff.http import agent_schemas
from handoff.http.agent_auth import BASE, require_case_worker
from handoff.http.errors import ApiError
from handoff.http.operations import SESSION, SIGNED_IN, Operation
from handoff.http.parts import PARTS
from handoff.http.steps import respond
from handoff.http.views import case_summary_view
from handoff.services import search as service
from handoff.services.search import FoundCase
from handoff.wording import Wording

MOST: Final = 100


class PieceView(WireModel):
    """A part of a snippet; ``hit``: it is what was looked for."""

    text: str
    hit: bool


class HitView(WireModel):
    """Where the words stand; ``seq`` is the message's number."""

    kind: HitKind
    at: AwareDatetime
    seq: int | None
    pieces: list[PieceView]


class FoundView(WireModel):
    """A case that fits."""

    case: agent_schemas.CaseSummary
    hits: list[HitView]


class SearchAnswer(WireModel):
    """``GET /search``; ``query``: as it was understood, ``filters``: those that there are."""

    query: str
    filters: list[str]
    results: list[FoundView]
    more: bool


OPERATIONS: Final = (
    Operation(
        "get",
        "/search",
        "Find cases and what was said in them",
        {200: ("Cases, those that fit best first.", SearchAnswer)},
        None,
        (*SIGNED_IN, "bad_value"),
        SESSION,
        (
            {"name": "q", "in": "query", "schema": {"type": "string", "maxLength": 400}},
            {
                "name": "limit",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": 30},
            },
        ),
    ),
)


def routes() -> list[web.RouteDef]:
    """One call."""
    return [web.get(f"{BASE}/search", search)]


async def search(request: web.Request) -> web.Response:
    """``GET /search``."""
    agent = await require_case_worker(request)
    context = request.app[PARTS].context
    text = request.query.get("q", "")
    if "\x00" in text:
        raise ApiError("bad_value", "A search is text: it cannot hold the character NUL.", field="q")
    found = await service.search(context, agent, text, limit=_limit(request))
    results = [_view(one, context.wording) for one in found.cases]
    body = {"query": written(found.query), "filters": list(FILTERS), "results": results, "more": found.more}
    return respond(body)


def _limit(request: web.Request) -> int:
    raw = request.query.get("limit", str(service.SHOWN))
    if not (raw.isascii() and raw.isdigit() and len(raw) <= len(str(MOST)) and 1 <= int(raw) <= MOST):
        raise ApiError("bad_value", f"limit is a number from 1 to {MOST}.", field="limit")
    return int(raw)


def _view(found: FoundCase, wording: Wording) -> dict[str, Any]:
    hits = [
        {
            "kind": hit.kind,
            "at": hit.at.isoformat(),
            "seq": hit.seq,
            "pieces": [{"text": piece.text, "hit": piece.hit} for piece in hit.pieces],
        }
        for hit in found.hits
    ]
    return {"case": case_summary_view(found.row, wording), "hits": hits}
