"""Agents' passwords and sessions. A session is kept by the hash of its token: the database alone opens nothing."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from handoff.domain.actors import SYSTEM, Actor
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.people import Agent
from handoff.services.context import Context
from handoff.store import people
from handoff.store.audit import add_entry
from handoff.store.people import AgentSession

SESSION_LIFE: Final = timedelta(hours=12)
_HASHER = PasswordHasher()
_DECOY = _HASHER.hash(secrets.token_urlsafe(16))
"""Checked when the e-mail is unknown, so that the answer takes as long."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session with the token for the cookie."""

    token: str
    session: AgentSession


def hash_password(password: str) -> str:
    """An argon2id hash with the library's recommended parameters."""
    return _HASHER.hash(password)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


async def sign_in(context: Context, email: str, password: str) -> SignedIn | None:
    """Begin a session, or None when e-mail or password are wrong (which of them is not told)."""
    async with context.db.read() as db:
        found = await people.agent_with_password(db, email)
    agent, password_hash = found if found is not None else (None, _DECOY)
    if not await asyncio.to_thread(_matches, password_hash, password) or agent is None:
        await _note_failure(context, agent)
        return None
    return await _begin_session(context, agent)


async def _note_failure(context: Context, agent: Agent | None) -> None:
    """Write down a failed sign-in. An e-mail that nobody has is left out: passwords are typed into the wrong field."""
    known = {"known": agent is not None}
    entry = AuditEntry(context.clock(), SYSTEM, Did.SIGN_IN_FAILED, "agent", agent.id if agent else None, known)
    async with context.db.write() as db:
        await add_entry(db, entry)


async def _begin_session(context: Context, agent: Agent) -> SignedIn:
    now = context.clock()
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    expires = now + SESSION_LIFE
    async with context.db.write() as db:
        await people.insert_session(
            db, token_hash=session_key(token), agent_id=agent.id, csrf_token=csrf, created_at=now, expires_at=expires
        )
        await add_entry(db, AuditEntry(now, Actor.of_agent(agent), Did.SIGN_IN, "agent", agent.id))
    return SignedIn(token, AgentSession(agent, csrf, expires))


async def session_of(context: Context, token: str) -> AgentSession | None:
    """The live session of a cookie's token."""
    async with context.db.read_once() as db:
        return await people.session_by_token(db, session_key(token), now=context.clock())


async def sign_out(context: Context, token: str) -> None:
    """End a session."""
    now = context.clock()
    async with context.db.write() as db:
        session = await people.session_by_token(db, session_key(token), now=now)
        await people.delete_session(db, session_key(token))
        if session is not None:
            agent = session.agent
            await add_entry(db, AuditEntry(now, Actor.of_agent(agent), Did.SIGN_OUT, "agent", agent.id))


def session_key(token: str) -> str:
    """What a session is known by: the hash of its token, whatever bytes the cookie holds."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
