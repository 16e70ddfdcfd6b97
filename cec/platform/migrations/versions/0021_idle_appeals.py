"""Appeals that lie idle in an operator's hands: after how long, and what was done about each.

Revision ID: 0021
Revises: 0020
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import cec

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FUNCTIONS = ("next_pair(timestamptz, int[])", "claim(int, timestamptz, jsonb)")
REFUSED = "IN ('declined', 'missed', 'returned_idle')"
REFUSED_BEFORE = "IN ('declined', 'missed')"


def upgrade() -> None:
    op.add_column("queue", sa.Column("idle_minutes", postgresql.JSONB(), nullable=False, server_default="{}"))
    op.alter_column("queue", "idle_minutes", server_default=None)
    op.create_table(
        "idle_spell",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("queue_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_idle_spell_level")),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name="fk_idle_spell_appeal_id"),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_idle_spell_employee_id"),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name="fk_idle_spell_queue_id"),
        sa.PrimaryKeyConstraint("id", name="pk_idle_spell"),
    )
    op.create_index(
        "uq_idle_spell_open", "idle_spell", ["appeal_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index("ix_idle_spell_employee", "idle_spell", ["employee_id", "since"])
    _refuse(REFUSED)


def _refuse(which: str) -> None:
    """Let an operator not be offered again at once what went back from him in one of these ways."""
    op.drop_index("ix_assignment_refused", "assignment")
    op.create_index(
        "ix_assignment_refused",
        "assignment",
        ["employee_id", "released_at"],
        postgresql_where=sa.text(f"release_kind {which}"),
    )
    text = (Path(cec.__file__).parent / "distribution" / "choosing.sql").read_text().replace(REFUSED, which)
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute(text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))


def downgrade() -> None:
    _refuse(REFUSED_BEFORE)
    op.drop_table("idle_spell")
    op.drop_column("queue", "idle_minutes")
