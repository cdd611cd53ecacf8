"""What is learnt from many cases: incidents, proposals for the editors, days of figures."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Float, ForeignKey, Index, Integer, String, Table, Text

from handoff.store.schema.base import UtcDateTime, id_column, metadata

incidents = Table(
    "incidents",
    metadata,
    id_column(),
    Column("status", String(16), nullable=False),
    Column("category", String(32), nullable=False),
    Column("topic", String(128)),
    Column("title", String(200), nullable=False),
    Column("announcement", Text, nullable=False),
    Column("resolution", Text),
    Column("centre", JSON(none_as_null=True)),
    Column("noticed_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("decided_by", ForeignKey("agents.id")),
    Column("resolved_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Index("ix_incidents_status_noticed_at", "status", "noticed_at"),
)

incident_links = Table(
    "incident_links",
    metadata,
    Column("incident_id", ForeignKey("incidents.id"), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("case_id", ForeignKey("cases.id")),
    Column("linked_at", UtcDateTime, nullable=False),
    Column("announced_at", UtcDateTime),
    Column("end_told_at", UtcDateTime),
    Index("ix_incident_links_conversation_id", "conversation_id"),
)

proposals = Table(
    "proposals",
    metadata,
    id_column(),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("agent_id", ForeignKey("agents.id")),
    Column("kind", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Index("ix_proposals_status_created_at", "status", "created_at"),
    Index("ix_proposals_case_id", "case_id"),
)

kpi_days = Table(
    "kpi_days",
    metadata,
    Column("category", String(32), primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("agent_id", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("measure", String(48), primary_key=True),
    Column("bucket", String(64), primary_key=True),
    Column("how_many", Integer, nullable=False),
    Column("total", Float, nullable=False),
    Index("ix_kpi_days_day", "day"),
)

kpi_rollups = Table(
    "kpi_rollups",
    metadata,
    Column("day", Date, primary_key=True),
    Column("changes", Integer, nullable=False),
    Column("changes_rolled", Integer, nullable=False),
    Column("rolled_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Column("zone", Text),
)
