"""Follow-ups that are told once, and proposals found by their case."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0008"
branch_labels = None
depends_on = None

AWAITED = sa.text("follow_up_on IS NOT NULL AND followed_up_at IS NULL AND reopened_at IS NULL")


def upgrade() -> None:
    """Make room for when a follow-up was told; nothing that stands has one."""
    op.add_column("resolutions", sa.Column("follow_up_told_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_resolutions_follow_up",
        "resolutions",
        ["follow_up_on"],
        unique=False,
        sqlite_where=AWAITED,
        postgresql_where=AWAITED,
    )
    op.create_index("ix_proposals_case_id", "proposals", ["case_id"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_proposals_case_id", table_name="proposals")
    op.drop_index("ix_resolutions_follow_up", table_name="resolutions", sqlite_where=AWAITED, postgresql_where=AWAITED)
    op.drop_column("resolutions", "follow_up_told_at")
