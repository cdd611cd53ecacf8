"""Canned responses that agents keep at the desk: for themselves, or, if they lead, for their team."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.actors import Actor
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.canned import KeptResponse, Place, Rendered, render, strange_places
from handoff.domain.errors import BadValue, NotAllowed, NotFound
from handoff.domain.people import Agent
from handoff.services.case_facts import facts_of
from handoff.services.case_writing import visible_case
from handoff.services.context import Context
from handoff.services.saved_views import leads_somewhere
from handoff.store import desk as store
from handoff.store.audit import add_entry

MOST_RESPONSES: Final = 100
"""That one agent keeps; more are not found any more by whoever looks for one."""


@dataclass(frozen=True, slots=True)
class ResponseWords:
    """What one keeps. ``category`` None: for any case. ``shared``: the team's, not one's own alone."""

    title: str
    language: str
    text: str
    category: Category | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """How a text would read in a case. ``strange`` are places that do not exist, and braces that stand alone."""

    rendered: Rendered
    strange: tuple[str, ...]


async def responses_of(context: Context, agent: Agent) -> tuple[KeptResponse, ...]:
    """One's own and the team's, by title."""
    async with context.db.read() as db:
        return await store.responses_for(db, agent.id)


def may_change(agent: Agent, kept: KeptResponse) -> bool:
    """Whether it is theirs, or the team's and they lead where it is used."""
    return kept.agent_id == agent.id or (kept.shared and _may_share(agent, kept.category))


async def keep(context: Context, agent: Agent, words: ResponseWords) -> KeptResponse:
    """Keep one.

    Raises ``BadValue`` when there are too many, or for a place that does not exist, ``NotAllowed`` for sharing without
    leading the queue.
    """
    _check(agent, words)
    async with context.db.write() as db:
        mine = [one for one in await store.responses_for(db, agent.id) if one.agent_id == agent.id]
        if len(mine) >= MOST_RESPONSES:
            raise BadValue(
                f"You have {MOST_RESPONSES} responses already. Delete one that you no longer use.", field="title"
            )
        kept = _with_words(KeptResponse(context.new_id(), agent.id, agent.name, "", "", "", context.clock()), words)
        await store.add_response(db, kept)
        await _note(context, db, agent, None, kept)
    return kept


async def change(context: Context, agent: Agent, response_id: str, words: ResponseWords) -> KeptResponse:
    """Other words, language, queue or audience. Raises as ``keep``, and ``NotFound``."""
    _check(agent, words)
    async with context.db.write() as db:
        before = await _to_change(db, agent, response_id)
        kept = _with_words(before, words)
        await store.change_response(db, kept)
        await _note(context, db, agent, before, kept)
    return kept


async def delete(context: Context, agent: Agent, response_id: str) -> None:
    """Take one away; raises ``NotFound``, or ``NotAllowed`` for one of the team's without leading."""
    async with context.db.write() as db:
        before = await _to_change(db, agent, response_id)
        await store.delete_response(db, before.id)
        await _note(context, db, agent, before, None)


async def _note(
    context: Context, db: AsyncConnection, agent: Agent, before: KeptResponse | None, after: KeptResponse | None
) -> None:
    """What happens to a response of the team goes into the audit log; what one keeps for oneself does not."""
    was, now = before is not None and before.shared, after is not None and after.shared
    kept = after if now else before
    if kept is None or not (was or now):
        return
    did = Did.RESPONSE_WITHDRAWN if not now else Did.RESPONSE_CHANGED if was else Did.RESPONSE_SHARED
    data = {"category": kept.category, "title": kept.title}
    await add_entry(db, AuditEntry(context.clock(), Actor.of_agent(agent), did, "response", kept.id, data))


async def preview(context: Context, agent: Agent, case_id: str, text: str) -> Preview:
    """How a text that is being written would read in a case; raises ``NotFound``."""
    async with context.db.read() as db:
        case = await visible_case(db, case_id, agent)
        return Preview(render(text, await facts_of(context, db, case, agent)), strange_places(text))


def _may_share(agent: Agent, category: Category | None) -> bool:
    return leads_somewhere(agent) if category is None else agent.leads(category)


def _check(agent: Agent, words: ResponseWords) -> None:
    if strange := strange_places(words.text):
        named = ", ".join(map(repr, strange))
        raise BadValue(f"There is no place {named}; in braces may stand {', '.join(Place)}.", field="text")
    if words.shared and not _may_share(agent, words.category):
        raise NotAllowed(
            "Only somebody who leads the queue keeps responses for the team. Keep it for yourself, or ask your lead."
        )


def _with_words(kept: KeptResponse, words: ResponseWords) -> KeptResponse:
    return replace(
        kept,
        title=words.title.strip(),
        language=words.language,
        text=words.text.strip(),
        category=words.category,
        shared=words.shared,
    )


async def _to_change(db: AsyncConnection, agent: Agent, response_id: str) -> KeptResponse:
    kept = next((one for one in await store.responses_for(db, agent.id) if one.id == response_id), None)
    if kept is None:
        raise NotFound("There is no such response of yours or your team's.")
    if not may_change(agent, kept):
        raise NotAllowed(f"{kept.agent_name} keeps this response for the team. Keep one of your own to change it.")
    return kept
