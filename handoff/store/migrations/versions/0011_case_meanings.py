"""One vector for each closed case, to find similar ones by meaning; what agents decide within their authority."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room, and let every case that was resolved wait for its vector."""
    op.create_table(
        "case_meanings",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("encoder", sa.String(length=64), nullable=True),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("encoded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_meanings_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_meanings")),
    )
    op.create_index("ix_case_meanings_encoder_encoded_at", "case_meanings", ["encoder", "encoded_at"], unique=False)
    op.create_index("ix_case_meanings_encoder_closed_at", "case_meanings", ["encoder", "closed_at"], unique=False)
    op.create_index(
        "ix_case_meanings_waiting",
        "case_meanings",
        ["closed_at"],
        unique=False,
        sqlite_where=sa.text("vector IS NULL"),
        postgresql_where=sa.text("vector IS NULL"),
    )
    op.execute(
        "INSERT INTO case_meanings (case_id, closed_at) SELECT id, resolved_at FROM cases"
        " WHERE status = 'closed' AND resolved_at IS NOT NULL AND outcome IS NOT NULL"
    )
    op.create_table(
        "authority_uses",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("amount_pence", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("order_number", sa.String(length=128), nullable=True),
        sa.Column("sku", sa.String(length=128), nullable=True),
        sa.Column("charge_id", sa.String(length=128), nullable=True),
        sa.Column("reference", sa.String(length=128), nullable=True),
        sa.Column("arrives_by", sa.Date(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_authority_uses_agent_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_authority_uses_case_id")),
        sa.PrimaryKeyConstraint("case_id", "key", name=op.f("pk_authority_uses")),
    )
    op.create_index("ix_authority_uses_agent_id_begun_at", "authority_uses", ["agent_id", "begun_at"], unique=False)


def downgrade() -> None:
    """Take it all back."""
    op.drop_index("ix_authority_uses_agent_id_begun_at", table_name="authority_uses")
    op.drop_table("authority_uses")
    op.drop_index("ix_case_meanings_waiting", table_name="case_meanings")
    op.drop_index("ix_case_meanings_encoder_closed_at", table_name="case_meanings")
    op.drop_index("ix_case_meanings_encoder_encoded_at", table_name="case_meanings")
    op.drop_table("case_meanings")
