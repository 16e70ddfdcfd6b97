"""Web chat: a visitor is held to a pace, not for the rest of a minute.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("visitor", "counted_from", new_column_name="paced_until")
    op.drop_column("visitor", "counted")


def downgrade() -> None:
    op.alter_column("visitor", "paced_until", new_column_name="counted_from")
    op.add_column("visitor", sa.Column("counted", sa.Integer(), nullable=False, server_default="0"))
