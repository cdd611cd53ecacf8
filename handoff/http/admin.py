"""What admins look after over HTTP: the keys of other systems, and the audit log (``docs/agent-api.md``)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from handoff.audit import as_csv, values
from handoff.contract import Category, WireModel
from handoff.domain.actors import Actor
from handoff.domain.api_keys import Scope
from handoff.domain.audit import AuditFilter
from handoff.domain.conversations import SenderType
from handoff.domain.people import Agent, Role
from handoff.http.agent_auth import BASE, require_session
from handoff.http.errors import ApiError
from handoff.http.guards import identifier_of, read_body
from handoff.http.operations import BODY, SESSION, SIGNED_IN, Operation
from handoff.http.parts import PARTS
from handoff.http.views import key_view
from handoff.http.wire import Wire
from handoff.services import api_keys
from handoff.services.audit import read_log

AUDIT_LIMIT: Final = 1000
_MOMENT: Final = TypeAdapter(AwareDatetime)


class AddKeyRequest(Wire):
    """``POST /keys``."""

    name: Annotated[str, Field(min_length=1, max_length=32)]
    scopes: Annotated[list[Annotated[Scope, Field(strict=False)]], Field(min_length=1, max_length=len(Scope))]
    categories: Annotated[list[Annotated[Category, Field(strict=False)]], Field(max_length=len(Category))] = Field(
        default_factory=list
    )
    expires_at: Annotated[AwareDatetime, Field(strict=False)] | None = None


class Key(WireModel):
    """A key of another system, without its secret."""

    id: str
    name: str
    scopes: list[Scope]
    categories: list[Category]
    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    last_used_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    live: bool


class KeysAnswer(WireModel):
    """``GET /keys``."""

    keys: list[Key]


class KeyAnswer(WireModel):
    """A key that was taken back."""

    key: Key


class KeyAddedAnswer(WireModel):
    """A new key; ``token`` is shown this once."""

    key: Key
    token: str


class Entry(WireModel):
    """One thing done or seen."""

    id: int
    at: AwareDatetime
    actor_type: SenderType
    actor_id: str | None
    actor_name: str | None
    action: str
    object_type: str
    object_id: str | None
    data: dict[str, Any]


class AuditAnswer(WireModel):
    """``GET /audit``; ``before`` continues with older entries, null when there are none."""

    entries: list[Entry]
    before: int | None


def routes() -> list[web.RouteDef]:
    """Keys and audit log."""
    return [
        web.get(f"{BASE}/keys", list_keys),
        web.post(f"{BASE}/keys", add_key),
        web.delete(f"{BASE}/keys/{{key_id}}", revoke_key),
        web.get(f"{BASE}/audit", read_audit),
    ]


async def _admin(request: web.Request) -> Agent:
    agent = (await require_session(request)).agent
    if agent.role is not Role.ADMIN:
        raise ApiError("not_allowed", "Only admins see keys and the audit log.")
    return agent


def _respond(body: dict[str, Any], *, status: int = 200) -> web.Response:
    return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})


async def list_keys(request: web.Request) -> web.Response:
    """``GET /keys``."""
    await _admin(request)
    context = request.app[PARTS].context
    now = context.clock()
    return _respond({"keys": [key_view(key, now) for key in await api_keys.all_keys(context)]})


async def add_key(request: web.Request) -> web.Response:
    """``POST /keys``."""
    agent = await _admin(request)
    context = request.app[PARTS].context
    body = AddKeyRequest.model_validate(await read_body(request))
    now = context.clock()
    key, token = await api_keys.add_key(
        context.db,
        Actor.of_agent(agent),
        context.new_id(),
        name=body.name,
        scopes=frozenset(body.scopes),
        categories=frozenset(body.categories),
        expires_at=body.expires_at,
        now=now,
    )
    return _respond({"key": key_view(key, now), "token": token}, status=201)


async def revoke_key(request: web.Request) -> web.Response:
    """``DELETE /keys/{id}``."""
    agent = await _admin(request)
    context = request.app[PARTS].context
    key_id = identifier_of(request, "key_id", "key")
    now = context.clock()
    key = await api_keys.revoke_key(context.db, Actor.of_agent(agent), key_id, now=now)
    return _respond({"key": key_view(key, now)})


async def read_audit(request: web.Request) -> web.Response:
    """``GET /audit``."""
    agent = await _admin(request)
    limit = _number(request, "limit", highest=AUDIT_LIMIT, usual=100)
    before = _number(request, "before", highest=2**31 - 1, usual=None)
    as_file = request.query.get("format", "json")
    if as_file not in ("json", "csv"):
        raise ApiError("bad_value", "format is json or csv.", field="format")
    wanted = AuditFilter(
        actor_id=_text(request, "actor"),
        action=_text(request, "action"),
        object_type=_text(request, "object_type"),
        object_id=_text(request, "object"),
        since=_moment(request, "since"),
        until=_moment(request, "until"),
    )
    found = await read_log(request.app[PARTS].context, agent, wanted, before=before, limit=limit or 1)
    if as_file == "csv":
        return web.Response(
            text=as_csv(found),
            content_type="text/csv",
            headers={"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="audit.csv"'},
        )
    return _respond({"entries": [values(e) for e in found], "before": found[-1].id if len(found) == limit else None})


def _text(request: web.Request, name: str) -> str | None:
    raw = request.query.get(name)
    if raw is not None and (len(raw) > 128 or not raw.isprintable()):
        raise ApiError("bad_value", f"{name} is a text of at most 128 characters.", field=name)
    return raw or None


def _number(request: web.Request, name: str, *, highest: int, usual: int | None) -> int | None:
    raw = request.query.get(name)
    if raw is None:
        return usual
    if not (raw.isascii() and raw.isdigit() and len(raw) <= len(str(highest)) and 1 <= int(raw) <= highest):
        raise ApiError("bad_value", f"{name} is a number from 1 to {highest}.", field=name)
    return int(raw)


def _moment(request: web.Request, name: str) -> datetime | None:
    raw = request.query.get(name)
    if raw is None:
        return None
    try:
        return _MOMENT.validate_python(raw)
    except ValidationError as error:
        raise ApiError("bad_value", f"{name} is a time like 2026-03-31T09:00:00Z.", field=name) from error


def _query(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


_TEXT: Final[dict[str, Any]] = {"type": "string", "minLength": 1, "maxLength": 128}
_TIME: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
OPERATIONS: Final = (
    Operation("get", "/keys", "Keys of other systems", {200: ("Keys.", KeysAnswer)}, None, SIGNED_IN, SESSION),
    Operation(
        "post",
        "/keys",
        "Make a key",
        {201: ("The key and its token.", KeyAddedAnswer)},
        AddKeyRequest,
        (*SIGNED_IN, *BODY, "csrf_failed"),
        SESSION,
    ),
    Operation(
        "delete",
        "/keys/{key_id}",
        "Take a key back",
        {200: ("The key.", KeyAnswer)},
        None,
        (*SIGNED_IN, "csrf_failed", "not_found"),
        SESSION,
    ),
    Operation(
        "get",
        "/audit",
        "Who did and who saw what",
        {200: ("Entries, newest first.", AuditAnswer)},
        None,
        (*SIGNED_IN, "bad_value"),
        SESSION,
        (
            *(_query(name, **_TEXT) for name in ("actor", "action", "object_type", "object")),
            *(_query(name, **_TIME) for name in ("since", "until")),
            _query("before", type="integer", minimum=1, maximum=2**31 - 1),
            _query("limit", type="integer", minimum=1, maximum=AUDIT_LIMIT, default=100),
        ),
    ),
)
"""``format=csv`` is left out: it answers with a file, described on the page."""
