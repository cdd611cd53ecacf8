"""What leaves and enters: webhooks, the outbox, API keys, references to other systems."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from handoff.store.schema.base import UtcDateTime, id_column, metadata

webhooks = Table(
    "webhooks",
    metadata,
    id_column(),
    Column("name", String(120), nullable=False),
    Column("url", String(500), nullable=False),
    Column("secret", String(128), nullable=False),
    Column("format", String(16), nullable=False),
    Column("events", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    Column("channel", String(16), nullable=False),
    Column("webhook_id", ForeignKey("webhooks.id")),
    Column("event_id", String(64), nullable=False),
    Column("event", String(48), nullable=False),
    Column("case_id", ForeignKey("cases.id")),
    Column("payload", JSON, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_try_at", UtcDateTime, nullable=False),
    Column("claimed_by", String(64)),
    Column("sent_at", UtcDateTime),
    Column("error", Text),
    Index("ix_outbox_created_at", "created_at"),
    Index(
        "ix_outbox_pending",
        "next_try_at",
        sqlite_where=text("status = 'pending'"),
        postgresql_where=text("status = 'pending'"),
    ),
)

api_keys = Table(
    "api_keys",
    metadata,
    id_column(),
    Column("name", String(120), nullable=False),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)

external_references = Table(
    "external_references",
    metadata,
    Column("system", String(64), primary_key=True),
    Column("external_id", String(128), primary_key=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("url", String(500)),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_external_references_case_id", "case_id"),
)

case_changes = Table(
    "case_changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # The transaction's number on PostgreSQL, where rows are not seen in the order of their ids; 0 on SQLite.
    Column("written_by", BigInteger, nullable=False),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Index("ix_case_changes_written_by_id", "written_by", "id"),
)
