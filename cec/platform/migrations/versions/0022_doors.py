"""Appeals that operators begin.

Revision ID: 0022
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appeal", sa.Column("direction", sa.Text(), server_default="in", nullable=False))


def downgrade() -> None:
    op.drop_column("appeal", "direction")
