"""Flags and participants in the database. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.supervising import Flag, Participant
from handoff.store.schema import agents, flags, participants

_WANTED: Final[BindParameter[Any]] = bindparam("wanted", expanding=True)
_STANDING: Final = (
    select(flags, agents.c.name)
    .join(agents, agents.c.id == flags.c.agent_id)
    .where(flags.c.conversation_id.in_(_WANTED), flags.c.cleared_at.is_(None))
)
_JOINED: Final = (
    select(participants, agents.c.name)
    .join(agents, agents.c.id == participants.c.agent_id)
    .where(participants.c.case_id.in_(_WANTED), participants.c.left_at.is_(None))
    .order_by(participants.c.joined_at, participants.c.id)
)


async def standing_flags(db: AsyncConnection, conversation_ids: Collection[str]) -> dict[str, Flag]:
    """The flags that stand on these conversations."""
    rows = (await db.execute(_STANDING, {"wanted": list(conversation_ids)})).all()
    return {
        row.conversation_id: Flag(row.conversation_id, row.agent_id, row.name, row.reason, row.flagged_at)
        for row in rows
    }


async def add_flag(db: AsyncConnection, flag_id: str, flag: Flag) -> None:
    """Keep a flag; raises ``IntegrityError`` while another one stands on the conversation."""
    await db.execute(
        insert(flags).values(
            id=flag_id,
            conversation_id=flag.conversation_id,
            agent_id=flag.agent_id,
            reason=flag.reason,
            flagged_at=flag.flagged_at,
        )
    )


async def clear_flag(db: AsyncConnection, conversation_id: str, agent_id: str, now: datetime) -> None:
    """Take the flag off a conversation; who did it stays known."""
    await db.execute(
        update(flags)
        .where(flags.c.conversation_id == conversation_id, flags.c.cleared_at.is_(None))
        .values(cleared_at=now, cleared_by=agent_id)
    )


async def participants_of(db: AsyncConnection, case_ids: Collection[str]) -> dict[str, tuple[Participant, ...]]:
    """Who has joined these cases and not left, in the order of joining."""
    if not case_ids:
        return {}
    found: defaultdict[str, list[Participant]] = defaultdict(list)
    for row in (await db.execute(_JOINED, {"wanted": list(case_ids)})).all():
        found[row.case_id].append(Participant(row.case_id, row.agent_id, row.name, row.joined_at))
    return {key: tuple(listed) for key, listed in found.items()}


async def has_joined(db: AsyncConnection, case_id: str, agent_id: str) -> bool:
    """Whether somebody has joined a case and not left."""
    joined = (await participants_of(db, [case_id])).get(case_id, ())
    return any(one.agent_id == agent_id for one in joined)


async def add_participant(db: AsyncConnection, row_id: str, participant: Participant) -> None:
    """Keep that somebody joined; raises ``IntegrityError`` where they have not left since the last time."""
    await db.execute(
        insert(participants).values(
            id=row_id,
            case_id=participant.case_id,
            agent_id=participant.agent_id,
            joined_at=participant.joined_at,
        )
    )


async def end_participation(db: AsyncConnection, case_id: str, now: datetime, *, agent_id: str | None = None) -> None:
    """Who joined has left: one, or (without ``agent_id``) all."""
    query = update(participants).where(participants.c.case_id == case_id, participants.c.left_at.is_(None))
    if agent_id is not None:
        query = query.where(participants.c.agent_id == agent_id)
    await db.execute(query.values(left_at=now))
