"""Saved views, agents' own responses, and which macros ran. Every function works inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.canned import KeptResponse
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


async def responses_for(db: AsyncConnection, agent_id: str) -> tuple[KeptResponse, ...]:
    """The responses that an agent keeps, and those that are shared, by title."""
    query = (
        select(own_responses, agents.c.name.label("agent_name"))
        .join(agents, agents.c.id == own_responses.c.agent_id)
        .where(or_(own_responses.c.agent_id == agent_id, own_responses.c.shared))
        .order_by(own_responses.c.title, own_responses.c.id)
    )
    return tuple(
        KeptResponse(
            id=row.id,
            agent_id=row.agent_id,
            agent_name=row.agent_name,
            title=row.title,
            language=row.language,
            text=row.text,
            created_at=row.created_at,
            category=Category(row.category) if row.category else None,
            shared=row.shared,
        )
        for row in (await db.execute(query)).all()
    )


_WORDS = ("title", "language", "text", "category", "shared")


async def add_response(db: AsyncConnection, kept: KeptResponse) -> None:
    """Store a new one."""
    values = {name: getattr(kept, name) for name in ("id", "agent_id", "created_at", *_WORDS)}
    await db.execute(insert(own_responses).values(**values))


async def change_response(db: AsyncConnection, kept: KeptResponse) -> None:
    """Store its words and audience as they are now."""
    values = {name: getattr(kept, name) for name in _WORDS}
    await db.execute(update(own_responses).where(own_responses.c.id == kept.id).values(**values))


async def delete_response(db: AsyncConnection, response_id: str) -> None:
    """Take it away."""
    await db.execute(delete(own_responses).where(own_responses.c.id == response_id))


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
