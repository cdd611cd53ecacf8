"""What a resolution leaves for later: the case waits for its vector, by which similar ones find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Step
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.store import case_meanings

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken


async def remember_resolution(_context: Context, db: AsyncConnection, taken: StepTaken) -> tuple[Event, ...]:
    """Let a case that is resolved wait for its vector; nothing is encoded in the transaction."""
    if taken.step is Step.RESOLVE:
        await case_meanings.let_wait(db, taken.after.id, closed_at=taken.now)
    return ()
