"""Appeals that operators begin; messages of one sender that wait for each other.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appeal", sa.Column("direction", sa.Text(), server_default="in", nullable=False))
    op.create_index(
        "ix_inbound_line",
        "inbound",
        ["channel_account_id", sa.text("(envelope ->> 'line')"), "id"],
        postgresql_where=sa.text("state = 'new' AND envelope ? 'line'"),
    )


def downgrade() -> None:
    op.drop_index("ix_inbound_line", "inbound")
    op.drop_column("appeal", "direction")
