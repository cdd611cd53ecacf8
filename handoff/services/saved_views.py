"""Searches under a name: everybody has their own, those who lead may share one with all."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.errors import BadValue, NotAllowed, NotFound
from handoff.domain.people import Agent
from handoff.domain.search import parse_query, written
from handoff.services.context import Context
from handoff.store import desk as store
from handoff.store.desk import SavedView

MOST_VIEWS: Final = 50


async def views_of(context: Context, agent: Agent) -> tuple[SavedView, ...]:
    """One's own and the shared ones, by name."""
    async with context.db.read() as db:
        return await store.views_for(db, agent.id)


async def save_view(context: Context, agent: Agent, *, name: str, query: str, shared: bool) -> SavedView:
    """Keep a search. Raises ``BadValue`` for one that cannot be read, ``NotAllowed`` for sharing without leading."""
    kept = written(parse_query(query))
    _check_sharing(agent, shared=shared)
    async with context.db.write() as db:
        mine = [view for view in await store.views_for(db, agent.id) if view.agent_id == agent.id]
        if len(mine) >= MOST_VIEWS:
            raise BadValue(f"You have {MOST_VIEWS} views already. Delete one that you no longer use.", field="name")
        view = SavedView(context.new_id(), agent.id, agent.name, name.strip(), kept, shared, context.clock())
        await store.add_view(db, view)
    return view


async def change_view(
    context: Context, agent: Agent, view_id: str, *, name: str, query: str, shared: bool
) -> SavedView:
    """Change one's own view, or as somebody who leads a shared one. Raises as ``save_view``, and ``NotFound``."""
    kept = written(parse_query(query))
    _check_sharing(agent, shared=shared)
    async with context.db.write() as db:
        view = await _to_change(db, agent, view_id)
        await store.change_view(db, view.id, name=name.strip(), query=kept, shared=shared)
    return SavedView(view.id, view.agent_id, view.agent_name, name.strip(), kept, shared, view.created_at)


async def delete_view(context: Context, agent: Agent, view_id: str) -> None:
    """Take one away; raises ``NotFound`` or ``NotAllowed``."""
    async with context.db.write() as db:
        await store.delete_view(db, (await _to_change(db, agent, view_id)).id)


def leads_somewhere(agent: Agent) -> bool:
    """Whether somebody leads at least one queue."""
    return any(agent.leads(category) for category in agent.visible_queues())


def _check_sharing(agent: Agent, *, shared: bool) -> None:
    if shared and not leads_somewhere(agent):
        raise NotAllowed("Only somebody who leads a queue shares a view. Keep it for yourself, or ask your lead.")


async def _to_change(db: AsyncConnection, agent: Agent, view_id: str) -> SavedView:
    view = next((one for one in await store.views_for(db, agent.id) if one.id == view_id), None)
    if view is None:
        raise NotFound("There is no such view.")
    if view.agent_id != agent.id and not leads_somewhere(agent):
        raise NotAllowed(f"{view.agent_name} shares this view. Save one of your own to change it.")
    return view
