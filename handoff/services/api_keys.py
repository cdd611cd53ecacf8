"""Making keys for other systems, taking them back, and knowing one by its token.

A token is shown once and kept as a hash. It is 256 bits of chance, so a fast hash is enough: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from handoff.contract import Category
from handoff.domain.actors import Actor
from handoff.domain.api_keys import NAME, NAME_RULE, ApiKey, Scope
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.errors import BadValue, KeyUnknown, NotFound
from handoff.services.context import Context
from handoff.store import api_keys as store
from handoff.store.audit import add_entry
from handoff.store.database import Database

PREFIX: Final = "wlk_"
"""Begins every token, so that one that got into a repository or a log can be searched for."""
USED_EVERY: Final = timedelta(minutes=1)
"""How exactly ``last_used_at`` is kept: not every call writes."""


def token_hash(token: str) -> str:
    """What a key is known by. Looking a hash up tells by its time nothing of the token (it cannot be steered)."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


async def add_key(
    db: Database,
    actor: Actor,
    key_id: str,
    *,
    name: str,
    scopes: frozenset[Scope],
    categories: frozenset[Category],
    expires_at: datetime | None,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Make a key; returns it with its token, which nobody can read again. Raises ``BadValue``."""
    if not NAME.fullmatch(name):
        raise BadValue(f"A key's name is {NAME_RULE}.", field="name")
    if name == "bot":
        raise BadValue("Cases of the bot bear the name bot; choose the name of the other system.", field="name")
    if not scopes:
        raise BadValue(f"A key without a scope opens nothing. Name some of {', '.join(Scope)}.", field="scopes")
    if expires_at is not None and expires_at <= now:
        raise BadValue("This key would have expired already.", field="expires_at")
    token = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(key_id, name, scopes, categories, now, expires_at)
    told = {"name": name, "scopes": sorted(scopes), "categories": sorted(categories)}
    async with db.write() as connection:
        await store.insert_key(connection, key, key_hash=token_hash(token))
        await add_entry(connection, AuditEntry(now, actor, Did.KEY_ADDED, "key", key.id, told))
    return key, token


async def revoke_key(db: Database, actor: Actor, key_id: str, *, now: datetime) -> ApiKey:
    """Take a key back: its next call is refused. Doing so again changes nothing. Raises ``NotFound``."""
    async with db.write() as connection:
        key = await store.get_key(connection, key_id)
        if key is None:
            raise NotFound("There is no such key.")
        if key.revoked_at is None:
            await store.mark_revoked(connection, key.id, now=now)
            await add_entry(connection, AuditEntry(now, actor, Did.KEY_REVOKED, "key", key.id, {"name": key.name}))
        return await store.get_key(connection, key_id) or key


async def all_keys(context: Context) -> tuple[ApiKey, ...]:
    """Every key that was ever made, newest first."""
    async with context.db.read() as db:
        return await store.all_keys(db)


async def key_of(context: Context, token: str) -> ApiKey:
    """The live key of a token. Raises ``KeyUnknown``, ``KeyRevoked`` or ``KeyExpired``."""
    now = context.clock()
    async with context.db.read() as db:
        key = await store.key_by_hash(db, token_hash(token))
    if key is None:
        raise KeyUnknown("This is no key of ours. Send Authorization: Bearer and the key as it was shown once.")
    key.require_live(now)
    if key.last_used_at is None or key.last_used_at + USED_EVERY <= now:
        async with context.db.write() as db:
            await store.mark_used(db, key.id, now=now)
    return key
