"""Casework: offers, promises, presence, resolutions, what leaves and enters, incidents, figures, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for all of it."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_type", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=True),
        sa.Column("actor_name", sa.String(length=120), nullable=True),
        sa.Column("action", sa.String(length=48), nullable=False),
        sa.Column("object_type", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=128), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_actor_id_id", "audit_log", ["actor_id", "id"], unique=False)
    op.create_index("ix_audit_log_at", "audit_log", ["at"], unique=False)
    op.create_index(
        "ix_audit_log_object_type_object_id_id", "audit_log", ["object_type", "object_id", "id"], unique=False
    )
    op.create_table(
        "kpi_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("measure", sa.String(length=48), nullable=False),
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.Column("how_many", sa.Integer(), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("day", "category", "agent_id", "measure", "bucket", name=op.f("pk_kpi_days")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("secret", sa.String(length=128), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=128), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("announcement", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("centre", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["agents.id"], name=op.f("fk_incidents_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index("ix_incidents_status_noticed_at", "incidents", ["status", "noticed_at"], unique=False)
    op.create_table(
        "presences",
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_presences_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_presences")),
    )
    op.create_table(
        "external_references",
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_external_references_case_id")),
        sa.PrimaryKeyConstraint("system", "external_id", name=op.f("pk_external_references")),
    )
    op.create_index("ix_external_references_case_id", "external_references", ["case_id"], unique=False)
    op.create_table(
        "incident_links",
        sa.Column("incident_id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_incident_links_case_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_incident_links_conversation_id")
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_links_incident_id")),
        sa.PrimaryKeyConstraint("incident_id", "conversation_id", name=op.f("pk_incident_links")),
    )
    op.create_index("ix_incident_links_conversation_id", "incident_links", ["conversation_id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_notifications_agent_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_notifications_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index("ix_notifications_agent_id_created_at", "notifications", ["agent_id", "created_at"], unique=False)
    op.create_table(
        "offers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_offers_agent_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_offers_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index("ix_offers_agent_id_offered_at", "offers", ["agent_id", "offered_at"], unique=False)
    op.create_index("ix_offers_case_id_offered_at", "offers", ["case_id", "offered_at"], unique=False)
    op.create_index(
        "ix_offers_pending",
        "offers",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "uq_offers_one_pending_per_case",
        "offers",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("webhook_id", sa.String(length=64), nullable=True),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=48), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.String(length=64), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_outbox_case_id")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"], name=op.f("fk_outbox_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"], unique=False)
    op.create_index(
        "ix_outbox_pending",
        "outbox",
        ["next_try_at"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "promises",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_promises_agent_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_promises_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promises")),
    )
    op.create_index("ix_promises_case_id_made_at", "promises", ["case_id", "made_at"], unique=False)
    op.create_index("ix_promises_due_at", "promises", ["due_at"], unique=False)
    op.create_index(
        "ix_promises_open",
        "promises",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_proposals_agent_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_proposals_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index("ix_proposals_status_created_at", "proposals", ["status", "created_at"], unique=False)
    op.create_table(
        "resolutions",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disposition", sa.String(length=64), nullable=False),
        sa.Column("root_cause", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("followed_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("csat", sa.Integer(), nullable=True),
        sa.Column("nps", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rated_by", sa.String(length=16), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_resolutions_agent_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_resolutions_case_id")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_resolutions")),
    )
    op.create_index("ix_resolutions_agent_id_resolved_at", "resolutions", ["agent_id", "resolved_at"], unique=False)
    op.create_index("ix_resolutions_resolved_at", "resolutions", ["resolved_at"], unique=False)
    op.create_table(
        "wait_estimates",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("low_seconds", sa.Integer(), nullable=False),
        sa.Column("high_seconds", sa.Integer(), nullable=False),
        sa.Column("waited_seconds", sa.Integer(), nullable=True),
        sa.Column("hit", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_wait_estimates_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wait_estimates")),
    )
    op.create_index("ix_wait_estimates_case_id_made_at", "wait_estimates", ["case_id", "made_at"], unique=False)
    op.create_index("ix_wait_estimates_category_made_at", "wait_estimates", ["category", "made_at"], unique=False)
    op.add_column("agents", sa.Column("capacity", sa.Integer(), server_default=sa.text("6"), nullable=False))
    op.add_column("agents", sa.Column("languages", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("agents", sa.Column("skills", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("cases", sa.Column("source", sa.String(length=32), server_default=sa.text("'bot'"), nullable=False))
    op.add_column("cases", sa.Column("language", sa.String(length=16), nullable=True))
    op.add_column("cases", sa.Column("skills", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("cases", sa.Column("weight", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("cases", sa.Column("plan", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("waiting_for", sa.String(length=16), nullable=True))
    op.add_column("cases", sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("last_agent_word_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("next_deadline_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cases", sa.Column("next_deadline", sa.String(length=32), nullable=True))
    op.add_column("cases", sa.Column("deadline_marks", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("cases", sa.Column("merged_into", sa.String(length=64), nullable=True))
    op.add_column("cases", sa.Column("incident_id", sa.String(length=64), nullable=True))
    op.add_column("cases", sa.Column("follow_up_on", sa.Date(), nullable=True))
    op.add_column("cases", sa.Column("nps", sa.Integer(), nullable=True))
    op.add_column("cases", sa.Column("resolution_count", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index("ix_cases_incident_id", "cases", ["incident_id"], unique=False)
    op.create_index(
        "ix_cases_next_deadline_at",
        "cases",
        ["next_deadline_at"],
        unique=False,
        sqlite_where=sa.text("status != 'closed'"),
        postgresql_where=sa.text("status != 'closed'"),
    )
    op.create_index(
        "ix_cases_board",
        "cases",
        ["category", "rank_at", "number"],
        unique=False,
        sqlite_where=sa.text("status != 'closed'"),
        postgresql_where=sa.text("status != 'closed'"),
    )
    op.create_index(
        "ix_cases_load",
        "cases",
        ["category", "status", "queued_at"],
        unique=False,
        sqlite_where=sa.text("status != 'closed'"),
        postgresql_where=sa.text("status != 'closed'"),
    )
    op.create_index("ix_cases_resolved_at", "cases", ["resolved_at"], unique=False)
    op.add_column("conversations", sa.Column("language", sa.String(length=16), nullable=True))
    op.add_column("conversations", sa.Column("contact_email", sa.String(length=254), nullable=True))


def downgrade() -> None:
    """Take it all back; a table takes its indexes with it."""
    op.drop_column("conversations", "contact_email")
    op.drop_column("conversations", "language")
    op.drop_index("ix_cases_resolved_at", table_name="cases")
    op.drop_index("ix_cases_load", table_name="cases")
    op.drop_index("ix_cases_board", table_name="cases")
    op.drop_index(
        "ix_cases_next_deadline_at",
        table_name="cases",
        sqlite_where=sa.text("status != 'closed'"),
        postgresql_where=sa.text("status != 'closed'"),
    )
    op.drop_index("ix_cases_incident_id", table_name="cases")
    op.drop_column("cases", "resolution_count")
    op.drop_column("cases", "nps")
    op.drop_column("cases", "follow_up_on")
    op.drop_column("cases", "incident_id")
    op.drop_column("cases", "merged_into")
    op.drop_column("cases", "deadline_marks")
    op.drop_column("cases", "next_deadline")
    op.drop_column("cases", "next_deadline_at")
    op.drop_column("cases", "last_agent_word_at")
    op.drop_column("cases", "waiting_since")
    op.drop_column("cases", "waiting_for")
    op.drop_column("cases", "plan")
    op.drop_column("cases", "weight")
    op.drop_column("cases", "skills")
    op.drop_column("cases", "language")
    op.drop_column("cases", "source")
    op.drop_column("agents", "skills")
    op.drop_column("agents", "languages")
    op.drop_column("agents", "capacity")
    op.drop_table("wait_estimates")
    op.drop_table("resolutions")
    op.drop_table("proposals")
    op.drop_table("promises")
    op.drop_table("outbox")
    op.drop_table("offers")
    op.drop_table("notifications")
    op.drop_table("incident_links")
    op.drop_table("external_references")
    op.drop_table("presences")
    op.drop_table("incidents")
    op.drop_table("webhooks")
    op.drop_table("kpi_days")
    op.drop_table("audit_log")
    op.drop_table("api_keys")
