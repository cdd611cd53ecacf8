"""What those who lead do with conversations that go on: read along, flag, join (field.md's monitor, flag and join)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.cases import Case
from handoff.domain.conversations import Message, Turn
from handoff.domain.errors import NotFound
from handoff.domain.people import Agent
from handoff.services.context import Context
from handoff.store import cases as case_store
from handoff.store import conversations as store
from handoff.store.audit import add_entry

CONVERSATION = "conversation"


async def supervised_case(db: AsyncConnection, agent: Agent, conversation_id: str) -> Case | None:
    """The open case of a conversation that somebody may supervise, None where there is none.

    Who sees all queues supervises every conversation, who leads a queue those with an open case of it. Raises
    ``NotFound``, also for one that they may not know of.
    """
    await store.get_conversation(db, conversation_id)
    case = await case_store.open_case_of(db, conversation_id)
    if agent.works_cases and (agent.sees_all or (case is not None and agent.leads(case.category))):
        return case
    raise NotFound("There is no such conversation.")


async def monitor(
    context: Context, agent: Agent, conversation_id: str, *, after: int
) -> tuple[tuple[Message, ...], tuple[Turn, ...]]:
    """What was said after a number, read along by somebody who leads; what they saw stands in the audit log."""
    async with context.db.read() as db:
        await supervised_case(db, agent, conversation_id)
        found = await store.messages_after(db, conversation_id, after)
        turns = await store.scored_turns(db, conversation_id) if found else ()
    if found:
        seen = {"after": after, "upto": found[-1].seq}
        async with context.db.write() as db:
            entry = AuditEntry(
                context.clock(), Actor.of_agent(agent), Did.MONITORED, CONVERSATION, conversation_id, seen
            )
            await add_entry(db, entry)
    return found, turns
