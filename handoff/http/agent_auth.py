"""Who is at the desk: the session cookie, the CSRF token, the role."""

from __future__ import annotations

import hmac
from typing import Final

from aiohttp import web

from handoff.domain.people import Agent
from handoff.domain.presence import PresenceStep
from handoff.http.errors import ApiError
from handoff.http.guards import read_body
from handoff.http.parts import PARTS
from handoff.http.views import agent_view
from handoff.http.wire import SignInRequest
from handoff.services import sign_in as sessions
from handoff.services.presence import leave
from handoff.store.people import AgentSession

BASE: Final = "/api/agent/v1"
COOKIE: Final = "warmline_session"


def routes() -> list[web.RouteDef]:
    """Sign in, who am I, sign out."""
    return [
        web.post(f"{BASE}/session", sign_in),
        web.get(f"{BASE}/session", who_am_i),
        web.delete(f"{BASE}/session", sign_out),
    ]


async def require_session(request: web.Request) -> AgentSession:
    """The session of a request; raises ``ApiError`` without one, and for a change without the CSRF token."""
    parts = request.app[PARTS]
    parts.origins.check_agent(request)
    token = request.cookies.get(COOKIE)
    session = await sessions.session_of(parts.context, token) if token else None
    if session is None:
        raise ApiError("not_signed_in", "Sign in first.")
    if request.method not in ("GET", "HEAD"):
        given = request.headers.get("X-CSRF-Token", "")
        if not hmac.compare_digest(given.encode(errors="surrogatepass"), session.csrf_token.encode()):
            raise ApiError("csrf_failed", "Send the session's csrf_token in the header X-CSRF-Token.")
    return session


async def require_case_session(request: web.Request) -> AgentSession:
    """The session of an agent whose role deals with cases; raises ``ApiError`` otherwise."""
    session = await require_session(request)
    if not session.agent.works_cases:
        raise ApiError("not_allowed", f"The role {session.agent.role} does not deal with cases.")
    return session


async def require_case_worker(request: web.Request) -> Agent:
    """The signed-in agent, if their role deals with cases; raises ``ApiError`` otherwise."""
    return (await require_case_session(request)).agent


async def sign_in(request: web.Request) -> web.Response:
    """``POST /session``."""
    parts = request.app[PARTS]
    parts.origins.check_agent(request)
    body = SignInRequest.model_validate(await read_body(request))
    email = body.email.strip().lower()
    caller = parts.callers.of(request)
    parts.sign_in_limits.check(email, caller)
    signed_in = await sessions.sign_in(parts.context, email, body.password)
    if signed_in is None:
        raise ApiError("sign_in_failed", "E-mail or password are wrong.")
    parts.sign_in_limits.succeeded(email, caller)
    response = _answer(signed_in.session)
    response.set_cookie(
        COOKIE,
        signed_in.token,
        max_age=int(sessions.SESSION_LIFE.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=parts.secure_cookies,
        path="/",
    )
    return response


async def who_am_i(request: web.Request) -> web.Response:
    """``GET /session``."""
    return _answer(await require_session(request))


async def sign_out(request: web.Request) -> web.Response:
    """``DELETE /session``; the streams of the session end with it."""
    session = await require_session(request)
    parts, token = request.app[PARTS], request.cookies[COOKIE]
    key = sessions.session_key(token)
    agent_id = session.agent.id
    await sessions.sign_out(parts.context, token)
    await leave(
        parts.context, agent_id, PresenceStep.SIGN_OUT, unless=lambda: parts.hub.has_desk(agent_id, besides=key)
    )
    parts.hub.end_session(key)
    response = web.Response(status=204)
    response.del_cookie(COOKIE, path="/")
    return response


def _answer(session: AgentSession) -> web.Response:
    return web.json_response(
        {"agent": agent_view(session.agent), "csrf_token": session.csrf_token}, headers={"Cache-Control": "no-store"}
    )
