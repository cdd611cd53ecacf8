"""How a member of staff wants to be told: reading it, and choosing anew."""

from __future__ import annotations

from collections.abc import Mapping

from handoff.domain.notifications import NotificationKind
from handoff.domain.people import Agent
from handoff.domain.preferences import Chosen, Preferences
from handoff.services.context import Context
from handoff.store import preferences as store


async def read_preferences(context: Context, agent: Agent) -> Preferences:
    """One's own choices."""
    async with context.db.read() as db:
        return (await store.preferences_of(db, [agent.id])).get(agent.id, Preferences())


async def choose_preferences(
    context: Context,
    agent: Agent,
    notices: Mapping[NotificationKind, Chosen | None],
    *,
    quiet_when_away: bool | None,
) -> Preferences:
    """Change what is named and leave the rest; it holds from the next notification on."""
    async with context.db.write() as db:
        after = (await store.hold_preferences(db, agent.id)).changed(notices, quiet_when_away)
        await store.save_preferences(db, agent.id, after)
    return after
