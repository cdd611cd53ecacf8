"""What is written into the audit log by the service itself: steps of cases, what was seen, the policy in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import SYSTEM, Actor
from handoff.domain.audit import AuditEntry, AuditFilter, Did, what_changed
from handoff.domain.people import Agent
from handoff.services.context import Context
from handoff.services.events import Event
from handoff.store.audit import add_entry, read_entries

if TYPE_CHECKING:
    from handoff.services.after_step import StepTaken

CASE = "case"


async def audit_step(_context: Context, db: AsyncConnection, taken: StepTaken) -> tuple[Event, ...]:
    """Write down a step with who did it and what it changed; the words stay where they were said."""
    entry = AuditEntry(
        taken.now, taken.actor, f"case.{taken.step}", CASE, taken.after.id, what_changed(taken.before, taken.after)
    )
    await add_entry(db, entry)
    return ()


async def note_seen(context: Context, actor: Actor, did: Did, case_id: str, **data: int | str) -> None:
    """Write down that somebody was shown a case or what was said in it.

    It is written before the answer leaves, so nobody sees what the log does not know of.
    """
    async with context.db.write() as db:
        await add_entry(db, AuditEntry(context.clock(), actor, did, CASE, case_id, dict(data)))


async def note_list(context: Context, actor: Actor, name: str, shown: int, **chosen: int | str | None) -> None:
    """Write down that somebody was shown a list of cases or conversations, before the answer leaves.

    Args:
        name: which list: "cases", "board".
        shown: how many stood in it.
        chosen: by what it was chosen; None says nothing and is left out. It goes into the log as it is.
    """
    given = {key: value for key, value in chosen.items() if value is not None}
    now, reading = context.clock(), (actor.id, name, *sorted(given.items()))
    if not context.list_readings.is_due(now, *reading):
        return
    try:
        async with context.db.write() as db:
            await add_entry(db, AuditEntry(now, actor, Did.LIST_READ, "list", name, {**given, "shown": shown}))
    except BaseException:
        context.list_readings.forget(*reading)
        raise


async def note_export(context: Context, actor: Actor, what: str, **chosen: int | str | None) -> None:
    """Write down that somebody took figures or lists away as a file, before they do."""
    given = {key: value for key, value in chosen.items() if value is not None}
    async with context.db.write() as db:
        await add_entry(db, AuditEntry(context.clock(), actor, Did.EXPORT, "export", what, given))


async def note_policy(context: Context) -> bool:
    """Write down which policy is in force, unless it is the one that the log named last. Returns whether it did."""
    version = context.current().policy.version
    async with context.db.write() as db:
        last = await read_entries(db, AuditFilter(object_type="policy"), limit=1)
        if last and last[0].object_id == version:
            return False
        before = {"before": last[0].object_id} if last else {}
        await add_entry(db, AuditEntry(context.clock(), SYSTEM, Did.POLICY, "policy", version, before))
    return True


async def read_log(
    context: Context, agent: Agent, wanted: AuditFilter, *, before: int | None, limit: int
) -> tuple[AuditEntry, ...]:
    """Entries of the log for an admin, newest first; that they were read is written down too."""
    async with context.db.read() as db:
        found = await read_entries(db, wanted, before=before, limit=limit)
    async with context.db.write() as db:
        read = {"entries": len(found)}
        await add_entry(db, AuditEntry(context.clock(), Actor.of_agent(agent), Did.AUDIT_READ, "audit", None, read))
    return found
