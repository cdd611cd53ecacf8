"""What those who lead add to conversations and cases: flags, and who joined."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, text

from handoff.store.schema.base import UtcDateTime, id_column, metadata

flags = Table(
    "flags",
    metadata,
    id_column(),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("flagged_at", UtcDateTime, nullable=False),
    Column("cleared_at", UtcDateTime),
    Column("cleared_by", ForeignKey("agents.id")),
    Index(
        "uq_flags_one_standing_per_conversation",
        "conversation_id",
        unique=True,
        sqlite_where=text("cleared_at IS NULL"),
        postgresql_where=text("cleared_at IS NULL"),
    ),
)

participants = Table(
    "participants",
    metadata,
    id_column(),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("joined_at", UtcDateTime, nullable=False),
    Column("left_at", UtcDateTime),
    Index(
        "uq_participants_there",
        "case_id",
        "agent_id",
        unique=True,
        sqlite_where=text("left_at IS NULL"),
        postgresql_where=text("left_at IS NULL"),
    ),
)
