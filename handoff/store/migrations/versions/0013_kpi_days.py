"""Days of figures by level too, which of them are to be computed anew, and what finds the facts of a day."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of figures anew, which nothing has written to yet."""
    op.drop_table("kpi_days")
    op.create_table(
        "kpi_days",
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(length=48), nullable=False),
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.Column("how_many", sa.Integer(), nullable=False),
        sa.Column("total", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("category", "level", "agent_id", "day", "measure", "bucket", name=op.f("pk_kpi_days")),
    )
    op.create_index("ix_kpi_days_day", "kpi_days", ["day"])
    op.create_table(
        "kpi_rollups",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("changes_rolled", sa.Integer(), nullable=False),
        sa.Column("rolled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_kpi_rollups")),
    )
    op.create_index("ix_cases_first_response_due", "cases", ["first_response_due"])
    op.create_index("ix_cases_resolution_due", "cases", ["resolution_due"])
    op.create_index("ix_offers_offered_at", "offers", ["offered_at"])
    op.create_index("ix_wait_estimates_made_at", "wait_estimates", ["made_at"])
    op.create_index("ix_answer_ratings_rated_at", "answer_ratings", ["rated_at"])


def downgrade() -> None:
    """Take it back, with the figures, which can be computed again."""
    op.drop_index("ix_answer_ratings_rated_at", "answer_ratings")
    op.drop_index("ix_wait_estimates_made_at", "wait_estimates")
    op.drop_index("ix_offers_offered_at", "offers")
    op.drop_index("ix_cases_resolution_due", "cases")
    op.drop_index("ix_cases_first_response_due", "cases")
    op.drop_table("kpi_rollups")
    op.drop_table("kpi_days")
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
