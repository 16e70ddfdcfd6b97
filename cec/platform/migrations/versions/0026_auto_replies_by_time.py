"""Automatic answers that go by time, later, to a segment; since when an appeal waits in a queue.

Revision ID: 0026
Revises: 0025
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ADDED: dict[str, tuple[sa.types.TypeEngine[Any], str]] = {
    "segment": (sa.Text(), "''"),
    "delay": (sa.Interval(), "'0'"),
    "times": (sa.Integer(), "1"),
    "most_a_day": (sa.Integer(), "5"),
}


def upgrade() -> None:
    op.add_column("appeal", sa.Column("queued_since", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE appeal SET queued_since = status_since WHERE status IN ('queued', 'offered')")
    for name, (kind, default) in ADDED.items():
        op.add_column("auto_reply", sa.Column(name, kind, nullable=False, server_default=sa.text(default)))
        op.alter_column("auto_reply", name, server_default=None)
    for name in ("after", "repeat"):
        op.add_column("auto_reply", sa.Column(name, sa.Interval(), nullable=True))
    op.create_table(
        "auto_reply_wait",
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name="fk_auto_reply_wait_appeal_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("appeal_id", name="pk_auto_reply_wait"),
    )


def downgrade() -> None:
    op.drop_table("auto_reply_wait")
    for name in (*ADDED, "after", "repeat"):
        op.drop_column("auto_reply", name)
    op.drop_column("appeal", "queued_since")
