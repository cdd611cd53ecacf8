"""The integration API over HTTP: other systems take part in cases (``docs/integration-api.md``)."""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel

from handoff.domain.api_keys import ApiKey, Scope
from handoff.domain.cases import CaseEvent
from handoff.domain.conversations import Message, SenderType
from handoff.domain.resolutions import Survey
from handoff.http import integration_wire as wire
from handoff.http.errors import ApiError
from handoff.http.guards import after_parameter, bearer, case_id_of, read_body
from handoff.http.parts import PARTS
from handoff.http.views import when
from handoff.services.api_keys import key_of
from handoff.services.integration import opening, reading, references, status, talking
from handoff.services.integration.opening import GivenCustomer, Opening, Said
from handoff.services.integration.reading import OutsideCase
from handoff.services.integration.references import GivenReference
from handoff.services.integration.status import GivenResolution
from handoff.store.case_changes import BEGINNING, Place

BASE: Final = "/api/integration/v1"
CHANGES_LIMIT: Final = 200
_CURSOR: Final = re.compile(r"(\d{1,18})-(\d{1,9})", re.ASCII)
Body = TypeVar("Body", bound=BaseModel)


def routes() -> list[web.RouteDef]:
    """Every call."""
    case = f"{BASE}/cases/{{case_id}}"
    return [
        web.get(f"{BASE}/key", read_key),
        web.post(f"{BASE}/cases", open_case),
        web.get(f"{BASE}/changes", read_changes),
        web.get(f"{BASE}/references", read_by_reference),
        web.get(case, read_case),
        web.get(f"{case}/messages", read_messages),
        web.get(f"{case}/history", read_history),
        web.post(f"{case}/messages", send_message),
        web.post(f"{case}/notes", add_note),
        web.post(f"{case}/severity", change_severity),
        web.post(f"{case}/resolve", resolve),
        web.post(f"{case}/reopen", reopen),
        web.post(f"{case}/references", set_reference),
        web.post(f"{case}/survey", rate),
    ]


async def _key(request: web.Request) -> ApiKey:
    """The key of a call; raises ``ApiError`` without one or after too many calls, and as ``key_of`` does."""
    parts = request.app[PARTS]
    token = bearer(request)
    if token is None:
        raise ApiError("key_missing", "Send Authorization: Bearer and the key that an admin made.")
    key = await key_of(parts.context, token)
    parts.keys_limit.check(key.id, "calls of this key")
    return key


async def _body(request: web.Request, model: type[Body]) -> Body:
    return model.model_validate(await read_body(request))


def _respond(body: dict[str, Any], *, code: int = 200) -> web.Response:
    return web.json_response(body, status=code, headers={"Cache-Control": "no-store"})


async def read_key(request: web.Request) -> web.Response:
    """``GET /key``."""
    key = await _key(request)
    return _respond(
        {
            "key": {
                "name": key.name,
                "scopes": sorted(key.scopes),
                "categories": sorted(key.visible),
                "expires_at": when(key.expires_at),
            }
        }
    )


async def open_case(request: web.Request) -> web.Response:
    """``POST /cases``."""
    key = await _key(request)
    body = await _body(request, wire.OpenRequest)
    given = Opening(
        idempotency_key=body.idempotency_key,
        customer=GivenCustomer(body.customer.external_id, body.customer.email, body.customer.name),
        category=body.category,
        severity=body.severity,
        level=body.level,
        problem=body.problem.strip(),
        facts=dict(body.facts),
        transcript=tuple(Said(SenderType(line.sender), line.text, line.name) for line in body.transcript),
        language=body.language,
        reference=_reference(body.reference) if body.reference is not None else None,
    )
    found, created = await opening.open_outside(request.app[PARTS].context, key, given)
    return _respond({"case": case_view(found), "created": created}, code=201 if created else 200)


def _reference(given: wire.ReferenceGiven) -> GivenReference:
    return GivenReference(given.id, given.url, given.system)


