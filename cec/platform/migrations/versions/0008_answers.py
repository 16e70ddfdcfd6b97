"""Answers: formatting, recipients and quotation of drafts; the sender of a queue.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draft", sa.Column("html", sa.Text()))
    op.add_column("draft", sa.Column("recipients", postgresql.JSONB(), nullable=False, server_default="{}"))
    op.add_column("draft", sa.Column("quotes", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("draft", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("draft", sa.Column("saved_in", sa.Uuid()))
    op.add_column("queue", sa.Column("sender_name", sa.Text(), nullable=False, server_default=""))
    op.add_column("queue", sa.Column("sender_account_id", sa.Integer()))
    op.create_foreign_key("fk_queue_sender_account_id", "queue", "channel_account", ["sender_account_id"], ["id"])
    for table, column in (("draft", "recipients"), ("draft", "quotes"), ("draft", "version"), ("queue", "sender_name")):
        op.alter_column(table, column, server_default=None)


def downgrade() -> None:
    op.drop_constraint("fk_queue_sender_account_id", "queue")
    for table, columns in (
        ("queue", ("sender_account_id", "sender_name")),
        ("draft", ("saved_in", "version", "quotes", "recipients", "html")),
    ):
        for column in columns:
            op.drop_column(table, column)
