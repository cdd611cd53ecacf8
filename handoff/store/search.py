"""Finding cases by the words of their texts and by what else is known of them, in the caller's transaction.

On a common word not every hit is looked at, but the newest ``LOOKED_AT``: a million cases cost what thousands do.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, and_, column, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.contract import Category
from handoff.domain.cases import Case
from handoff.domain.search import HitKind, SearchQuery, words_of
from handoff.store.cases import case_of
from handoff.store.schema import cases, search_texts

LOOKED_AT: Final = 20_000
"""Hits of the index that are held against the filters, newest first; so many are read in tens of milliseconds."""
RANKED: Final = 400
"""Hits that are ranked."""
_SQLITE_HITS: Final = (
    "SELECT rowid AS id FROM search_words WHERE search_words MATCH {words} ORDER BY rowid DESC LIMIT {most}"
)
_POSTGRES_HITS: Final = (
    # OFFSET 0 keeps PostgreSQL from walking the primary key backwards and reading every text on its way.
    "SELECT id FROM (SELECT id FROM search_texts WHERE search_words_of(text) @@ CAST({words} AS tsquery) OFFSET 0) "
    "AS matching ORDER BY id DESC LIMIT {most}"
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What holds for every case that is found; ``agent_id`` "" means nobody."""

    visible: Collection[Category]
    own_agent_id: str
    now: datetime
    """From which the days are counted that a search names from today."""
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A text with what was looked for, and its case."""

    case: Case
    kind: HitKind
    text: str
    at: datetime
    seq: int | None


async def find_hits(db: AsyncConnection, query: SearchQuery, only: Filter) -> tuple[Hit, ...]:
    """The newest hits of words and phrases, at most ``RANKED``."""
    hits = _hits(db, "hits", query.words, query.phrases)
    found = (
        select(search_texts.c.kind, search_texts.c.text, search_texts.c.at, search_texts.c.seq, cases)
        .select_from(hits)
        .join(search_texts, search_texts.c.id == hits.c.id)
        .join(cases, _of_case())
        .where(*_conditions(db, query, only))
        .order_by(search_texts.c.id.desc())
        .limit(RANKED)
    )
    rows = (await db.execute(found)).all()
    return tuple(Hit(case_of(row), HitKind(row.kind), row.text, row.at, row.seq) for row in rows)


async def find_cases(db: AsyncConnection, query: SearchQuery, only: Filter, *, limit: int) -> tuple[Case, ...]:
    """The newest cases for which the filters hold."""
    found = (
        select(cases).where(*_conditions(db, query, only)).order_by(cases.c.opened_at.desc(), cases.c.id).limit(limit)
    )
    return tuple(case_of(row) for row in (await db.execute(found)).all())


def _of_case() -> ColumnElement[bool]:
    """A message belongs to every case of its conversation, any other text to its own."""
    return and_(
        cases.c.conversation_id == search_texts.c.conversation_id,
        or_(search_texts.c.case_id.is_(None), search_texts.c.case_id == cases.c.id),
    )


def _hits(db: AsyncConnection, name: str, words: Collection[str], phrases: Collection[tuple[str, ...]]) -> FromClause:
    """Which texts the index names. Words are letters and digits only, so none of them can be read as a command."""
    if db.dialect.name == "sqlite":
        template = _SQLITE_HITS
        asked = " ".join([*(f'"{word}"*' for word in words), *(f'"{" ".join(phrase)}"' for phrase in phrases)])
    else:
        template = _POSTGRES_HITS
        rows = [f"({' <-> '.join(_lexeme(word) for word in phrase)})" for phrase in phrases]
        asked = " & ".join([*(f"{_lexeme(word)}:*" for word in words), *rows])
    statement = text(template.format(words=f":{name}_words", most=f":{name}_most"))
    bound: dict[str, Any] = {f"{name}_words": asked, f"{name}_most": LOOKED_AT}
    return statement.bindparams(**bound).columns(column("id")).subquery(name)


def _lexeme(word: str) -> str:
    """A word as a lexeme of PostgreSQL."""
    return f"'{word}'"


def _conditions(db: AsyncConnection, query: SearchQuery, only: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        or_(cases.c.category.in_(only.visible), cases.c.agent_id == only.own_agent_id),
    ]
    if query.statuses:
        found.append(cases.c.status.in_(query.statuses))
    if query.queues:
        found.append(cases.c.category.in_(query.queues))
    if only.agent_id is not None:
        found.append(cases.c.agent_id == only.agent_id if only.agent_id else cases.c.agent_id.is_(None))
    if query.severity is not None:
        found.append(cases.c.severity == query.severity)
    if query.cause is not None:
        found.append(cases.c.root_cause == query.cause)
    since, before = query.opened_from(only.now), query.opened_before(only.now)
    if since is not None:
        found.append(cases.c.opened_at >= since)
    if before is not None:
        found.append(cases.c.opened_at < before)
    if query.customer is not None:
        found.append(_has_text(db, "customer", query.customer, HitKind.CUSTOMER))
    if query.order is not None:
        found.append(_has_text(db, "order", query.order, HitKind.CASE, HitKind.MESSAGE))
    return found


def _has_text(db: AsyncConnection, name: str, asked: str, *kinds: HitKind) -> ColumnElement[bool]:
    """The case has a text of these kinds with these words."""
    *before, last = words_of(asked)
    hits = _hits(db, f"{name}_hits", (last,), [(word,) for word in before])
    texts = search_texts.alias(f"{name}_texts")
    found = select(texts.c.conversation_id).join(hits, hits.c.id == texts.c.id).where(texts.c.kind.in_(kinds))
    return cases.c.conversation_id.in_(found)
