"""Answers of the bot, and what customers say of them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mark answers, and keep their ratings. What was said before is marked as no answer."""
    op.add_column("messages", sa.Column("answers_turn", sa.String(length=64), nullable=True))
    op.create_table(
        "answer_ratings",
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("turn_message_id", sa.String(length=64), nullable=False),
        sa.Column("rating", sa.String(length=16), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_answer_ratings_conversation_id")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_answer_ratings_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_answer_ratings")),
    )
    op.create_index("ix_answer_ratings_conversation_id", "answer_ratings", ["conversation_id"], unique=False)


def downgrade() -> None:
    """Take it all back."""
    op.drop_index("ix_answer_ratings_conversation_id", table_name="answer_ratings")
    op.drop_table("answer_ratings")
    op.drop_column("messages", "answers_turn")
