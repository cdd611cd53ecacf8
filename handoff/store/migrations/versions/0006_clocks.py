"""Clocks: the tier under which a case is served, since when its owner can go on, one standing promise a case."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Serve cases as before: by their customer's tier, with what their customers were promised."""
    op.add_column(
        "cases", sa.Column("tier", sa.String(length=16), server_default=sa.text("'standard'"), nullable=False)
    )
    op.add_column("cases", sa.Column("in_hand_since", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE cases SET tier = (SELECT tier FROM customers WHERE customers.id = cases.customer_id)")
    op.execute("UPDATE cases SET in_hand_since = accepted_at WHERE agent_id IS NOT NULL AND status != 'closed'")
    op.execute(
        "UPDATE cases SET next_update_due = first_response_due WHERE first_response_at IS NULL AND status != 'closed'"
    )
    op.create_index(
        "uq_promises_one_open_per_case",
        "promises",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )


def downgrade() -> None:
    """Serve all alike again."""
    op.drop_index("uq_promises_one_open_per_case", table_name="promises")
    op.drop_column("cases", "in_hand_since")
    op.drop_column("cases", "tier")
