"""What a customer said earlier, for the agent who works on their case now (P18)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.cases import Case
from handoff.domain.conversations import Message, Turn
from handoff.domain.errors import NotFound
from handoff.domain.people import Agent
from handoff.services.case_writing import can_see, visible_case
from handoff.services.context import Context
from handoff.store import audit
from handoff.store import conversations as store
from handoff.store.cases import case_of
from handoff.store.schema import cases


async def earlier_transcript(
    context: Context, case_id: str, agent: Agent, conversation_id: str, *, after: int
) -> tuple[tuple[Message, ...], tuple[Turn, ...]]:
    """Another conversation of the case's customer, with the records of its turns; reading it is audited.

    An agent may read what only the bot took part in, and what came to a queue of theirs or to themselves. Raises
    ``NotFound`` for everything else, the conversations of other customers included.
    """
    async with context.db.read() as db:
        case = await visible_case(db, case_id, agent)
        await check_conversation(db, case, agent, conversation_id)
        messages = await store.messages_after(db, conversation_id, after)
        turns = await store.scored_turns(db, conversation_id)
    async with context.db.write() as db:
        actor, now = Actor.of_agent(agent), context.clock()
        await audit.add_entry(
            db, AuditEntry(now, actor, Did.EARLIER_READ, "conversation", conversation_id, {"case": case.number})
        )
    return messages, turns


async def check_conversation(db: AsyncConnection, case: Case, agent: Agent, conversation_id: str) -> None:
    """Raises ``NotFound`` unless the agent, who may see the case, may read this conversation of its customer too."""
    conversation = await store.get_conversation(db, conversation_id)
    found = await db.execute(select(cases).where(cases.c.conversation_id == conversation_id))
    of_it = [case_of(row) for row in found.all()]
    if conversation.customer_id != case.customer_id or not all(can_see(agent, other) for other in of_it):
        raise NotFound("There is no such conversation of this customer.")
