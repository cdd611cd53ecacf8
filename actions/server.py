"""The action server: Rasa's webhook protocol on loopback, with a secret, quiet logs and nothing that phones home.

It uses rasa-sdk's executor and speaks the protocol of Rasa 3.6 itself: a small application without tracing,
CORS and the warning that the SDK gives on every call about the version gap, which the recorded payloads in
the tests cover.
"""

from __future__ import annotations

import asyncio
import hmac
import time
import weakref
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Protocol

import structlog
from aiohttp import web
from rasa_sdk import ActionExecutionRejection
from rasa_sdk.interfaces import ActionNotFoundException

from actions.metrics import CONTENT_TYPE, Metrics
from actions.said import said_before
from models.frustration.reading import Said
from warmline.exchange import as_json, of_json

log = structlog.get_logger(__name__)

LARGEST_CALL_BYTES: Final = 32 * 1024 * 1024
"""Rasa sends the whole tracker; far above what a bounded tracker needs."""
LAST_ANSWERS_SECONDS: Final = 4.0
"""How long calls that came as frames may still run when the server is told to stop."""
RASA_VERSIONS: Final = ("3.6.",)
NO_FRAME: Final = "the frame is no question, its number or its body is missing, and no text to score ahead"


class Executor(Protocol):
    """Whatever runs the actions: rasa-sdk's executor, or one that chooses among several."""

    @property
    def actions(self) -> Mapping[str, Any]:
        """The actions by their names."""

    async def run(self, call: dict[str, Any], /) -> Any:
        """Run one call; returns its events and responses, or None where it names no action."""


@dataclass(frozen=True)
class Streams:
    """The connections on which calls come as frames, and the calls that run."""

    open: weakref.WeakSet[web.WebSocketResponse] = field(default_factory=weakref.WeakSet)
    running: set[asyncio.Task[None]] = field(default_factory=set)


class VectorCache(Protocol):
    """Whatever remembers the vector of a text that another process encoded."""

    def adopt(self, exported: Mapping[str, object]) -> bool:
        """Remember it; returns False when it cannot be used, and then the text is encoded here."""


class ScoresAhead(Protocol):
    """Whatever scores a text before it is asked for."""

    def begin(self, text: str, before: Sequence[Said], /) -> None:
        """Begin to score ``text`` after ``before``; returns at once."""


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
EXECUTOR: Final[web.AppKey[Executor]] = web.AppKey("executor")
READY: Final[web.AppKey[Callable[[], Mapping[str, Any]]]] = web.AppKey("ready")
VECTORS: Final[web.AppKey[VectorCache | None]] = web.AppKey("vectors")
AHEAD: Final[web.AppKey[ScoresAhead | None]] = web.AppKey("ahead")
STREAMS: Final = web.AppKey("streams", Streams)
METRICS: Final = web.AppKey("metrics", Metrics)
ENCODED_TEXT: Final = "encoded_text"
"""Member of a call's body, beside those of Rasa 3.6: the message's text with the vector that Rasa's process gave it."""


def create_app(
    executor: Executor,
    *,
    secret: str | None = None,
    metrics_secret: str | None = None,
    ready: Callable[[], Mapping[str, Any]] = dict,
    vectors: VectorCache | None = None,
    ahead: ScoresAhead | None = None,
) -> web.Application:
    """Return the application for ``executor``.

    Args:
        executor: the actions.
        secret: when given, every call must carry it as ``Authorization: Bearer``, but for ``/health`` and ``/metrics``.
        metrics_secret: when given, who reads ``/metrics`` must carry it.
        ready: what ``/health`` tells besides the status: what scores frustration, and the policy in force.
        vectors: takes the vectors that Rasa sends with its calls.
        ahead: is told each text that Rasa has received and not yet understood.
    """
    app = web.Application(
        middlewares=[_answer_errors, _require_secrets(secret, metrics_secret)], client_max_size=LARGEST_CALL_BYTES
    )
    app[EXECUTOR] = executor
    app[READY] = ready
    app[VECTORS] = vectors
    app[AHEAD] = ahead
    app[STREAMS] = Streams()
    app[METRICS] = Metrics()
    app.router.add_post("/webhook", _webhook)
    app.router.add_get("/stream", _stream)
    app.on_shutdown.append(_close_streams)
    app.router.add_get("/health", _health)
    app.router.add_get("/metrics", _metrics)
    app.router.add_get("/actions", _actions)
    return app


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok", **request.app[READY]()})


async def _metrics(request: web.Request) -> web.Response:
    return web.Response(body=request.app[METRICS].page(), headers={"Content-Type": CONTENT_TYPE})


async def _actions(request: web.Request) -> web.Response:
    return web.json_response([{"name": name} for name in sorted(request.app[EXECUTOR].actions)])


async def _webhook(request: web.Request) -> web.Response:
    call = _parse(await request.read(), request.headers.get("Content-Encoding"))
    status, body = await _run(request.app, call)
    return web.json_response(body, status=status)


async def _stream(request: web.Request) -> web.WebSocketResponse:
    """Calls as frames (warmline/exchange.py), side by side; each means what it means at ``/webhook``.

    ``{"body": {"score": text, "events": [...]}}`` tells of a text that a call will soon ask to score, with the events
    before it as a call has them, of which only what the customer and the bot said is needed; it is not answered.
    """
    socket = web.WebSocketResponse(max_msg_size=LARGEST_CALL_BYTES, compress=False)
    await socket.prepare(request)
    streams = request.app[STREAMS]
    streams.open.add(socket)
    async for incoming in socket:
        if incoming.type is web.WSMsgType.TEXT:
            # Outlives this handler: when Rasa goes away, what an action has begun is still done.
            task = asyncio.create_task(_answer_frame(request.app, socket, incoming.data))
            streams.running.add(task)
            task.add_done_callback(streams.running.discard)
    return socket


