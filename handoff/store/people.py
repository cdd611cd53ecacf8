"""Customers, agents and the agents' sessions in the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category, Tier
from handoff.domain.errors import NotFound
from handoff.domain.people import Agent, Customer, Role
from handoff.store.schema import agent_queues, agent_sessions, agents, customers


@dataclass(frozen=True, slots=True)
class AgentSession:
    """A signed-in agent with the token that their changing calls must carry."""

    agent: Agent
    csrf_token: str
    expires_at: datetime


_SESSION: Final = (
    select(agents, agent_sessions.c.csrf_token, agent_sessions.c.expires_at, agent_queues.c.category)
    .join(agent_sessions, agent_sessions.c.agent_id == agents.c.id)
    .outerjoin(agent_queues, agent_queues.c.agent_id == agents.c.id)
    .where(
        agent_sessions.c.token_hash == bindparam("token_hash"),
        agent_sessions.c.expires_at > bindparam("now"),
        agents.c.active.is_(True),
    )
)
"""Asked at every call and frame of a desk, so built once; a row for each queue of the agent."""


def customer_of(row: Row[Any]) -> Customer:
    """A row of ``customers`` as the domain knows it."""
    return Customer(
        id=row.id,
        external_id=row.external_id,
        name=row.name,
        email=row.email,
        tier=Tier(row.tier),
        verified=row.verified,
        created_at=row.created_at,
    )


async def insert_customer(db: AsyncConnection, customer: Customer) -> None:
    """Store a new customer or visitor."""
    await db.execute(
        insert(customers).values(
            id=customer.id,
            external_id=customer.external_id,
            name=customer.name,
            email=customer.email,
            tier=customer.tier,
            verified=customer.verified,
            created_at=customer.created_at,
        )
    )


async def save_customer_profile(db: AsyncConnection, customer: Customer) -> None:
    """Keep the name, e-mail and tier that the website signed last."""
    await db.execute(
        update(customers)
        .where(customers.c.id == customer.id)
        .values(name=customer.name, email=customer.email, tier=customer.tier)
    )


async def get_customer(db: AsyncConnection, customer_id: str) -> Customer:
    """Read one customer; raises ``NotFound``."""
    row = (await db.execute(select(customers).where(customers.c.id == customer_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such customer.")
    return customer_of(row)


async def customer_by_external_id(db: AsyncConnection, external_id: str) -> Customer | None:
    """The customer whom the website knows under this identifier."""
    row = (await db.execute(select(customers).where(customers.c.external_id == external_id))).one_or_none()
    return customer_of(row) if row else None


async def customers_by_email(db: AsyncConnection, email: str) -> tuple[Customer, ...]:
    """The customers who have this e-mail, as it is written or in small letters; the newest first."""
    query = (
        select(customers).where(customers.c.email.in_({email, email.lower()})).order_by(customers.c.created_at.desc())
    )
    return tuple(customer_of(row) for row in (await db.execute(query)).all())


async def get_customers(db: AsyncConnection, ids: Iterable[str]) -> dict[str, Customer]:
    """Several customers at once, by id."""
    query = select(customers).where(customers.c.id.in_(set(ids)))
    return {row.id: customer_of(row) for row in (await db.execute(query)).all()}


async def save_agent(db: AsyncConnection, agent: Agent, *, password_hash: str) -> None:
    """Store an agent with the queues they serve, or replace the one with this id."""
    values = {
        "email": agent.email.lower(),
        "name": agent.name,
        "role": agent.role,
        "level": agent.level,
        "password_hash": password_hash,
        "active": True,
        "capacity": agent.capacity,
        "languages": list(agent.languages),
        "skills": list(agent.skills),
    }
    changed = await db.execute(update(agents).where(agents.c.id == agent.id).values(**values))
    if changed.rowcount == 0:
        await db.execute(insert(agents).values(id=agent.id, **values))
    await db.execute(delete(agent_queues).where(agent_queues.c.agent_id == agent.id))
    if agent.queues:
        await db.execute(
            insert(agent_queues),
            [{"agent_id": agent.id, "category": category} for category in sorted(agent.queues)],
        )


async def get_agent(db: AsyncConnection, agent_id: str) -> Agent:
    """Read one agent; raises ``NotFound``."""
    row = (await db.execute(select(agents).where(agents.c.id == agent_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such agent.")
    return await _agent_of(db, row)


async def agent_with_password(db: AsyncConnection, email: str) -> tuple[Agent, str] | None:
    """The active agent with this e-mail and their password hash."""
    query = select(agents).where(agents.c.email == email.strip().lower(), agents.c.active.is_(True))
    row = (await db.execute(query)).one_or_none()
    return (await _agent_of(db, row), row.password_hash) if row else None


async def agent_by_email(db: AsyncConnection, email: str) -> Agent | None:
    """The agent with this e-mail, active or not."""
    row = (await db.execute(select(agents).where(agents.c.email == email.strip().lower()))).one_or_none()
    return await _agent_of(db, row) if row else None


async def all_agents(db: AsyncConnection) -> tuple[tuple[Agent, bool], ...]:
    """Everybody by name, and whether they may sign in."""
    rows = (await db.execute(select(agents).order_by(agents.c.name))).all()
    return tuple([(await _agent_of(db, row), row.active) for row in rows])


async def active_agents(db: AsyncConnection) -> tuple[Agent, ...]:
    """Everybody who may sign in, by name."""
    query = select(agents).where(agents.c.active.is_(True)).order_by(agents.c.name)
    rows = (await db.execute(query)).all()
    served: dict[str, set[Category]] = {row.id: set() for row in rows}
    for row in (await db.execute(select(agent_queues))).all():
        if row.agent_id in served:
            served[row.agent_id].add(Category(row.category))
    return tuple(_agent(row, served[row.id]) for row in rows)


async def deactivate(db: AsyncConnection, agent_id: str) -> None:
    """Refuse the next sign-in and end every session."""
    await db.execute(update(agents).where(agents.c.id == agent_id).values(active=False))
    await db.execute(delete(agent_sessions).where(agent_sessions.c.agent_id == agent_id))


async def agent_names(db: AsyncConnection) -> dict[str, str]:
    """The names of all agents by id."""
    return {row.id: row.name for row in (await db.execute(select(agents.c.id, agents.c.name))).all()}


async def _agent_of(db: AsyncConnection, row: Row[Any]) -> Agent:
    served = await db.execute(select(agent_queues.c.category).where(agent_queues.c.agent_id == row.id))
    return _agent(row, (Category(category) for category in served.scalars()))


def _agent(row: Row[Any], served: Iterable[Category]) -> Agent:
    return Agent(
        id=row.id,
        name=row.name,
        email=row.email,
        role=Role(row.role),
        level=row.level,
        queues=frozenset(served),
        capacity=row.capacity,
        languages=tuple(row.languages),
        skills=tuple(row.skills),
    )


async def insert_session(
    db: AsyncConnection,
    *,
    token_hash: str,
    agent_id: str,
    csrf_token: str,
    created_at: datetime,
    expires_at: datetime,
) -> None:
    """Remember a sign-in by the hash of its token; sessions that are over are cleared on the way."""
    await db.execute(delete(agent_sessions).where(agent_sessions.c.expires_at <= created_at))
    await db.execute(
        insert(agent_sessions).values(
            token_hash=token_hash,
            agent_id=agent_id,
            csrf_token=csrf_token,
            created_at=created_at,
            expires_at=expires_at,
        )
    )


async def session_by_token(db: AsyncConnection, token_hash: str, *, now: datetime) -> AgentSession | None:
    """The live session of this token, if its agent is still active."""
    rows = (await db.execute(_SESSION, {"token_hash": token_hash, "now": now})).all()
    if not rows:
        return None
    served = (Category(row.category) for row in rows if row.category is not None)
    return AgentSession(_agent(rows[0], served), rows[0].csrf_token, rows[0].expires_at)


async def delete_session(db: AsyncConnection, token_hash: str) -> None:
    """Sign out."""
    await db.execute(delete(agent_sessions).where(agent_sessions.c.token_hash == token_hash))
