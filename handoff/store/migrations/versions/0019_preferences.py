"""How members of staff want to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it; nobody has chosen anything, so everybody is told as before."""
    op.create_table(
        "agent_preferences",
        sa.Column("agent_id", sa.String(64), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("quiet_when_away", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_agent_preferences_agent_id"),
        sa.PrimaryKeyConstraint("agent_id", name="pk_agent_preferences"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("agent_preferences")
