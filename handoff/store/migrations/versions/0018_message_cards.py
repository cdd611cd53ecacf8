"""A message of the bot may carry a card: an order, or the title of an FAQ answer."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it; what was said before has none."""
    op.add_column("messages", sa.Column("card", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("messages", "card")
