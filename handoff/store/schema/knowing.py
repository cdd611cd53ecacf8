"""What is known of closed cases by meaning: one vector each, which a case waits for from its resolution on."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, text

from handoff.store.schema.base import UtcDateTime, metadata

case_meanings = Table(
    "case_meanings",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("closed_at", UtcDateTime, nullable=False),
    Column("encoder", String(64)),
    Column("vector", LargeBinary),
    Column("encoded_at", UtcDateTime),
    Index("ix_case_meanings_closed_at", "closed_at"),
    Index("ix_case_meanings_encoded_at", "encoded_at"),
    Index("ix_case_meanings_encoder", "encoder"),
    Index(
        "ix_case_meanings_waiting",
        "closed_at",
        sqlite_where=text("vector IS NULL"),
        postgresql_where=text("vector IS NULL"),
    ),
)
