"""Closed cases by meaning, one vector each from the resolution on; and what agents decided within their authority."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from handoff.store.schema.base import UtcDateTime, metadata

case_meanings = Table(
    "case_meanings",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("closed_at", UtcDateTime, nullable=False),
    Column("encoder", String(64)),
    Column("vector", LargeBinary),
    Column("encoded_at", UtcDateTime),
    Index("ix_case_meanings_encoder_encoded_at", "encoder", "encoded_at"),
    Index("ix_case_meanings_encoder_closed_at", "encoder", "closed_at"),
    Index(
        "ix_case_meanings_waiting",
        "closed_at",
        sqlite_where=text("vector IS NULL"),
        postgresql_where=text("vector IS NULL"),
    ),
)

authority_uses = Table(
    "authority_uses",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("amount_pence", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("email", String(254)),
    Column("order_number", String(128)),
    Column("sku", String(128)),
    Column("charge_id", String(128)),
    Column("reference", String(128)),
    Column("arrives_by", Date),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Index("ix_authority_uses_agent_id_begun_at", "agent_id", "begun_at"),
)
