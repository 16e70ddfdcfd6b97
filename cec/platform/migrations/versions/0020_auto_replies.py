"""Automatic answers.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "auto_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "event", "channel", "text")),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("queue_id", "calendar_id")),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        *(
            sa.ForeignKeyConstraint([f"{table}_id"], [f"{table}.id"], name=f"fk_auto_reply_{table}_id")
            for table in ("queue", "calendar")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_auto_reply"),
    )


def downgrade() -> None:
    op.drop_table("auto_reply")
