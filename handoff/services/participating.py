"""What ends with a case's owner: whoever joined is a participant only while an agent has the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.services.context import Context
from handoff.services.events import Event
from handoff.store import supervising as store

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken


async def end_participations(_context: Context, db: AsyncConnection, taken: StepTaken) -> tuple[Event, ...]:
    """Let everybody who joined leave once nobody owns the case any more, and whoever becomes its owner."""
    before, after = taken.before, taken.after
    if before is None or not before.is_owned:
        return ()
    if not after.is_owned:
        await store.end_participation(db, after.id, taken.now)
    elif after.agent_id != before.agent_id:
        await store.end_participation(db, after.id, taken.now, agent_id=after.agent_id)
    return ()