async def read_case(request: web.Request) -> web.Response:
    """``GET /cases/{id}``."""
    key = await _key(request)
    return _respond({"case": case_view(await reading.read_case(request.app[PARTS].context, key, case_id_of(request)))})


async def read_by_reference(request: web.Request) -> web.Response:
    """``GET /references?system=&id=``."""
    key = await _key(request)
    system, external_id = request.query.get("system", key.name), request.query.get("id", "")
    for name, value in (("system", system), ("id", external_id)):
        if not (0 < len(value) <= 128 and value.isprintable()):
            raise ApiError("bad_value", f"{name} is a text of 1 to 128 characters.", field=name)
    found = await reading.read_by_reference(request.app[PARTS].context, key, system, external_id)
    return _respond({"case": case_view(found)})


async def read_changes(request: web.Request) -> web.Response:
    """``GET /changes``."""
    key = await _key(request)
    raw = request.query.get("limit", "50")
    if not (raw.isascii() and raw.isdigit() and len(raw) <= len(str(CHANGES_LIMIT)) and 1 <= int(raw) <= CHANGES_LIMIT):
        raise ApiError("bad_value", f"limit is a number from 1 to {CHANGES_LIMIT}.", field="limit")
    found = await reading.read_changes(request.app[PARTS].context, key, _place(request), limit=int(raw))
    return _respond(
        {
            "cases": [case_view(case) for case in found.cases],
            "cursor": f"{found.place.written_by}-{found.place.id}",
            "more": found.more,
        }
    )


def _place(request: web.Request) -> Place:
    raw = request.query.get("cursor")
    if raw is None:
        return BEGINNING
    fits = _CURSOR.fullmatch(raw)
    if fits is None:
        raise ApiError("bad_value", "cursor is the one of an earlier answer, as it was given.", field="cursor")
    return Place(int(fits[1]), int(fits[2]))


async def read_messages(request: web.Request) -> web.Response:
    """``GET /cases/{id}/messages``."""
    key = await _key(request)
    after = after_parameter(request)
    found = await reading.read_messages(request.app[PARTS].context, key, case_id_of(request), after=after)
    return _respond(
        {
            "messages": [message_view(message, key) for message in found],
            "last_seq": found[-1].seq if found else after,
        }
    )


async def read_history(request: web.Request) -> web.Response:
    """``GET /cases/{id}/history``."""
    key = await _key(request)
    found = await reading.read_history(request.app[PARTS].context, key, case_id_of(request))
    return _respond({"history": [event_view(event, key) for event in found]})


async def send_message(request: web.Request) -> web.Response:
    """``POST /cases/{id}/messages``."""
    key = await _key(request)
    context, body, case_id = request.app[PARTS].context, await _body(request, wire.MessageRequest), case_id_of(request)
    if body.sender == "agent":
        found, message = await talking.send_as_agent(
            context,
            key,
            case_id,
            client_message_id=body.client_message_id,
            text=body.text,
            author=body.author,
            version=body.version,
        )
    else:
        found, message = await talking.bring_from_customer(
            context,
            key,
            case_id,
            client_message_id=body.client_message_id,
            text=body.text,
            version=body.version,
        )
    return _respond({"message": message_view(message, key), "case": case_view(found)})


async def add_note(request: web.Request) -> web.Response:
    """``POST /cases/{id}/notes``."""
    key = await _key(request)
    body = await _body(request, wire.OutsideNoteRequest)
    found = await talking.add_note(
        request.app[PARTS].context,
        key,
        case_id_of(request),
        client_message_id=body.client_message_id,
        text=body.text,
        author=body.author,
        version=body.version,
    )
    return _respond({"case": case_view(found)})


async def change_severity(request: web.Request) -> web.Response:
    """``POST /cases/{id}/severity``."""
    key = await _key(request)
    body = await _body(request, wire.OutsideSeverityRequest)
    found = await status.change_severity(
        request.app[PARTS].context,
        key,
        case_id_of(request),
        severity=body.severity,
        reason=body.reason,
        author=body.author,
        version=body.version,
    )
    return _respond({"case": case_view(found)})


