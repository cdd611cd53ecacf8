"""Agents: what they serve, their sessions and presence, what they are told, and who did and saw what."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from handoff.store.schema.base import UtcDateTime, id_column, metadata

agents = Table(
    "agents",
    metadata,
    id_column(),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("role", String(16), nullable=False),
    Column("level", Integer, nullable=False),
    Column("password_hash", String(256), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("capacity", Integer, nullable=False, server_default=text("6")),
    Column("languages", JSON, nullable=False, server_default=text("'[]'")),
    Column("skills", JSON, nullable=False, server_default=text("'[]'")),
)

agent_queues = Table(
    "agent_queues",
    metadata,
    Column("agent_id", ForeignKey("agents.id"), primary_key=True),
    Column("category", String(32), primary_key=True),
)

agent_sessions = Table(
    "agent_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("csrf_token", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_agent_sessions_expires_at", "expires_at"),
)

presences = Table(
    "presences",
    metadata,
    Column("agent_id", ForeignKey("agents.id"), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

notifications = Table(
    "notifications",
    metadata,
    id_column(),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("case_id", ForeignKey("cases.id")),
    Column("text", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    Index("ix_notifications_agent_id_created_at", "agent_id", "created_at"),
)

agent_preferences = Table(
    "agent_preferences",
    metadata,
    Column("agent_id", ForeignKey("agents.id"), primary_key=True),
    Column("notices", JSON, nullable=False),
    Column("quiet_when_away", Boolean, nullable=False),
)
"""``notices`` holds, by kind of notification, only what somebody chose."""

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor_type", String(16), nullable=False),
    Column("actor_id", String(64)),
    Column("actor_name", String(120)),
    Column("action", String(48), nullable=False),
    Column("object_type", String(32), nullable=False),
    Column("object_id", String(128)),
    Column("data", JSON, nullable=False),
    Index("ix_audit_log_at", "at"),
    Index("ix_audit_log_object_type_object_id_id", "object_type", "object_id", "id"),
    Index("ix_audit_log_actor_id_id", "actor_id", "id"),
)
