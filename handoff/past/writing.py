"""Makes the past in a database of its own and carries it over in one transaction: all of it is there, or nothing.

It is lived through apart so that nothing goes out by it (no webhook, no mail, no line in the audit log, nothing on
anybody's desk), and so that the service can go on meanwhile.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.demo import DemoPeople
from handoff.domain.actors import Actor
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.cases import CaseStatus
from handoff.domain.conversations import ConversationStatus, TurnStatus
from handoff.domain.kpis.observations import day_of
from handoff.domain.people import Agent
from handoff.past.living import ID_PREFIX, Ids, Life, PastClock, Script
from handoff.past.planning import Planned, Planner
from handoff.past.rows import Taken, belonging, take_away
from handoff.past.stories import Incident, Past
from handoff.past.talks import PAGE, Talk
from handoff.services import incidents
from handoff.services.context import Context
from handoff.store import people
from handoff.store.audit import add_entry
from handoff.store.cases import next_case_number
from handoff.store.database import Database
from handoff.store.kpis.days import first_day, mark_changed
from handoff.store.migrate import upgrade
from handoff.store.schema import (
    agents,
    case_changes,
    cases,
    conversations,
    counters,
    customers,
    external_references,
    kpi_days,
    kpi_rollups,
    notifications,
    outbox,
    turns,
)

SEED: Final = 2026
LEFT_BEHIND: Final = (notifications, outbox, case_changes, external_references)
"""What stays in the past: whom it was to tell then, need not hear now."""
LAST_BEFORE: Final = timedelta(hours=1)
"""So long ago the past ends; what goes on then is not told of."""
ROWS_AT_ONCE: Final = 500
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """So many days back, with about so many conversations on a usual one at their end."""

    days: int = 60
    conversations_a_day: float = 10.0


@dataclass(frozen=True)
class Written:
    """What was carried over."""

    conversations: int
    cases: int
    messages: int
    days: int


async def has_past(db: Database) -> bool:
    """Whether a past was written and not wiped yet."""
    async with db.read() as connection:
        query = select(func.count()).select_from(conversations).where(conversations.c.page == PAGE)
        query = query.where(conversations.c.id.startswith(ID_PREFIX))
        return bool((await connection.execute(query)).scalar_one())


async def write_past(
    context: Context, past: Past, demo: DemoPeople, size: Size, *, actor: Actor, tell: Tell, seed: int = SEED
) -> Written:
    """Write the past of the last days into the database of ``context``, whose clock says when now is."""
    until = context.clock() - LAST_BEFORE
    staff, shop_rows, staff_rows = await _people(context, demo)
    shop = tuple(one for one in demo.customers if one.id in {row["external_id"] for row in shop_rows})
    planned = Planner(past, shop, Random(seed), until).plan(size.days, size.conversations_a_day)
    first_number = await _reserve_numbers(context.db, sum(one.story.handoff is not None for one in planned))
    with tempfile.TemporaryDirectory(prefix="warmline-past-") as folder:
        apart = await _empty_database(Path(folder) / "past.db")
        try:
            async with apart.write() as db:
                await db.execute(insert(counters).values(name="case", value=first_number - 1))
                await _insert(db, agents, staff_rows)
                await _insert(db, customers, shop_rows)
            clock = PastClock(planned[0].at if planned else until)
            await _live(_context_apart(context, apart, clock, seed), clock, past, staff, planned, until, tell)
            tell("putting it into the database")
            return await _carry_over(apart, context, size, until, actor)
        finally:
            await apart.close()


async def wipe(context: Context, *, actor: Actor) -> Taken:
    """Take away everything that the demo brought, its past and what its customers wrote live; nothing else.

    The audit log keeps what was done: nothing is ever taken from it.
    """
    async with context.db.write() as db:
        days = await _days_of_demo(db, context.policy.kpi_zone)
        taken = await take_away(db, select(conversations.c.id).where(conversations.c.page == PAGE))
        if taken.conversations:
            await mark_changed(db, days)
            # Days before all that is left have no figures; nobody would add them up again.
            first = await first_day(db, context.policy.kpi_zone)
            for table in (kpi_days, kpi_rollups):
                stale = table.delete() if first is None else table.delete().where(table.c.day < first)
                await db.execute(stale)
            entry = AuditEntry(context.clock(), actor, Did.DEMO_WIPED, "demo", None, dict(taken.rows))
            await add_entry(db, entry)
    return taken


async def _days_of_demo(db: AsyncConnection, zone: tzinfo) -> set[date]:
    """Every day from the demo's first conversation on: anything of it belongs to one of them."""
    span = select(func.min(conversations.c.started_at), func.max(cases.c.resolution_due))
    span = span.outerjoin(cases, cases.c.conversation_id == conversations.c.id).where(conversations.c.page == PAGE)
    first, last = (await db.execute(span)).one()
    if first is None:
        return set()
    begin, end = day_of(first, zone), day_of(max(first, last or first), zone)
    return {begin + timedelta(days=place) for place in range((end - begin).days + 1)}


