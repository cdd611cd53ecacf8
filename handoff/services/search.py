"""Finding cases and what was said in them, among those that the agent may see; each search is written down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.actors import Actor
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.cases import Case
from handoff.domain.errors import BadValue
from handoff.domain.people import Agent
from handoff.domain.search import (
    ME,
    NOBODY,
    HitKind,
    Piece,
    SearchQuery,
    folded,
    parse_query,
    rank_of,
    snippet,
    weight_of,
    words_of,
)
from handoff.services.context import Context
from handoff.services.reading import CaseRow, rows_of
from handoff.store import people
from handoff.store.audit import add_entry
from handoff.store.search import RANKED, Filter, Hit, find_cases, find_hits

SHOWN: Final = 30
HITS_OF_A_CASE: Final = 3


@dataclass(frozen=True, slots=True)
class FoundText:
    """A text of a case with what was looked for; ``seq`` is the message's place in the conversation."""

    kind: HitKind
    at: datetime
    seq: int | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class FoundCase:
    """A case that fits, with its best hits; none where only filters were given."""

    row: CaseRow
    hits: tuple[FoundText, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, best first. ``more``: there are others, which a closer question would show."""

    query: SearchQuery
    cases: tuple[FoundCase, ...]
    more: bool


async def search(context: Context, agent: Agent, text: str, *, limit: int = SHOWN) -> Found:
    """The cases for which all of the query holds. Raises ``BadValue`` for a query that cannot be read."""
    query = parse_query(text)
    if query.says_nothing:
        return Found(query, (), more=False)
    query = replace(query, cause=_cause(context, query.cause)) if query.cause else query
    async with context.db.read() as db:
        only = Filter(agent.visible_queues(), agent.id, context.clock(), await _agent_id(db, query.agent, agent))
        if query.words or query.phrases:
            hits = await find_hits(db, query, only)
            ranked = _ranked(query, hits)
            more = len(hits) == RANKED or len(ranked) > limit
        else:
            cases = await find_cases(db, query, only, limit=limit + 1)
            ranked, more = [(case, ()) for case in cases], len(cases) > limit
        rows = await rows_of(context, db, [case for case, _ in ranked[:limit]])
    found = tuple(FoundCase(row, _texts(query, hits)) for row, (_, hits) in zip(rows, ranked, strict=False))
    async with context.db.write() as db:
        data = {"query": text, "shown": len(found)}
        await add_entry(db, AuditEntry(context.clock(), Actor.of_agent(agent), Did.SEARCHED, "search", None, data))
    return Found(query, found, more)


async def _agent_id(db: AsyncConnection, asked: str | None, agent: Agent) -> str | None:
    """Whom ``agent:`` means: oneself, nobody (""), or a colleague by the beginnings of their names, or by e-mail."""
    if asked is None:
        return None
    if folded(asked) == ME:
        return agent.id
    if folded(asked) == NOBODY:
        return ""
    wanted = words_of(asked)
    staff = [one for one, _ in await people.all_agents(db) if one.works_cases]
    fitting = [one for one in staff if one.email == asked.lower() or _fits(wanted, words_of(one.name))]
    if len(fitting) != 1:
        names = ", ".join(sorted(one.name for one in fitting or staff))
        fault = f"Several colleagues are meant by {asked!r}" if fitting else f"Nobody here is called {asked!r}"
        raise BadValue(f"{fault}. Write agent:{ME}, agent:{NOBODY}, or one of: {names}.", field="q")
    return fitting[0].id


def _fits(wanted: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return bool(wanted) and all(any(name.startswith(word) for name in names) for word in wanted)


def _cause(context: Context, asked: str) -> str:
    """The root cause that is meant; raises ``BadValue`` with those that there are."""
    causes = [cause for group in context.policy.root_causes.values() for cause in group.causes]
    if asked not in causes:
        raise BadValue(f"There is no root cause {asked!r}. There are {', '.join(sorted(causes))}.", field="q")
    return asked


def _ranked(query: SearchQuery, hits: tuple[Hit, ...]) -> list[tuple[Case, tuple[Hit, ...]]]:
    """The cases, best first, each with its hits, best first; among equals the newer comes first.

    A message belongs to every case of its conversation; it is shown with the newest of those, unless an older one has a
    hit of its own.
    """
    own = {hit.case.id for hit in hits if hit.seq is None}
    newest: dict[str, Case] = {}
    for hit in hits:
        known = newest.get(hit.case.conversation_id)
        if known is None or hit.case.opened_at > known.opened_at:
            newest[hit.case.conversation_id] = hit.case
    kept = [h for h in hits if h.case.id in own or newest[h.case.conversation_id].id == h.case.id]
    ranked = []
    for _, group in groupby(sorted(kept, key=lambda hit: hit.case.id), key=lambda hit: hit.case.id):
        of_case = sorted(group, key=lambda hit: (weight_of(query, hit.kind, hit.text), hit.at), reverse=True)
        rank = rank_of([weight_of(query, hit.kind, hit.text) for hit in of_case])
        ranked.append((rank, of_case[0].case, tuple(of_case)))
    ranked.sort(key=lambda found: (found[0], found[1].opened_at, found[1].id), reverse=True)
    return [(case, of_case) for _, case, of_case in ranked]


def _texts(query: SearchQuery, hits: tuple[Hit, ...]) -> tuple[FoundText, ...]:
    shown: dict[tuple[HitKind, str], Hit] = {}
    for hit in hits:
        # A case or its customer that was written down anew is one thing to read.
        shown.setdefault((hit.kind, hit.text if hit.seq is not None else ""), hit)
    return tuple(
        FoundText(hit.kind, hit.at, hit.seq, snippet(query, hit.text)) for hit in list(shown.values())[:HITS_OF_A_CASE]
    )
