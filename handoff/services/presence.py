"""Who is at the desk: heartbeats, what agents choose, and what colleagues see of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.errors import BadValue
from handoff.domain.people import Agent
from handoff.domain.presence import CHOSEN, Presence, PresenceState, PresenceStep, presence_after
from handoff.services.context import Context
from handoff.services.events import Event, PresenceChanged
from handoff.store import people
from handoff.store import presences as store


@dataclass(frozen=True, slots=True)
class Colleague:
    """An agent with their presence as it counts now; ``presence`` is None where they never opened a desk."""

    agent: Agent
    state: PresenceState
    presence: Presence | None


def state_of(context: Context, presence: Presence | None) -> PresenceState:
    """The state as it counts now, under the policy's limit."""
    if presence is None:
        return PresenceState.OFFLINE
    return presence.at(context.clock(), context.policy.presence.offline_after)


async def present_of(context: Context, db: AsyncConnection, agent_ids: Iterable[str]) -> frozenset[str]:
    """Who of these agents is at the desk and takes cases, as every node would say."""
    known = await store.presences_of(db, agent_ids)
    return frozenset(key for key, found in known.items() if state_of(context, found) is PresenceState.ONLINE)


async def is_present(context: Context, db: AsyncConnection, agent_id: str) -> bool:
    """Whether an agent is at the desk and takes cases."""
    return bool(await present_of(context, db, [agent_id]))


async def step_presence(
    context: Context, db: AsyncConnection, agent_id: str, step: PresenceStep
) -> tuple[Presence, tuple[Event, ...]]:
    """Move a presence inside the caller's transaction; the events are to be published after its commit."""
    before = await store.get_presence(db, agent_id, for_change=True)
    after = presence_after(before, agent_id, step, context.clock())
    if after == before:
        return after, ()
    await store.save_presence(db, after)
    moved = state_of(context, before) is not state_of(context, after)
    return after, (PresenceChanged(agent_id, after.state, after.changed_at),) if moved else ()


async def choose_presence(context: Context, agent: Agent, state: PresenceState) -> Presence:
    """What the agent says of themselves: online, away or do not disturb. Raises ``BadValue`` for offline."""
    if state not in CHOSEN:
        raise BadValue("Nobody chooses to be offline: close the desk or sign out.", field="state")
    async with context.db.write() as db:
        presence, events = await step_presence(context, db, agent.id, CHOSEN[state])
    context.publish(events)
    return presence


async def heartbeat(context: Context, agent_ids: Iterable[str]) -> None:
    """The desks of these agents are open."""
    listed = sorted(set(agent_ids))
    if not listed:
        return
    events: tuple[Event, ...] = ()
    async with context.db.write() as db:
        for agent_id in listed:
            _, more = await step_presence(context, db, agent_id, PresenceStep.HEARTBEAT)
            events += more
    context.publish(events)


async def leave(
    context: Context, agent_id: str, step: PresenceStep, *, unless: Callable[[], bool] = lambda: False
) -> None:
    """The agent closed the last desk or signed out. ``unless`` is asked once the presence is held: a desk that was
    opened meanwhile keeps the agent here."""
    events: tuple[Event, ...] = ()
    async with context.db.write() as db:
        await store.get_presence(db, agent_id, for_change=True)
        if not unless():
            _, events = await step_presence(context, db, agent_id, step)
    context.publish(events)


async def colleagues(context: Context) -> tuple[Colleague, ...]:
    """Everybody who deals with cases, by name, with their presence now."""
    async with context.db.read() as db:
        found = [agent for agent in await people.active_agents(db) if agent.works_cases]
        known = await store.presences_of(db, [agent.id for agent in found])
    return tuple(Colleague(agent, state_of(context, known.get(agent.id)), known.get(agent.id)) for agent in found)


async def own_presence(context: Context, agent_id: str) -> Presence | None:
    """One agent's presence as it stands."""
    async with context.db.read() as db:
        return await store.get_presence(db, agent_id)
