"""What agents find cases by and work with: texts under an index of words, saved views, phrases of their own, macros."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false

from handoff.store.schema.base import UtcDateTime, id_column, metadata

search_texts = Table(
    "search_texts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("conversation_id", String(64), nullable=False),
    Column("case_id", String(64)),
    Column("seq", Integer),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_search_texts_conversation_id", "conversation_id"),
)
"""Filled by triggers alone. Its words are in ``search_words``: a table of FTS5 on SQLite, an index on PostgreSQL."""

saved_views = Table(
    "saved_views",
    metadata,
    id_column(),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("name", String(80), nullable=False),
    Column("query", String(400), nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_saved_views_agent_id", "agent_id"),
)

own_responses = Table(
    "own_responses",
    metadata,
    id_column(),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("title", String(80), nullable=False),
    Column("language", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("category", String(32)),
    Column("shared", Boolean, nullable=False, server_default=false()),
    Index("ix_own_responses_agent_id", "agent_id"),
)
"""Responses that agents keep at the desk; ``shared`` ones are their team's."""

macro_runs = Table(
    "macro_runs",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("client_id", String(64), primary_key=True),
    Column("macro", String(64), nullable=False),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("run_at", UtcDateTime, nullable=False),
)
"""Which macros ran, by the identifier of the request, so that the same request runs one once."""
