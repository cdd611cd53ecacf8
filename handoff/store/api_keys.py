"""API keys in the database, by the hash of their token: the database alone opens nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.api_keys import ApiKey, Scope
from handoff.store.schema import api_keys


def key_of(row: Row[Any]) -> ApiKey:
    """A row of ``api_keys`` as the domain knows it."""
    return ApiKey(
        id=row.id,
        name=row.name,
        # A scope that this version no longer knows opens nothing.
        scopes=frozenset(Scope(scope) for scope in row.scopes if scope in set(Scope)),
        categories=frozenset(Category(category) for category in row.categories),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


async def insert_key(db: AsyncConnection, key: ApiKey, *, key_hash: str) -> None:
    """Store a new key."""
    await db.execute(
        insert(api_keys).values(
            id=key.id,
            name=key.name,
            key_hash=key_hash,
            scopes=sorted(key.scopes),
            categories=sorted(key.categories),
            created_at=key.created_at,
            expires_at=key.expires_at,
        )
    )


async def key_by_hash(db: AsyncConnection, key_hash: str) -> ApiKey | None:
    """The key with this hash, also one that was revoked or has expired."""
    return await _first(db, select(api_keys).where(api_keys.c.key_hash == key_hash))


async def get_key(db: AsyncConnection, key_id: str) -> ApiKey | None:
    """The key with this id."""
    return await _first(db, select(api_keys).where(api_keys.c.id == key_id))


async def _first(db: AsyncConnection, query: Select[Any]) -> ApiKey | None:
    row = (await db.execute(query)).one_or_none()
    return key_of(row) if row else None


async def all_keys(db: AsyncConnection) -> tuple[ApiKey, ...]:
    """Every key that was ever made, newest first."""
    query = select(api_keys).order_by(api_keys.c.created_at.desc(), api_keys.c.id)
    return tuple(key_of(row) for row in (await db.execute(query)).all())


async def mark_revoked(db: AsyncConnection, key_id: str, *, now: datetime) -> None:
    """Take a key back; one that was taken back before stays as it is."""
    await db.execute(
        update(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None)).values(revoked_at=now)
    )


async def mark_used(db: AsyncConnection, key_id: str, *, now: datetime) -> None:
    """Remember when a key was used last."""
    await db.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now))
