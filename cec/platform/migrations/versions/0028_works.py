"""Automatic answers while works are going on.

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


def downgrade() -> None:
    for name in MOMENTS:
        op.drop_column("auto_reply", name)
