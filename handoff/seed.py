"""``python -m handoff.seed``: make the database and, for the demo, its agents and customers. Safe to repeat."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.bootstrap import utc_now
from handoff.contract import Category
from handoff.demo import DemoCustomer, DemoPeople, load_demo_people
from handoff.domain.conversations import ConversationStatus, Draft, SenderType, new_conversation
from handoff.domain.people import Agent, Customer
from handoff.services.context import unguessable_id
from handoff.services.sign_in import hash_password
from handoff.starting import CANNOT_BEGIN, explain
from handoff.store import contacts, people
from handoff.store import conversations as store
from handoff.store.database import Database
from handoff.store.migrate import upgrade
from handoff.store.schema import agents
from warmline.policy import EscalationPolicy, load_policy
from warmline.settings import Settings


async def seed_demo(db: Database, demo: DemoPeople, policy: EscalationPolicy, *, now: datetime) -> None:
    """Add the demo's people that are not there yet, with their earlier contacts."""
    async with db.write() as connection:
        known = set((await connection.execute(select(agents.c.id))).scalars())
        password_hash = hash_password(demo.demo_password) if len(known) < len(demo.agents) else ""
        for agent in demo.agents:
            if agent.id not in known:
                member = Agent(
                    agent.id,
                    agent.name,
                    agent.email,
                    agent.role,
                    agent.level,
                    frozenset(agent.queues),
                    agent.capacity,
                    agent.languages,
                    agent.skills,
                )
                await people.save_agent(connection, member, password_hash=password_hash)
        for customer in demo.customers:
            if await people.customer_by_external_id(connection, customer.id) is None:
                await _add_customer(connection, customer, policy, now)


async def _add_customer(
    connection: AsyncConnection, demo: DemoCustomer, policy: EscalationPolicy, now: datetime
) -> None:
    first_seen = now - timedelta(days=max((c.days_ago for c in demo.earlier_contacts), default=0))
    customer = Customer(unguessable_id(), demo.id, demo.name, demo.email, demo.tier, True, first_seen)
    await people.insert_customer(connection, customer)
    for contact in demo.earlier_contacts:
        at = now - timedelta(days=contact.days_ago)
        began = new_conversation(unguessable_id(), customer.id, at)
        conversation = replace(began, status=ConversationStatus.CLOSED)
        await store.insert_conversation(connection, conversation)
        drafts = [Draft(SenderType.CUSTOMER, contact.said), Draft(SenderType.BOT, contact.answered)]
        await store.append_messages(connection, conversation.id, drafts, now=at, new_id=unguessable_id)
        await contacts.note_contact(
            connection,
            conversation_id=conversation.id,
            customer_id=customer.id,
            topic=contact.topic,
            category=Category(policy.category_of(contact.topic)),
            at=at,
        )


async def _seed(settings: Settings) -> None:
    await upgrade(settings.database_url)
    if not settings.demo:
        return
    db = Database.connect(settings.database_url)
    try:
        policy = load_policy(settings.data_dir / "escalation.yml")
        await seed_demo(db, load_demo_people(settings.data_dir), policy, now=utc_now())
    finally:
        await db.close()


def main() -> int:
    """Returns the exit code."""
    try:
        asyncio.run(_seed(Settings.load()))
    except CANNOT_BEGIN as error:
        print(f"handoff.seed: {explain(error)}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
