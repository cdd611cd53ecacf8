"""What a list of cases shows beside them: owner and customer, moods, unread words. One statement each for any number.

The statements are built once: these are read after every message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Tier
from handoff.domain.conversations import SenderType
from handoff.domain.ownership import Owner, OwnerType
from handoff.domain.people import Customer
from handoff.store.schema import conversations, customers, messages, turns

_WANTED: Final[BindParameter[Any]] = bindparam("wanted", expanding=True)
_PARTIES: Final = (
    select(
        conversations.c.id.label("conversation"),
        conversations.c.owner_type,
        conversations.c.owner_version,
        conversations.c.owner_agent_id,
        customers,
    )
    .join(customers, customers.c.id == conversations.c.customer_id)
    .where(conversations.c.id.in_(_WANTED))
)
_MOODS: Final = (
    select(turns.c.conversation_id, turns.c.frustration)
    .where(turns.c.conversation_id.in_(_WANTED), turns.c.frustration.is_not(None))
    .order_by(turns.c.created_at)
)
_WORD: Final = messages.alias()
_LAST_WORD: Final = (
    select(func.coalesce(func.max(_WORD.c.seq), 0))
    .where(
        _WORD.c.conversation_id == messages.c.conversation_id,
        _WORD.c.sender.in_([SenderType.AGENT, SenderType.SYSTEM]),
    )
    .scalar_subquery()
)
_UNREAD: Final = (
    select(messages.c.conversation_id, func.count().label("unread"))
    .where(
        messages.c.conversation_id.in_(_WANTED),
        messages.c.sender == SenderType.CUSTOMER,
        messages.c.seq > _LAST_WORD,
    )
    .group_by(messages.c.conversation_id)
)


async def parties(db: AsyncConnection, conversation_ids: Sequence[str]) -> dict[str, tuple[Owner, Customer]]:
    """Who owns each conversation, and whose it is."""
    rows = (await db.execute(_PARTIES, {"wanted": conversation_ids})).all()
    return {
        row.conversation: (
            Owner(OwnerType(row.owner_type), row.owner_version, row.owner_agent_id),
            Customer(row.id, row.external_id, row.name, row.email, Tier(row.tier), row.verified, row.created_at),
        )
        for row in rows
    }


async def moods(db: AsyncConnection, conversation_ids: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Latest and highest frustration of each conversation."""
    found: dict[str, tuple[float, float]] = {}
    for row in (await db.execute(_MOODS, {"wanted": conversation_ids})).all():
        _, peak = found.get(row.conversation_id, (0.0, 0.0))
        found[row.conversation_id] = (row.frustration, max(peak, row.frustration))
    return found


async def unread(db: AsyncConnection, conversation_ids: Sequence[str]) -> dict[str, int]:
    """How many customer messages stand after the last word of a person or notice, by conversation."""
    rows = (await db.execute(_UNREAD, {"wanted": conversation_ids})).all()
    return {row.conversation_id: row.unread for row in rows}
