"""Web chat: visitors; marks that clients give by a button, with words.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _text(name: str, *, optional: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=optional)


def _moment(name: str, *, optional: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def upgrade() -> None:
    op.create_table(
        "visitor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_account_id", sa.Integer(), nullable=False),
        _text("key"),
        _text("person", optional=True),
        *map(_text, ("name", "email", "phone")),
        _moment("agreed_at", optional=True),
        *map(_text, ("page", "title", "came_from")),
        _moment("created_at"),
        _moment("seen_at"),
        _moment("left_at", optional=True),
        _moment("counted_from"),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["channel_account_id"], ["channel_account.id"], name="fk_visitor_channel_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_visitor"),
        sa.UniqueConstraint("channel_account_id", "key", name="uq_visitor_channel_account_id_key"),
    )
    op.create_index("ix_visitor_came_from", "visitor", ["came_from", "created_at"])
    op.create_index("ix_visitor_here", "visitor", ["seen_at"], postgresql_where=sa.text("left_at IS NULL"))
    op.alter_column("rating", "message_id", nullable=True)
    op.add_column("rating", sa.Column("comment", sa.Text(), server_default="", nullable=False))
    op.alter_column("rating", "comment", server_default=None)


def downgrade() -> None:
    op.drop_column("rating", "comment")
    op.execute("DELETE FROM rating WHERE message_id IS NULL")
    op.alter_column("rating", "message_id", nullable=False)
    op.drop_table("visitor")
