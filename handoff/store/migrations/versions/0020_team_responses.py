"""Responses that somebody who leads keeps for the whole team, perhaps for one queue."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it; what is kept stays its agent's own."""
    op.add_column("own_responses", sa.Column("category", sa.String(32), nullable=True))
    op.add_column("own_responses", sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("own_responses", "shared")
    op.drop_column("own_responses", "category")
