"""By whose clock a day of the KPIs was cut: one that was cut by another is added up anew."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it; the days before were those of UTC, and are added up anew one after the other."""
    op.add_column("kpi_rollups", sa.Column("zone", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("kpi_rollups", "zone")
