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
    op.add_column("visitor", _at("paced_until"))
    op.alter_column("visitor", "paced_until", server_default=None)
    op.drop_column("visitor", "counted_from")
    op.drop_column("visitor", "counted")


def downgrade() -> None:
    op.add_column("visitor", _at("counted_from"))
    op.add_column("visitor", sa.Column("counted", sa.Integer(), nullable=False, server_default="0"))
    op.drop_column("visitor", "paced_until")


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))
