"""Decision tables: who planned a version, to be told if it is refused.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rules_version", sa.Column("planned_by", sa.Text(), nullable=True))
    op.execute("UPDATE rules_version SET planned_by = created_by WHERE planned_at IS NOT NULL")


def downgrade() -> None:
    op.drop_column("rules_version", "planned_by")
