"""Customers and what they and the bot say: conversations, messages, attachments, turns, ratings, contacts."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from handoff.store.schema.base import UtcDateTime, id_column, metadata

customers = Table(
    "customers",
    metadata,
    id_column(),
    Column("external_id", String(128), unique=True),
    Column("name", String(120)),
    Column("email", String(254)),
    Column("tier", String(16), nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_customers_email", "email"),
)

conversations = Table(
    "conversations",
    metadata,
    id_column(),
    Column("customer_id", ForeignKey("customers.id"), nullable=False),
    Column("status", String(16), nullable=False),
    Column("owner_type", String(16), nullable=False),
    Column("owner_agent_id", ForeignKey("agents.id")),
    Column("owner_version", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("page", String(500)),
    Column("language", String(16)),
    Column("contact_email", String(254)),
    Column("started_at", UtcDateTime, nullable=False),
    Column("last_activity_at", UtcDateTime, nullable=False),
    Index("ix_conversations_customer_id_started_at", "customer_id", "started_at"),
    Index("ix_conversations_started_at_id", "started_at", "id"),
    Index(
        "ix_conversations_live",
        "last_activity_at",
        sqlite_where=text("status = 'open'"),
        postgresql_where=text("status = 'open'"),
    ),
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
    id_column(),
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
    Column("card", JSON(none_as_null=True)),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("conversation_id", "seq"),
    UniqueConstraint("conversation_id", "client_message_id"),
)

attachments = Table(
    "attachments",
    metadata,
    id_column(),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("message_id", ForeignKey("messages.id")),
    Column("place", Integer, nullable=False, default=0),
    Column("name", String(120), nullable=False),
    Column("media_type", String(32), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("agent_id", ForeignKey("agents.id")),
    Column("uploaded_at", UtcDateTime, nullable=False),
    Index("ix_attachments_conversation_id", "conversation_id"),
    Index(
        "ix_attachments_unsent",
        "uploaded_at",
        sqlite_where=text("message_id IS NULL"),
        postgresql_where=text("message_id IS NULL"),
    ),
    Index(
        "ix_attachments_held",
        "uploaded_at",
        sqlite_where=text("status = 'held'"),
        postgresql_where=text("status = 'held'"),
    ),
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
    Index("ix_answer_ratings_rated_at", "rated_at"),
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
