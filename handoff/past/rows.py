"""Which rows belong to a conversation: found by the foreign keys, so that a table that comes later is not forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.past.living import ID_PREFIX
from handoff.store.schema import cases, conversations, customers, incident_links, incidents, messages, metadata

ROOTS: Final = (customers, conversations, incidents)
"""What nothing of a conversation hangs below."""
AT_ONCE: Final = 400
"""SQLite takes a limited number of values in one statement."""
Ids = Select[tuple[Any]]


def belonging() -> tuple[Table, ...]:
    """The tables whose rows belong to conversations, their customers or incidents, each after those it refers to."""
    found: list[Table] = []
    for table in metadata.sorted_tables:
        if table in ROOTS or any(key.column.table in found for key in table.foreign_keys):
            found.append(table)
    return tuple(found)


@dataclass(frozen=True)
class Taken:
    """What was taken away: ids of conversations, and how many rows by table."""

    conversations: tuple[str, ...]
    rows: dict[str, int]


async def take_away(db: AsyncConnection, wanted: Ids) -> Taken:
    """Delete the conversations that ``wanted`` selects, with everything that belongs to them, in this transaction.

    A customer goes with their last conversation, if they came by the demo: as a visitor, or with an identifier of its
    own. An incident goes once all whom it touched are gone. Every use case holds a conversation before it changes
    anything of it, so they are held here first.
    """
    held = await db.execute(
        select(conversations.c.id).where(conversations.c.id.in_(wanted)).order_by(conversations.c.id).with_for_update()
    )
    gone = tuple(held.scalars())
    if not gone:
        return Taken((), {})
    rows: Counter[str] = Counter()
    whose: set[str] = set()
    linked: set[str] = set()
    for start in range(0, len(gone), AT_ONCE):
        talks: Ids = select(conversations.c.id).where(conversations.c.id.in_(gone[start : start + AT_ONCE]))
        whose |= await _ids(db, select(conversations.c.customer_id).where(conversations.c.id.in_(talks)))
        linked |= await _ids(
            db, select(incident_links.c.incident_id).where(incident_links.c.conversation_id.in_(talks))
        )
        rows += await _delete_all_of(db, talks)
    rows["conversations"] = await _delete(db, conversations, gone)
    has_link = exists().where(incident_links.c.incident_id == incidents.c.id)
    rows["incidents"] = await _delete(db, incidents, linked, ~has_link)
    has_talk = exists().where(conversations.c.customer_id == customers.c.id)
    came_by_demo = or_(customers.c.external_id.is_(None), customers.c.external_id.startswith(ID_PREFIX))
    rows["customers"] = await _delete(db, customers, whose, ~has_talk, came_by_demo)
    return Taken(gone, {name: number for name, number in rows.items() if number})


async def _delete_all_of(db: AsyncConnection, talks: Ids) -> Counter[str]:
    """Delete what hangs below these conversations, the last first."""
    below = {
        conversations: talks,
        cases: select(cases.c.id).where(cases.c.conversation_id.in_(talks)),
        messages: select(messages.c.id).where(messages.c.conversation_id.in_(talks)),
    }
    rows: Counter[str] = Counter()
    for table in reversed(belonging()):
        where = [key.parent.in_(below[key.column.table]) for key in table.foreign_keys if key.column.table in below]
        if where:
            rows[table.name] += (await db.execute(delete(table).where(or_(*where)))).rowcount
    return rows


async def _ids(db: AsyncConnection, query: Ids) -> set[str]:
    return {str(found) for found in (await db.execute(query)).scalars()}


async def _delete(db: AsyncConnection, table: Table, ids: Collection[str], *only: ColumnElement[bool]) -> int:
    listed, gone = sorted(ids), 0
    for start in range(0, len(listed), AT_ONCE):
        some = table.c.id.in_(listed[start : start + AT_ONCE])
        gone += (await db.execute(delete(table).where(some, *only))).rowcount
    return gone
