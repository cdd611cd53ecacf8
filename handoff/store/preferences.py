"""How members of staff want to be told. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.notifications import NotificationKind
from handoff.domain.preferences import Chosen, Preferences
from handoff.store.schema import agent_preferences

_KINDS = frozenset(NotificationKind)


def preferences_of_row(row: Row[Any]) -> Preferences:
    """A row of ``agent_preferences`` as the domain knows it; kinds that there are no more say nothing."""
    notices = {NotificationKind(kind): Chosen(**chosen) for kind, chosen in row.notices.items() if kind in _KINDS}
    return Preferences(notices, row.quiet_when_away)


async def preferences_of(db: AsyncConnection, agent_ids: Iterable[str]) -> dict[str, Preferences]:
    """What is known of these people; who never chose anything is left out."""
    query = select(agent_preferences).where(agent_preferences.c.agent_id.in_(set(agent_ids)))
    return {row.agent_id: preferences_of_row(row) for row in (await db.execute(query)).all()}


async def hold_preferences(db: AsyncConnection, agent_id: str) -> Preferences:
    """One person's choices, held until the transaction ends; as usual where they never chose."""
    query = select(agent_preferences).where(agent_preferences.c.agent_id == agent_id).with_for_update()
    row = (await db.execute(query)).one_or_none()
    return preferences_of_row(row) if row else Preferences()


async def save_preferences(db: AsyncConnection, agent_id: str, preferences: Preferences) -> None:
    """Keep somebody's choices in place of those of before."""
    notices = {kind: asdict(chosen) for kind, chosen in preferences.notices.items()}
    values = {"agent_id": agent_id, "notices": notices, "quiet_when_away": preferences.quiet_when_away}
    changed = {name: value for name, value in values.items() if name != "agent_id"}
    insert = postgres_insert if db.dialect.name == "postgresql" else sqlite_insert
    statement = insert(agent_preferences).values(**values)
    await db.execute(statement.on_conflict_do_update(index_elements=["agent_id"], set_=changed))
