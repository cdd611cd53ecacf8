"""Proposals for the content editors over the agent API."""

from __future__ import annotations

from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import AwareDatetime, Field

from handoff.contract import WireModel
from handoff.domain.proposals import LABEL, OPEN, Proposal, ProposalKind, ProposalStatus
from handoff.http.agent_auth import BASE, require_case_worker, require_session
from handoff.http.errors import ApiError
from handoff.http.guards import case_id_of, read_body
from handoff.http.operations import SESSION, SIGNED_IN, STEP, Operation
from handoff.http.parts import PARTS
from handoff.http.steps import respond
from handoff.http.wire import CaseId, FilledText, Versioned
from handoff.services.as_seen import as_seen
from handoff.services.proposals import Wanted, propose
from handoff.store import proposals as store

_STATUSES: Final = {"open": OPEN, "accepted": (ProposalStatus.ACCEPTED,), "ignored": (ProposalStatus.IGNORED,)}


class ProposalRequest(Versioned):
    """What a solved case proposes; what is left out is chosen from the case."""

    kind: Annotated[ProposalKind, Field(strict=False)]
    label: Annotated[str, Field(max_length=128, pattern=LABEL)] | None = None
    question_message_ids: Annotated[list[CaseId], Field(default_factory=list, max_length=20)]
    answer_message_id: CaseId | None = None
    answer: FilledText | None = None


class ProposalView(WireModel):
    """A proposal; its texts are masked."""

    id: str
    case_id: str
    kind: ProposalKind
    status: ProposalStatus
    examples: list[str]
    answer: str
    label: str | None
    understood_as: str | None
    created_at: AwareDatetime
    decided_at: AwareDatetime | None


class ProposalAnswer(WireModel):
    """``POST /cases/{id}/proposals``."""

    proposal: ProposalView


class ProposalsAnswer(WireModel):
    """``GET /proposals``."""

    proposals: list[ProposalView]


OPERATIONS: Final = (
    Operation(
        "post",
        "/cases/{case_id}/proposals",
        "Propose content from a solved case",
        {201: ("The proposal, masked.", ProposalAnswer)},
        ProposalRequest,
        (*STEP, "wrong_state"),
        SESSION,
    ),
    Operation(
        "get",
        "/proposals",
        "What was proposed to the editors",
        {200: ("Proposals, newest first.", ProposalsAnswer)},
        None,
        (*SIGNED_IN, "bad_value"),
        SESSION,
        ({"name": "status", "in": "query", "schema": {"type": "string", "enum": list(_STATUSES)}},),
    ),
)


def routes() -> list[web.RouteDef]:
    """Propose, and read what was proposed."""
    return [
        web.post(f"{BASE}/cases/{{case_id}}/proposals", make_proposal),
        web.get(f"{BASE}/proposals", list_proposals),
    ]


async def make_proposal(request: web.Request) -> web.Response:
    """``POST /cases/{id}/proposals``."""
    agent = await require_case_worker(request)
    body = ProposalRequest.model_validate(await read_body(request))
    case_id = case_id_of(request)
    wanted = Wanted(body.kind, body.label, tuple(body.question_message_ids), body.answer_message_id, body.answer)
    with as_seen(case_id, body.version):
        proposal = await propose(request.app[PARTS].context, case_id, agent, wanted)
    return respond({"proposal": _view(proposal)}, status=201)


async def list_proposals(request: web.Request) -> web.Response:
    """``GET /proposals``: for everybody who is signed in, as the texts are masked."""
    await require_session(request)
    status = request.query.get("status", "open")
    if status not in _STATUSES:
        raise ApiError("bad_value", f"status is one of {', '.join(_STATUSES)}.", field="status")
    async with request.app[PARTS].context.db.read() as db:
        found = await store.list_proposals(db, statuses=_STATUSES[status])
    return respond({"proposals": [_view(proposal) for proposal, _ in found]})


def _view(proposal: Proposal) -> dict[str, Any]:
    content = proposal.content
    return {
        "id": proposal.id,
        "case_id": proposal.case_id,
        "kind": proposal.kind,
        "status": proposal.status,
        "examples": list(content.examples),
        "answer": content.answer,
        "label": content.label,
        "understood_as": content.understood_as,
        "created_at": proposal.created_at.isoformat(),
        "decided_at": proposal.decided_at.isoformat() if proposal.decided_at else None,
    }
