"""Automatic answers while works are going on, and by the language of the client.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENTS = ("begins_at", "ends_at")


def upgrade() -> None:
    for name in MOMENTS:
        op.add_column("auto_reply", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("auto_reply", sa.Column("language", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.alter_column("auto_reply", "language", server_default=None)
    for table in ("appeal", "client"):
        op.add_column(table, sa.Column("language", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_client_language"), "client", "language IN ('ru','en')")


def downgrade() -> None:
    for table in ("client", "appeal", "auto_reply"):
        op.drop_column(table, "language")
    for name in MOMENTS:
        op.drop_column("auto_reply", name)
