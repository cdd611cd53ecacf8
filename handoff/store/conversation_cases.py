"""A conversation with its latest case and who has that: one statement, for it is read at every change of a case."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.cases import Case
from handoff.domain.conversations import Conversation
from handoff.domain.errors import NotFound
from handoff.store.cases import case_of
from handoff.store.conversations import conversation_of
from handoff.store.schema import agents, cases, conversations

_OF_CONVERSATION: Final = "conversation__"
_ANY: Final = cases.alias("any_case")
_LATEST: Final = (
    select(_ANY.c.id)
    .where(_ANY.c.conversation_id == conversations.c.id)
    .order_by(_ANY.c.opened_at.desc(), _ANY.c.number.desc())
    .limit(1)
    .correlate(conversations)
    .scalar_subquery()
)
_QUERY: Final = (
    select(
        cases,
        agents.c.name.label("agent_name"),
        *(column.label(f"{_OF_CONVERSATION}{column.name}") for column in conversations.c),
    )
    .select_from(conversations)
    .outerjoin(cases, cases.c.id == _LATEST)
    .outerjoin(agents, agents.c.id == cases.c.agent_id)
    .where(conversations.c.id == bindparam("wanted"))
)


@dataclass(frozen=True, slots=True)
class ConversationCase:
    """A conversation; its open case, or else the one that was closed last; the name of that case's agent."""

    conversation: Conversation
    case: Case | None
    agent_name: str | None


async def conversation_with_case(db: AsyncConnection, conversation_id: str) -> ConversationCase:
    """Read all three; raises ``NotFound``."""
    row = (await db.execute(_QUERY, {"wanted": conversation_id})).one_or_none()
    if row is None:
        raise NotFound("There is no such conversation.")
    found: Any = SimpleNamespace(
        **{
            key.removeprefix(_OF_CONVERSATION): value
            for key, value in row._mapping.items()
            if key.startswith(_OF_CONVERSATION)
        }
    )
    return ConversationCase(conversation_of(found), case_of(row) if row.id is not None else None, row.agent_name)
