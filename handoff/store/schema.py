"""The tables. Migrations in ``migrations/versions`` make exactly these; a test proves it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps no offset, so it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raise ``ValueError`` for a time without an offset: it would mean another moment on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without an offset cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the time back as aware UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _id() -> Column[str]:
    return Column("id", String(64), primary_key=True)


customers = Table(
    "customers",
    metadata,
    _id(),
    Column("external_id", String(128), unique=True),
    Column("name", String(120)),
    Column("email", String(254)),
    Column("tier", String(16), nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    _id(),
    Column("customer_id", ForeignKey("customers.id"), nullable=False),
    Column("status", String(16), nullable=False),
    Column("owner_type", String(16), nullable=False),
    Column("owner_agent_id", ForeignKey("agents.id")),
    Column("owner_version", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("page", String(500)),
    Column("started_at", UtcDateTime, nullable=False),
    Column("last_activity_at", UtcDateTime, nullable=False),
    Index("ix_conversations_customer_id_started_at", "customer_id", "started_at"),
    Index("ix_conversations_started_at_id", "started_at", "id"),
    Index(
        "uq_conversations_one_open_per_customer",
        "customer_id",
        unique=True,
        sqlite_where=text("status = 'open'"),
        postgresql_where=text("status = 'open'"),
    ),
)

messages = Table(
    "messages",
    metadata,
    _id(),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("sender", String(16), nullable=False),
    Column("sender_id", String(64)),
    Column("sender_name", String(120)),
    Column("text", Text, nullable=False),
    Column("buttons", JSON, nullable=False),
    Column("notice", String(64)),
    Column("client_message_id", String(64)),
    Column("answers_turn", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("conversation_id", "seq"),
    UniqueConstraint("conversation_id", "client_message_id"),
)

answer_ratings = Table(
    "answer_ratings",
    metadata,
    Column("message_id", ForeignKey("messages.id"), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("turn_message_id", String(64), nullable=False),
    Column("rating", String(16), nullable=False),
    Column("rated_at", UtcDateTime, nullable=False),
    Index("ix_answer_ratings_conversation_id", "conversation_id"),
)

turns = Table(
    "turns",
    metadata,
    Column("message_id", String(64), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("record", JSON(none_as_null=True)),
    Column("frustration", Float),
    Column("created_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Index("ix_turns_conversation_id_created_at", "conversation_id", "created_at"),
    Index(
        "ix_turns_pending",
        "created_at",
        sqlite_where=text("status = 'pending'"),
        postgresql_where=text("status = 'pending'"),
    ),
)

contacts = Table(
    "contacts",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("topic", String(128), primary_key=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False),
    Column("category", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_contacts_customer_id_at", "customer_id", "at"),
)

cases = Table(
    "cases",
    metadata,
    _id(),
    Column("number", Integer, nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("customer_id", ForeignKey("customers.id"), nullable=False),
    Column("idempotency_key", String(160), nullable=False, unique=True),
    Column("status", String(16), nullable=False),
    Column("category", String(32), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("triage", JSON(none_as_null=True)),
    Column("level", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("problem", String(500), nullable=False),
    Column("topic", String(128)),
    Column("contact_number", Integer, nullable=False),
    Column("context", JSON, nullable=False),
    Column("agent_id", ForeignKey("agents.id")),
    Column("first_response_due", UtcDateTime, nullable=False),
    Column("next_update_due", UtcDateTime, nullable=False),
    Column("resolution_due", UtcDateTime, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("rank_at", UtcDateTime, nullable=False),
    Column("accepted_at", UtcDateTime),
    Column("first_response_at", UtcDateTime),
    Column("resolved_at", UtcDateTime),
    Column("disposition", String(64)),
    Column("root_cause", String(64)),
    Column("outcome", Text),
    Column("csat", Integer),
    Column("csat_comment", Text),
    Column("csat_agent_id", ForeignKey("agents.id")),
    Column("version", Integer, nullable=False),
    Index(
        "uq_cases_one_open_per_conversation",
        "conversation_id",
        unique=True,
        sqlite_where=text("status != 'closed'"),
        postgresql_where=text("status != 'closed'"),
    ),
    Index(
        "ix_cases_queue",
        "category",
        "rank_at",
        sqlite_where=text("status = 'open'"),
        postgresql_where=text("status = 'open'"),
    ),
    Index(
        "ix_cases_unresolved",
        "agent_id",
        sqlite_where=text("status != 'closed'"),
        postgresql_where=text("status != 'closed'"),
    ),
    Index("ix_cases_conversation_id_opened_at", "conversation_id", "opened_at"),
    Index("ix_cases_customer_id_opened_at", "customer_id", "opened_at"),
    Index("ix_cases_opened_at", "opened_at"),
)

case_events = Table(
    "case_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("case_id", ForeignKey("cases.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("step", String(32), nullable=False),
    Column("actor_type", String(16), nullable=False),
    Column("actor_id", String(64)),
    Column("actor_name", String(120)),
    Column("text", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Index("ix_case_events_case_id_id", "case_id", "id"),
)

case_verdicts = Table(
    "case_verdicts",
    metadata,
    Column("case_id", ForeignKey("cases.id"), primary_key=True),
    Column("verdict", String(32), nullable=False),
    Column("message_id", ForeignKey("messages.id")),
    Column("note", Text, nullable=False),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("judged_at", UtcDateTime, nullable=False),
    Index("ix_case_verdicts_judged_at", "judged_at"),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Integer, nullable=False),
)

agents = Table(
    "agents",
    metadata,
    _id(),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("role", String(16), nullable=False),
    Column("level", Integer, nullable=False),
    Column("password_hash", String(256), nullable=False),
    Column("active", Boolean, nullable=False),
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
