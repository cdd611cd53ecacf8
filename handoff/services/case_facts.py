"""What canned texts may say of a case (``handoff/domain/canned.py``), read from where it stands."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.canned import facts_for
from handoff.domain.cases import Case
from handoff.domain.people import Agent
from handoff.services.context import Context
from handoff.store import people


async def facts_of(context: Context, db: AsyncConnection, case: Case, agent: Agent) -> dict[str, str]:
    """What is known, by place, for a text that this agent writes; "" for what is not."""
    customer = await people.get_customer(db, case.customer_id)
    queue = context.wording.queue(case.category)
    return facts_for(case, customer_name=customer.name, agent_name=agent.name, queue=queue)