async def _people(
    context: Context, demo: DemoPeople
) -> tuple[tuple[Agent, ...], list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """The demo's staff and shop customers as they stand in the database, with their rows."""
    ids, external = [one.id for one in demo.agents], [one.id for one in demo.customers]
    async with context.db.read() as db:
        known = tuple(one for one in await people.active_agents(db) if one.id in ids and one.works_cases)
        found = await db.execute(select(agents).where(agents.c.id.in_([one.id for one in known])))
        theirs = await db.execute(select(customers).where(customers.c.external_id.in_(external)))
        return known, [dict(row._mapping) for row in theirs], [dict(row._mapping) for row in found]


async def _reserve_numbers(db: Database, many: int) -> int:
    """Take so many case numbers at once; returns the first. A number is never used twice, not even after a wipe."""
    async with db.write() as connection:
        first = await next_case_number(connection)
        later = counters.c.value + max(0, many - 1)
        await connection.execute(update(counters).where(counters.c.name == "case").values(value=later))
    return first


async def _empty_database(path: Path) -> Database:
    url = f"sqlite+aiosqlite:///{path}"
    await upgrade(url)
    return Database.connect(url, durable=False)


def _context_apart(context: Context, apart: Database, clock: PastClock, seed: int) -> Context:
    return Context(
        db=apart,
        policy=context.policy,
        wording=context.wording,
        publish=lambda _events: None,
        clock=clock,
        new_id=Ids(),
        random=Random(seed),
    )


async def _live(
    context: Context,
    clock: PastClock,
    past: Past,
    staff: tuple[Agent, ...],
    planned: tuple[Planned, ...],
    until: datetime,
    tell: Tell,
) -> None:
    life = Life(context, clock, staff, until)
    touched: dict[str, list[Talk]] = {one.title: [] for one in past.incidents}
    for one in planned:
        talk = Talk(life, past, one.story, one.identity, one.words)
        life.plan(one.at, talk.script())
        if one.incident is not None:
            touched[one.incident.title].append(talk)
            if len(touched[one.incident.title]) == one.incident.customers:
                life.plan(one.at, _incident(life, one.incident, touched[one.incident.title]))
    day = clock.now
    while day < until:
        day += timedelta(days=1)
        tell(f"{day:%d %B}")
        await life.go_on(day)


async def _incident(life: Life, incident: Incident, talks: list[Talk]) -> Script:
    """A lead says what it is, links who has it, and tells them all when it is over."""
    yield life.clock.now + timedelta(minutes=12)
    category: Category = talks[0].category
    lead = next(agent for agent in life.staff if agent.leads(category))
    declared = await incidents.declare(
        life.context,
        lead,
        category=category,
        title=incident.title,
        announcement=incident.announcement,
        centre=None,
    )
    for case_id in [case_id for talk in talks for case_id in talk.cases]:
        await incidents.link(life.context, declared.id, lead, case_id=case_id)
    yield life.clock.now + timedelta(minutes=150)
    await incidents.resolve(life.context, declared.id, lead, resolution=incident.resolution)


async def _carry_over(apart: Database, context: Context, size: Size, until: datetime, actor: Actor) -> Written:
    unfinished = (
        select(conversations.c.id)
        .outerjoin(cases, cases.c.conversation_id == conversations.c.id)
        .outerjoin(turns, turns.c.conversation_id == conversations.c.id)
        .where((cases.c.status != CaseStatus.CLOSED) | (turns.c.status == TurnStatus.PENDING))
    )
    async with apart.write() as db:
        await take_away(db, unfinished)
        await db.execute(update(conversations).values(status=ConversationStatus.CLOSED))
    rows: dict[Table, list[dict[str, Any]]] = {}
    async with apart.read() as db:
        for table in belonging():
            if table not in LEFT_BEHIND:
                query = select(table).order_by(*table.primary_key.columns)
                rows[table] = [dict(row._mapping) for row in await db.execute(query)]
    async with context.db.write() as db:
        known = set((await db.execute(select(customers.c.id))).scalars())
        rows[customers] = [row for row in rows[customers] if row["id"] not in known]
        for table, found in rows.items():
            await _insert(db, table, [_without_counted_id(table, row) for row in found])
        since = (until - timedelta(days=size.days)).date()
        await mark_changed(db, [since + timedelta(days=place) for place in range(size.days + 2)])
        counts = {table.name: len(found) for table, found in rows.items() if found}
        await add_entry(db, AuditEntry(context.clock(), actor, Did.DEMO_WRITTEN, "demo", None, dict(counts)))
    return Written(counts.get("conversations", 0), counts.get("cases", 0), counts.get("messages", 0), size.days)


def _without_counted_id(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """The database numbers rows itself where it does so for everybody."""
    counted = table.autoincrement_column
    return {name: value for name, value in row.items() if counted is None or name != counted.name}


async def _insert(db: AsyncConnection, table: Table, rows: list[Any]) -> None:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await db.execute(insert(table), rows[start : start + ROWS_AT_ONCE])
