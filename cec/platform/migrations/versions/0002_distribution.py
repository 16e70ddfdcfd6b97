"""Choosing: the appeal for an operator, as a function of the database.

Revision ID: 0002
Revises: 0001
"""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As it was then; 0010 puts the rule of today in its place.
    op.execute(Path(__file__).with_name("0002_choosing.sql").read_text())


def downgrade() -> None:
    op.execute("DROP FUNCTION claim(int, timestamptz)")
    op.execute("DROP FUNCTION lately_refused(int, int, timestamptz)")
