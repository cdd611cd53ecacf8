"""Saved views, agents' own responses, and which macros ran. Every function works inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.canned import CannedResponse
from handoff.store.schema import agents, macro_runs, own_responses, saved_views


@dataclass(frozen=True, slots=True)
class SavedView:
    """A search under a name. ``shared``: everybody who deals with cases has it in their list."""

    id: str
    agent_id: str
    agent_name: str
    name: str
    query: str
    shared: bool
    created_at: datetime


async def views_for(db: AsyncConnection, agent_id: str) -> tuple[SavedView, ...]:
    """One's own views and those that are shared, by name."""
    query = (
        select(saved_views, agents.c.name.label("agent_name"))
        .join(agents, agents.c.id == saved_views.c.agent_id)
        .where(or_(saved_views.c.agent_id == agent_id, saved_views.c.shared))
        .order_by(saved_views.c.name, saved_views.c.id)
    )
    return tuple(
        SavedView(row.id, row.agent_id, row.agent_name, row.name, row.query, row.shared, row.created_at)
        for row in (await db.execute(query)).all()
    )


async def add_view(db: AsyncConnection, view: SavedView) -> None:
    """Store a new one."""
    values = {name: getattr(view, name) for name in ("id", "agent_id", "name", "query", "shared", "created_at")}
    await db.execute(insert(saved_views).values(**values))


async def change_view(db: AsyncConnection, view_id: str, *, name: str, query: str, shared: bool) -> None:
    """Another name, search, or audience."""
    change = update(saved_views).where(saved_views.c.id == view_id)
    await db.execute(change.values(name=name, query=query, shared=shared))


async def delete_view(db: AsyncConnection, view_id: str) -> None:
    """Take it away."""
    await db.execute(delete(saved_views).where(saved_views.c.id == view_id))


async def responses_of(db: AsyncConnection, agent_id: str) -> tuple[CannedResponse, ...]:
    """The agent's own responses, by title."""
    query = select(own_responses).where(own_responses.c.agent_id == agent_id)
    rows = (await db.execute(query.order_by(own_responses.c.title, own_responses.c.id))).all()
    return tuple(CannedResponse(row.id, row.title, row.language, row.text, own=True) for row in rows)


async def add_response(db: AsyncConnection, agent_id: str, response: CannedResponse, *, now: datetime) -> None:
    """Store a new one of the agent's own."""
    await db.execute(
        insert(own_responses).values(
            id=response.id,
            agent_id=agent_id,
            title=response.title,
            language=response.language,
            text=response.text,
            created_at=now,
        )
    )


async def delete_response(db: AsyncConnection, agent_id: str, response_id: str) -> bool:
    """Take one of the agent's own away; False where there is none."""
    mine = (own_responses.c.id == response_id) & (own_responses.c.agent_id == agent_id)
    return (await db.execute(delete(own_responses).where(mine))).rowcount > 0


async def macro_run(db: AsyncConnection, case_id: str, client_id: str) -> tuple[str, str] | None:
    """Which macro ran under this identifier, and whose it was; None where none did."""
    query = select(macro_runs.c.macro, macro_runs.c.agent_id).where(
        macro_runs.c.case_id == case_id, macro_runs.c.client_id == client_id
    )
    row = (await db.execute(query)).one_or_none()
    return (row.macro, row.agent_id) if row else None


async def add_macro_run(
    db: AsyncConnection, case_id: str, client_id: str, macro: str, agent_id: str, now: datetime
) -> None:
    """Remember that it ran."""
    values = {"case_id": case_id, "client_id": client_id, "macro": macro, "agent_id": agent_id, "run_at": now}
    await db.execute(insert(macro_runs).values(**values))
