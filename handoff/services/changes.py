"""The order in which cases changed, for systems that read along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.services.context import Context
from handoff.services.events import Event
from handoff.store.case_changes import add_change

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken


async def note_change(_context: Context, db: AsyncConnection, taken: StepTaken) -> tuple[Event, ...]:
    """Remember that the case changed."""
    await add_change(db, taken.after.id)
    return ()