async def resolve(request: web.Request) -> web.Response:
    """``POST /cases/{id}/resolve``."""
    key = await _key(request)
    body = await _body(request, wire.OutsideResolveRequest)
    given = GivenResolution(body.disposition, body.root_cause, body.outcome, body.author)
    context = request.app[PARTS].context
    found = await status.resolve(context, key, case_id_of(request), given, version=body.version)
    return _respond({"case": case_view(found)})


async def reopen(request: web.Request) -> web.Response:
    """``POST /cases/{id}/reopen``."""
    key = await _key(request)
    body = await _body(request, wire.OutsideReopenRequest)
    context = request.app[PARTS].context
    found = await status.reopen(
        context, key, case_id_of(request), note=body.note, author=body.author, version=body.version
    )
    return _respond({"case": case_view(found)})


async def set_reference(request: web.Request) -> web.Response:
    """``POST /cases/{id}/references``."""
    key = await _key(request)
    body = await _body(request, wire.ReferenceRequest)
    context = request.app[PARTS].context
    found = await references.set_reference(context, key, case_id_of(request), _reference(body), version=body.version)
    return _respond({"case": case_view(found)})


async def rate(request: web.Request) -> web.Response:
    """``POST /cases/{id}/survey``."""
    key = await _key(request)
    body = await _body(request, wire.OutsideSurveyRequest)
    survey = Survey(body.csat, body.nps, body.comment, body.solved)
    return _respond(
        {"case": case_view(await status.rate(request.app[PARTS].context, key, case_id_of(request), survey))}
    )


def case_view(found: OutsideCase) -> dict[str, Any]:
    """A case as other systems see it."""
    case, customer = found.case, found.customer
    return {
        "id": case.id,
        "number": case.number,
        "version": case.version,
        "status": case.status,
        "category": case.category,
        "severity": case.severity,
        "level": case.level,
        "reason": case.reason,
        "source": case.source,
        "problem": case.problem,
        "facts": case.context.facts,
        "language": case.language,
        "customer": None
        if customer is None
        else {
            "id": customer.external_id or customer.id,
            "name": customer.name,
            "email": customer.email,
            "tier": customer.tier,
            "verified": customer.verified,
        },
        "agent": {"id": case.agent_id, "name": found.agent_name} if case.agent_id else None,
        "position": found.position,
        "waiting_for": case.waiting_for,
        "opened_at": when(case.opened_at),
        "accepted_at": when(case.accepted_at),
        "first_response_at": when(case.first_response_at),
        "first_response_due": when(case.targets.first_response_due),
        "next_update_due": when(case.next_word_due),
        "resolution_due": when(case.targets.resolution_due),
        "resolved_at": when(case.resolved_at),
        "disposition": case.disposition,
        "root_cause": case.root_cause,
        "outcome": case.outcome,
        "csat": case.csat,
        "nps": case.nps,
        "references": [
            {"system": r.system, "id": r.id, "url": r.url, "created_at": when(r.created_at)} for r in found.references
        ],
        "last_seq": found.last_seq,
    }


def message_view(message: Message, key: ApiKey) -> dict[str, Any]:
    """A message as other systems see it."""
    return {
        "seq": message.seq,
        "id": message.id,
        "sender": message.sender,
        "sender_name": message.sender_name,
        "text": message.text,
        "client_message_id": message.client_message_id,
        "own": message.sender_id == key.id,
        "created_at": when(message.created_at),
    }


def event_view(event: CaseEvent, key: ApiKey) -> dict[str, Any]:
    """A step as other systems see it."""
    reads = Scope.MESSAGES_READ in key.scopes
    return {
        "at": when(event.at),
        "kind": event.step,
        "actor_type": event.actor_type,
        "actor_name": event.actor_name,
        "own": event.actor_id == key.id,
        "text": event.text if reads else None,
        "data": event.data if reads else None,
    }
