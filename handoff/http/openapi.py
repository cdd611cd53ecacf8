"""The machine-readable form of the HTTP APIs, made from the models that check the requests."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from handoff.contract import Category, ErrorBody
from handoff.http import (
    admin,
    agent_schemas,
    agent_work,
    attachments,
    authority,
    board,
    canned,
    follow_ups,
    incidents,
    kept_responses,
    knowing,
    links,
    milestones,
    preferences,
    proposals,
    replays,
    review,
    saved_views,
    schemas,
    search,
    wire,
)
from handoff.http.errors import STATUS
from handoff.http.integration_operations import OPERATIONS as INTEGRATION
from handoff.http.kpis import OPERATIONS as KPI_OPERATIONS
from handoff.http.operations import AFTER as _AFTER
from handoff.http.operations import BODY as _BODY
from handoff.http.operations import OPENS as _OPENS
from handoff.http.operations import SESSION as _SESSION
from handoff.http.operations import SIGNED_IN as _SIGNED_IN
from handoff.http.operations import TOKEN as _TOKEN
from handoff.http.operations import Operation
from handoff.http.operations import step as _step
from handoff.http.outside_schemas import OUTSIDE

_IN_PATH: Final = re.compile(r"{(\w+)}")
REF: Final = "#/components/schemas/{model}"


AGENT: Final = (
    Operation(
        "post",
        "/session",
        "Sign in",
        {200: ("The agent and the CSRF token; sets the cookie.", agent_schemas.SessionAnswer)},
        wire.SignInRequest,
        (*_BODY, "sign_in_failed", "too_many_requests", "origin_not_allowed"),
    ),
    Operation(
        "get",
        "/session",
        "Who is signed in",
        {200: ("The agent.", agent_schemas.SessionAnswer)},
        None,
        _SIGNED_IN,
        _SESSION,
    ),
    Operation(
        "delete", "/session", "Sign out", {204: ("Signed out.", None)}, None, (*_SIGNED_IN, "csrf_failed"), _SESSION
    ),
    Operation(
        "get",
        "/queues",
        "The queues one serves",
        {200: ("Queues.", agent_schemas.QueuesAnswer)},
        None,
        _SIGNED_IN,
        _SESSION,
    ),
    Operation(
        "get",
        "/options",
        "What forms offer",
        {200: ("Options.", agent_schemas.OptionsAnswer)},
        None,
        _SIGNED_IN,
        _SESSION,
    ),
    Operation(
        "get",
        "/cases",
        "The cases one may see",
        {200: ("Cases in the order in which they are to be served.", agent_schemas.CasesAnswer)},
        None,
        (*_SIGNED_IN, "bad_value"),
        _SESSION,
        (
            {
                "name": "status",
                "in": "query",
                "schema": {"type": "string", "enum": ["waiting_in_queue", "mine", "open", "closed"]},
            },
            {"name": "category", "in": "query", "schema": {"type": "string", "enum": [str(c) for c in Category]}},
            {
                "name": "limit",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50},
            },
        ),
    ),
    Operation(
        "get",
        "/cases/{case_id}",
        "Everything about a case",
        {200: ("The case.", agent_schemas.CaseDetailAnswer)},
        None,
        (*_SIGNED_IN, "not_found"),
        _SESSION,
    ),
    Operation(
        "get",
        "/cases/{case_id}/messages",
        "The transcript",
        {200: ("Messages.", agent_schemas.MessagesAnswer)},
        None,
        (*_SIGNED_IN, "not_found", "bad_value"),
        _SESSION,
        (_AFTER,),
    ),
    *knowing.OPERATIONS,
    *authority.OPERATIONS,
    *attachments.AGENT_OPERATIONS,
    _step("accept", "Take a case", wire.AcceptRequest, "already_accepted", "level_too_low", "not_eligible", "reserved"),
    _step("release", "Give a case back", wire.ReleaseRequest, "wrong_state", "not_owner"),
    _step(
        "messages",
        "Write to the customer",
        wire.AgentMessageRequest,
        "wrong_state",
        "not_owner",
        answer=agent_schemas.SentAnswer,
    ),
    _step("notes", "Keep a private note", wire.NoteRequest),
    _step("transfer", "Move to another queue", wire.TransferRequest, "not_owner"),
    _step("escalate", "Move one level up", wire.EscalateRequest, "not_owner", "top_level"),
    _step("resolve", "Close", wire.ResolveRequest, "wrong_state", "not_owner"),
    _step("verdict", "Say whether a person was needed", wire.VerdictRequest, "wrong_state", "not_owner"),
    _step("severity", "Correct severity and triage", wire.SeverityRequest, "not_owner"),
    _step("next-update", "Promise another time", wire.NextUpdateRequest, "wrong_state", "not_owner"),
    *agent_work.OPERATIONS,
    *admin.OPERATIONS,
    *milestones.OPERATIONS,
    *follow_ups.OPERATIONS,
    *proposals.OPERATIONS,
    *review.OPERATIONS,
    *search.OPERATIONS,
    *canned.OPERATIONS,
    *saved_views.OPERATIONS,
    *kept_responses.OPERATIONS,
    *incidents.OPERATIONS,
    *board.OPERATIONS,
    *KPI_OPERATIONS,
    *replays.OPERATIONS,
    *OUTSIDE,
    *preferences.OPERATIONS,
)

CUSTOMER: Final = (
    Operation(
        "post",
        "/conversations",
        "Begin or resume",
        {200: ("Resumed.", schemas.Begun), 201: ("Begun.", schemas.Begun)},
        wire.BeginRequest,
        (*_BODY, "identity_invalid", "token_invalid", "token_expired", "origin_not_allowed", "too_many_requests"),
    ),
    Operation(
        "get",
        "/conversation",
        "State and messages",
        {200: ("The conversation.", schemas.ConversationAnswer)},
        None,
        (*_OPENS, "bad_value"),
        _TOKEN,
        (_AFTER,),
    ),
    Operation(
        "post",
        "/messages",
        "Send a message",
        {200: ("Stored.", schemas.MessageAccepted)},
        wire.CustomerMessage,
        (
            *_OPENS,
            *_BODY,
            "message_empty",
            "message_too_long",
            "conversation_closed",
            "button_not_available",
            "too_many_requests",
        ),
        _TOKEN,
    ),
    Operation(
        "post",
        "/ratings",
        "Rate an answer",
        {200: ("Kept.", schemas.RatingAccepted)},
        wire.RateRequest,
        (*_OPENS, *_BODY, "not_ratable", "conversation_closed", "too_many_requests"),
        _TOKEN,
    ),
    Operation(
        "post",
        "/survey",
        "Rate a case",
        {200: ("Kept.", schemas.SurveyAccepted)},
        wire.SurveyRequest,
        (*_OPENS, *_BODY, "not_ratable", "too_many_requests"),
        _TOKEN,
    ),
    Operation(
        "post",
        "/card",
        "Correct the handoff card",
        {200: ("The card as it is now.", schemas.CardCorrected)},
        wire.CardRequest,
        (*_OPENS, *_BODY, "wrong_state", "case_closed", "too_many_requests"),
        _TOKEN,
    ),
    Operation(
        "post",
        "/reopen",
        "Reopen a case",
        {200: ("Open again.", schemas.ReopenAccepted)},
        wire.ReopenCaseRequest,
        (*_OPENS, *_BODY, "not_reopenable", "conversation_closed", "too_many_requests"),
        _TOKEN,
    ),
    *links.OPERATIONS,
    *attachments.CUSTOMER_OPERATIONS,
    Operation(
        "post",
        "/contact",
        "Leave an e-mail address",
        {200: ("Kept.", schemas.ContactAccepted)},
        wire.ContactRequest,
        (*_OPENS, *_BODY, "email_invalid", "conversation_closed", "too_many_requests"),
        _TOKEN,
    ),
)


def document(title: str, base: str, operations: tuple[Operation, ...]) -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    found: dict[str, Any] = {}
    error = {"type": "object", "required": ["error"], "properties": {"error": _schema(ErrorBody, found)}}
    found["Error"] = {**error, "additionalProperties": False}
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation, found)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "servers": [{"url": base}],
        "paths": paths,
        "components": {
            "schemas": found,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "warmline_session"},
                "token": {"type": "http", "scheme": "bearer"},
                "key": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _schema(model: type[BaseModel], found: dict[str, Any], mode: JsonSchemaMode = "validation") -> dict[str, str]:
    own = model.model_json_schema(ref_template=REF, mode=mode)
    found.update(own.pop("$defs", {}))
    found[model.__name__] = own
    return {"$ref": REF.format(model=model.__name__)}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _operation(operation: Operation, found: dict[str, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for answer, (text, model) in operation.answers.items():
        responses[str(answer)] = {"description": text}
        if model is not None:
            responses[str(answer)]["content"] = _content(_schema(model, found, "serialization"))
        elif operation.file is not None:
            responses[str(answer)]["content"] = {operation.file: {"schema": {"type": "string"}}}
    for code in operation.refusals:
        status = str(STATUS[code])
        known = responses.get(status)
        described = f"{known['description']}, {code}" if known else code
        responses[status] = {"description": described, "content": _content({"$ref": REF.format(model="Error")})}
    described_call: dict[str, Any] = {
        "summary": operation.summary,
        "responses": responses,
        "security": list(operation.security),
    }
    parameters = list(operation.query)
    for name in _IN_PATH.findall(operation.path):
        identifier = {"type": "string", "minLength": 1, "maxLength": 64}
        parameters.append({"name": name, "in": "path", "required": True, "schema": identifier})
    if parameters:
        described_call["parameters"] = parameters
    if operation.takes:
        binary = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in operation.takes}
        described_call["requestBody"] = {"required": True, "content": binary}
    if operation.body is not None:
        described_call["requestBody"] = {"required": True, "content": _content(_schema(operation.body, found))}
    return described_call


@cache
def documents() -> dict[str, dict[str, Any]]:
    """The documents by the base of their paths; made once."""
    return {
        "/api/agent/v1": document("Warmline agent API", "/api/agent/v1", AGENT),
        "/api/customer/v1": document("Warmline customer protocol over HTTP", "/api/customer/v1", CUSTOMER),
        "/api/integration/v1": document("Warmline integration API", "/api/integration/v1", INTEGRATION),
    }


def routes() -> list[web.RouteDef]:
    """Where the documents are served."""
    return [web.get(f"{base}/openapi.json", _serve(found)) for base, found in documents().items()]


def _serve(found: dict[str, Any]) -> Any:
    async def serve(_request: web.Request) -> web.Response:
        return web.json_response(found)

    return serve
