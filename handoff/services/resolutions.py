"""Keeps a row of every closing of a case, however it was closed, and marks those that did not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Case
from handoff.domain.resolutions import closes, counted, reopens, resolution_of
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.store import resolutions

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken


def count_resolution(_context: Context, taken: StepTaken) -> Case:
    """Before a step is written: the case with its resolutions counted."""
    return counted(taken.before, taken.after)


async def keep_resolution(_context: Context, db: AsyncConnection, taken: StepTaken) -> tuple[Event, ...]:
    """After a step was written: the resolution that it made, or the one that it undid."""
    before, after = taken.before, taken.after
    if before is None:
        return ()
    if closes(before, after):
        await resolutions.add_resolution(db, resolution_of(before, after, taken.step, taken.now))
    elif reopens(before, after):
        await resolutions.mark_reopened(db, after.id, after.resolution_count, taken.now)
    return ()