async def _close_streams(app: web.Application) -> None:
    """What runs may end; the server's own end would wait for the end of Rasa."""
    if app[STREAMS].running:
        await asyncio.wait(app[STREAMS].running, timeout=LAST_ANSWERS_SECONDS)
    await asyncio.gather(*(socket.close() for socket in tuple(app[STREAMS].open)))


async def _answer_frame(app: web.Application, socket: web.WebSocketResponse, raw: str) -> None:
    number: Any = None
    try:
        frame = _parse_frame(raw)
        if "number" not in frame:
            _score_ahead(app[AHEAD], frame["body"])
            return
        number = frame["number"]
        answer = _frame(number, *await _run(app, _checked(frame["body"])))
    except web.HTTPException as error:
        answer = _frame(number, error.status, {"error": error.text or error.reason})
    except Exception:
        log.exception("action_failed", path="/stream")
        answer = _frame(number, HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "the action failed"})
    with suppress(ConnectionError):
        await socket.send_str(answer)


def _frame(number: Any, status: int, body: dict[str, Any]) -> str:
    return as_json({"number": number, "status": int(status), "body": body})


def _parse_frame(raw: str) -> dict[str, Any]:
    try:
        frame = of_json(raw)
    except ValueError as error:
        raise web.HTTPUnprocessableEntity(text=NO_FRAME) from error
    if not isinstance(frame, dict) or "body" not in frame:
        raise web.HTTPUnprocessableEntity(text=NO_FRAME)
    return frame


def _score_ahead(ahead: ScoresAhead | None, body: Any) -> None:
    if not isinstance(body, dict) or body.keys() != {"score", "events"}:
        raise web.HTTPUnprocessableEntity(text=NO_FRAME)
    text, events = body["score"], body["events"]
    if not isinstance(text, str) or not isinstance(events, list) or not all(map(_is_event, events)):
        raise web.HTTPUnprocessableEntity(text=NO_FRAME)
    if ahead is not None:
        ahead.begin(text, said_before([*events, {"event": "user", "text": text}]))


def _is_event(found: Any) -> bool:
    return isinstance(found, dict) and isinstance(found.get("event"), str) and isinstance(found.get("text"), str)


async def _run(app: web.Application, call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The status and the body of the answer to one call, counted."""
    began, status = time.perf_counter(), int(HTTPStatus.INTERNAL_SERVER_ERROR)
    try:
        status, body = await _answer(app, call)
    finally:
        app[METRICS].count(call.get("next_action"), app[EXECUTOR].actions, status, time.perf_counter() - began)
    return status, body


async def _answer(app: web.Application, call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    version = str(call.get("version") or "")
    if not version.startswith(RASA_VERSIONS):
        log.warning("unexpected_rasa_version", version=version)
    # With enable_selective_domain Rasa 3.6 leaves the domain out; the SDK would take that for an error.
    call.setdefault("domain", {})
    encoded, vectors = call.pop(ENCODED_TEXT, None), app[VECTORS]
    if vectors is not None and isinstance(encoded, Mapping):
        vectors.adopt(encoded)
    name = call.get("next_action")
    try:
        result = await app[EXECUTOR].run(call)
    except ActionExecutionRejection as rejection:
        # The one answer by which Rasa lets another policy decide what to do next.
        return HTTPStatus.BAD_REQUEST, {"error": rejection.message, "action_name": rejection.action_name}
    except ActionNotFoundException:
        return HTTPStatus.NOT_FOUND, {"error": f"no action is named {name!r}", "action_name": str(name)}
    if result is None:
        return HTTPStatus.UNPROCESSABLE_ENTITY, {"error": "next_action is missing"}
    return HTTPStatus.OK, {"events": result.events, "responses": result.responses}


def _parse(body: bytes, encoding: str | None) -> dict[str, Any]:
    try:
        call = of_json(_inflate(body) if encoding == "deflate" else body)
    except (ValueError, zlib.error) as error:
        raise web.HTTPUnprocessableEntity(text="the body is no JSON") from error
    return _checked(call)


def _checked(call: Any) -> dict[str, Any]:
    tracker = call.get("tracker") if isinstance(call, dict) else None
    if not isinstance(call, dict) or not isinstance(tracker, dict) or not tracker.get("sender_id"):
        raise web.HTTPUnprocessableEntity(text="the body is no action call of Rasa: tracker.sender_id is missing")
    return call


def _inflate(body: bytes) -> bytes:
    """Undo Rasa's compression; aiohttp may have done it already."""
    return zlib.decompress(body) if body[:1] != b"{" else body


def _require_secrets(internal: str | None, metrics: str | None) -> Any:
    of_path = {"/health": (None, ""), "/metrics": (metrics, "metrics")}

    @web.middleware
    async def require_secret(request: web.Request, handler: Handler) -> web.StreamResponse:
        secret, name = of_path.get(request.path, (internal, "internal"))
        given = request.headers.get("Authorization", "").encode()
        if secret is not None and not hmac.compare_digest(given, f"Bearer {secret}".encode()):
            raise web.HTTPUnauthorized(text=f"the Authorization header must carry the {name} secret")
        return await handler(request)

    return require_secret


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        return web.json_response({"error": error.text or error.reason}, status=error.status)
    except Exception:
        # The call holds what the customer wrote, so neither the log nor the answer repeats it.
        log.exception("action_failed", path=request.path)
        return web.json_response({"error": "the action failed"}, status=HTTPStatus.INTERNAL_SERVER_ERROR)
