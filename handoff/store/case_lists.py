"""What a list of cases shows beside them: owner and customer, moods, unread words, flags. One statement for any number.

The statement is built once: it is read after every message, where each way to PostgreSQL and back counts.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BindParameter, Row, and_, bindparam, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Tier
from handoff.domain.conversations import SenderType
from handoff.domain.ownership import Owner, OwnerType
from handoff.domain.people import Customer
from handoff.domain.supervising import Flag
from handoff.store.schema import agents, cases, conversations, customers, flags, messages, participants, turns

_WANTED: Final[BindParameter[Any]] = bindparam("wanted", expanding=True)
_FLAGGED_BY: Final = agents.alias("flagged_by")
_WORD: Final = messages.alias("word")
_MOODS: Final = turns.c.conversation_id == cases.c.conversation_id, turns.c.frustration.is_not(None)
_LATEST_MOOD: Final = (
    select(turns.c.frustration).where(*_MOODS).order_by(turns.c.created_at.desc(), turns.c.seq.desc()).limit(1)
)
_LAST_WORD: Final = select(func.coalesce(func.max(_WORD.c.seq), 0)).where(
    _WORD.c.conversation_id == cases.c.conversation_id,
    _WORD.c.sender.in_([SenderType.AGENT, SenderType.SYSTEM]),
)
_UNREAD: Final = select(func.count()).where(
    messages.c.conversation_id == cases.c.conversation_id,
    messages.c.sender == SenderType.CUSTOMER,
    messages.c.seq > _LAST_WORD.correlate(cases).scalar_subquery(),
)
_BESIDE: Final = (
    select(
        cases.c.id.label("case_id"),
        cases.c.conversation_id,
        conversations.c.owner_type,
        conversations.c.owner_version,
        conversations.c.owner_agent_id,
        customers,
        agents.c.name.label("agent_name"),
        flags.c.agent_id.label("flag_agent_id"),
        flags.c.reason.label("flag_reason"),
        flags.c.flagged_at,
        _FLAGGED_BY.c.name.label("flag_agent_name"),
        _LATEST_MOOD.correlate(cases).scalar_subquery().label("frustration"),
        select(func.max(turns.c.frustration)).where(*_MOODS).correlate(cases).scalar_subquery().label("peak"),
        _UNREAD.correlate(cases).scalar_subquery().label("unread"),
        exists()
        .where(participants.c.case_id == cases.c.id, participants.c.left_at.is_(None))
        .correlate(cases)
        .label("is_joined"),
    )
    .join(conversations, conversations.c.id == cases.c.conversation_id)
    .join(customers, customers.c.id == conversations.c.customer_id)
    .outerjoin(agents, agents.c.id == cases.c.agent_id)
    .outerjoin(flags, and_(flags.c.conversation_id == cases.c.conversation_id, flags.c.cleared_at.is_(None)))
    .outerjoin(_FLAGGED_BY, _FLAGGED_BY.c.id == flags.c.agent_id)
    .where(cases.c.id.in_(_WANTED))
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside one case in a list."""

    owner: Owner
    customer: Customer
    agent_name: str | None
    frustration: float | None
    """The latest of the conversation, 0 to 1; None where no turn was scored."""
    peak_frustration: float | None
    unread: int
    """The customer's messages after the last word of a person or notice."""
    flag: Flag | None
    is_joined: bool
    """Whether somebody besides the owner takes part."""


async def beside(db: AsyncConnection, case_ids: Collection[str]) -> dict[str, Beside]:
    """What stands beside these cases, by case."""
    rows = (await db.execute(_BESIDE, {"wanted": list(case_ids)})).all()
    return {row.case_id: _beside_of(row) for row in rows}


def _beside_of(row: Row[Any]) -> Beside:
    flag = None
    if row.flag_agent_id is not None:
        flag = Flag(row.conversation_id, row.flag_agent_id, row.flag_agent_name, row.flag_reason, row.flagged_at)
    return Beside(
        owner=Owner(OwnerType(row.owner_type), row.owner_version, row.owner_agent_id),
        customer=Customer(row.id, row.external_id, row.name, row.email, Tier(row.tier), row.verified, row.created_at),
        agent_name=row.agent_name,
        frustration=row.frustration,
        peak_frustration=row.peak,
        unread=row.unread,
        flag=flag,
        is_joined=bool(row.is_joined),
    )
