"""How long was waited in a queue and from which place, and by how much a told range was stretched."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for the waits; none is known of the cases that stand."""
    op.create_table(
        "queue_waits",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("waited_seconds", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_queue_waits_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_waits")),
    )
    op.create_index("ix_queue_waits_case_id", "queue_waits", ["case_id"])
    op.create_index("ix_queue_waits_category_began_at", "queue_waits", ["category", "began_at"])
    op.add_column("wait_estimates", sa.Column("stretch", sa.Float(), nullable=False, server_default=sa.text("1")))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("wait_estimates", "stretch")
    op.drop_index("ix_queue_waits_category_began_at", table_name="queue_waits")
    op.drop_index("ix_queue_waits_case_id", table_name="queue_waits")
    op.drop_table("queue_waits")
