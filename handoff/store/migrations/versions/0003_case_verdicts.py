"""What agents say of a handoff; conversations by their beginning, for whoever reads them all."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for a verdict on each case; order the conversations."""
    op.create_table(
        "case_verdicts",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_case_verdicts_agent_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_verdicts_case_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_case_verdicts_message_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_verdicts")),
    )
    op.create_index("ix_case_verdicts_judged_at", "case_verdicts", ["judged_at"], unique=False)
    op.create_index("ix_conversations_started_at_id", "conversations", ["started_at", "id"], unique=False)


def downgrade() -> None:
    """Take it all back."""
    op.drop_index("ix_conversations_started_at_id", table_name="conversations")
    op.drop_index("ix_case_verdicts_judged_at", table_name="case_verdicts")
    op.drop_table("case_verdicts")
