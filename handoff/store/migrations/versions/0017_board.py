"""What a supervisor's board looks at and writes: live conversations, flags, who joined a case."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0007"
branch_labels = None
depends_on = None

LIVE = sa.text("status = 'open'")
STANDING = sa.text("cleared_at IS NULL")
THERE = sa.text("left_at IS NULL")


def upgrade() -> None:
    """Make room for it; nothing that stands is flagged or joined."""
    op.create_index(
        "ix_conversations_live",
        "conversations",
        ["last_activity_at"],
        unique=False,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_table(
        "flags",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("agent_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_flags_conversation_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_flags_agent_id"),
        sa.ForeignKeyConstraint(["cleared_by"], ["agents.id"], name="fk_flags_cleared_by"),
        sa.PrimaryKeyConstraint("id", name="pk_flags"),
    )
    op.create_index(
        "uq_flags_one_standing_per_conversation",
        "flags",
        ["conversation_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_table(
        "participants",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("agent_id", sa.String(64), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_participants_case_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_participants_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_participants"),
    )
    op.create_index(
        "uq_participants_there",
        "participants",
        ["case_id", "agent_id"],
        unique=True,
        sqlite_where=THERE,
        postgresql_where=THERE,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("participants")
    op.drop_table("flags")
    op.drop_index("ix_conversations_live", table_name="conversations", sqlite_where=LIVE, postgresql_where=LIVE)
