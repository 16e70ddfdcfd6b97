"""Presence: reasons of statuses, the next status, heartbeats of windows, what went back while the link was lost.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UNTOLD = "release_kind = 'returned_offline' AND told_at IS NULL"


def upgrade() -> None:
    op.create_table(
        "status_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("icon", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_status_reason"),
        sa.UniqueConstraint("name", name="uq_status_reason_name"),
    )
    for column in ("reason_id", "next_reason_id"):
        op.add_column("operator_status", sa.Column(column, sa.Integer()))
        op.create_foreign_key(f"fk_operator_status_{column}", "operator_status", "status_reason", [column], ["id"])
    op.add_column("operator_status", sa.Column("next_status", sa.Text()))
    op.add_column("session", sa.Column("input_at", sa.DateTime(timezone=True)))
    op.add_column("session", sa.Column("link", sa.Text(), nullable=False, server_default="live"))
    op.alter_column("session", "link", server_default=None)
    op.execute("ALTER TABLE session SET (fillfactor = 50)")
    op.add_column("assignment", sa.Column("told_at", sa.DateTime(timezone=True)))
    op.create_index("ix_assignment_untold", "assignment", ["employee_id"], postgresql_where=sa.text(UNTOLD))


def downgrade() -> None:
    op.drop_index("ix_assignment_untold", "assignment")
    op.drop_column("assignment", "told_at")
    op.execute("ALTER TABLE session RESET (fillfactor)")
    op.drop_column("session", "link")
    op.drop_column("session", "input_at")
    for column in ("next_reason_id", "next_status", "reason_id"):
        op.drop_column("operator_status", column)
    op.drop_table("status_reason")
