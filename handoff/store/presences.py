"""Presence of agents in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.presence import Presence, PresenceState
from handoff.store.schema import presences


def presence_of(row: Row[Any]) -> Presence:
    """A row of ``presences`` as the domain knows it."""
    return Presence(row.agent_id, PresenceState(row.state), row.changed_at, row.seen_at)


async def get_presence(db: AsyncConnection, agent_id: str, *, for_change: bool = False) -> Presence | None:
    """The presence of an agent; None where they never opened a desk. ``for_change`` holds the row."""
    query = select(presences).where(presences.c.agent_id == agent_id)
    row = (await db.execute(query.with_for_update() if for_change else query)).one_or_none()
    return presence_of(row) if row else None


async def presences_of(db: AsyncConnection, agent_ids: Iterable[str]) -> dict[str, Presence]:
    """The presences that are known of these agents."""
    query = select(presences).where(presences.c.agent_id.in_(set(agent_ids)))
    return {row.agent_id: presence_of(row) for row in (await db.execute(query)).all()}


async def save_presence(db: AsyncConnection, presence: Presence) -> None:
    """Store a presence, the first or the next one."""
    values = {"state": presence.state, "changed_at": presence.changed_at, "seen_at": presence.seen_at}
    make = sqlite_insert if db.dialect.name == "sqlite" else postgres_insert
    await db.execute(
        make(presences)
        .values(agent_id=presence.agent_id, **values)
        .on_conflict_do_update(index_elements=["agent_id"], set_=values)
    )
