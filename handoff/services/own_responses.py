"""Canned responses that an agent keeps for themselves."""

from __future__ import annotations

from typing import Final

from handoff.domain.canned import CannedResponse, Place, strange_places
from handoff.domain.errors import BadValue, NotFound
from handoff.domain.people import Agent
from handoff.services.context import Context
from handoff.store import desk as store

MOST_RESPONSES: Final = 100


def _told(strange: tuple[str, ...]) -> str:
    return f"There is no place {', '.join(map(repr, strange))}; in braces may stand {', '.join(Place)}."


async def keep(context: Context, agent: Agent, *, title: str, language: str, text: str) -> CannedResponse:
    """Keep one; raises ``BadValue`` when there are too many, or for a place that does not exist."""
    if strange := strange_places(text):
        raise BadValue(_told(strange), field="text")
    async with context.db.write() as db:
        if len(await store.responses_of(db, agent.id)) >= MOST_RESPONSES:
            raise BadValue(
                f"You have {MOST_RESPONSES} responses already. Delete one that you no longer use.", field="id"
            )
        kept = CannedResponse(context.new_id(), title.strip(), language, text.strip(), own=True)
        await store.add_response(db, agent.id, kept, now=context.clock())
    return kept


async def delete(context: Context, agent: Agent, response_id: str) -> None:
    """Take one away; raises ``NotFound`` where it is not theirs."""
    async with context.db.write() as db:
        if not await store.delete_response(db, agent.id, response_id):
            raise NotFound("There is no such response of yours.")
