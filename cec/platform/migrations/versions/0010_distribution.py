"""Distribution: skills, calendars, shifts, strategies, widening, temporary changes.

Revision ID: 0010
Revises: 0009
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Table, column, kind, and what rows of before get.
FILLED: list[tuple[str, str, Any, str]] = [
    ("employee", "units", sa.Integer(), "5"),
    ("employee", "channel_units", postgresql.JSONB(), "'{}'"),
    ("employee", "auto_accept", sa.Boolean(), "false"),
    ("queue_group", "level", sa.Integer(), "1"),
    ("queue", "description", sa.Text(), "''"),
    ("queue", "strategy", sa.Text(), "'longest_idle'"),
    ("queue", "auto_accept", sa.Boolean(), "false"),
    ("queue", "sticky_above", sa.Boolean(), "false"),
    ("queue", "widening", postgresql.JSONB(), "'[]'"),
    ("queue", "channel_units", postgresql.JSONB(), "'{}'"),
    ("queue", "service_goal", sa.Integer(), "80"),
    ("queue", "service_within", sa.Interval(), "interval '10 minutes'"),
    ("lane", "wishes", postgresql.JSONB(), "'[]'"),
    ("lane", "exclusive", sa.Boolean(), "false"),
    ("operator_lane", "share", sa.Float(), "0"),
    ("capacity", "auto_accept", sa.Boolean(), "false"),
    ("capacity", "exclusive", sa.Boolean(), "false"),
]
# Table, column, kind, and what it refers to.
OPEN: list[tuple[str, str, Any, str | None]] = [
    ("queue", "calendar_id", sa.Integer(), "calendar"),
    ("queue", "closed_queue_id", sa.Integer(), "queue"),
    ("queue", "longest", sa.Integer(), None),
    ("queue", "overflow_queue_id", sa.Integer(), "queue"),
    ("queue", "least_active", sa.Integer(), None),
    ("appeal", "due_since", sa.DateTime(timezone=True), None),
    ("capacity", "last_offer_at", sa.DateTime(timezone=True), None),
]
FUNCTIONS = (
    "next_pair(timestamptz, int[])",
    "claim(int, timestamptz, jsonb)",
    "lately_refused(int, timestamptz)",
    "has_room(int, int, int, int, int, boolean, int)",
    "urgency(float8, interval, interval)",
)
OLD_LANE = ("uq_lane_queue_id_channel_skills", ["queue_id", "channel", "skills"])
NEW_LANE = ("uq_lane_queue_id_channel_skills_wishes", ["queue_id", "channel", "skills", "wishes"])


def upgrade() -> None:
    op.create_table(
        "skill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_skill"),
        sa.UniqueConstraint("code", name="uq_skill_code"),
        sa.UniqueConstraint("name", name="uq_skill_name"),
    )
    op.create_table(
        "employee_skill",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 10", name=op.f("ck_employee_skill_level")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_employee_skill_employee_id"),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name="fk_employee_skill_skill_id"),
        sa.PrimaryKeyConstraint("employee_id", "skill_id", name="pk_employee_skill"),
    )
    op.create_index("ix_employee_skill_skill_id", "employee_skill", ["skill_id"])
    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.CheckConstraint(
            "NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)", name=op.f("ck_shift_lasting")
        ),
        postgresql.ExcludeConstraint(("employee_id", "="), ("during", "&&"), using="gist", name="shift_no_overlap"),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_shift_employee_id"),
        sa.PrimaryKeyConstraint("id", name="pk_shift"),
    )
    op.create_index("ix_shift_during", "shift", ["during"], postgresql_using="gist")
    op.create_table(
        "calendar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("week", postgresql.JSONB(), nullable=False),
        sa.Column("days", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calendar"),
        sa.UniqueConstraint("name", name="uq_calendar_name"),
    )
    op.create_table(
        "temporary_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("queue_id", sa.Integer(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'units') = (queue_id IS NULL AND units IS NOT NULL)", name=op.f("ck_temporary_change_what")
        ),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_temporary_change_employee_id"),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name="fk_temporary_change_queue_id"),
        sa.PrimaryKeyConstraint("id", name="pk_temporary_change"),
    )
    op.create_index("ix_temporary_change_employee_id", "temporary_change", ["employee_id"])
    for table, name, kind, value in FILLED:
        op.add_column(table, sa.Column(name, kind, nullable=False, server_default=sa.text(value)))
        op.alter_column(table, name, server_default=None)
    for table, name, kind, target in OPEN:
        op.add_column(table, sa.Column(name, kind))
        if target:
            op.create_foreign_key(f"fk_{table}_{name}", table, target, [name], ["id"])
    op.execute(
        "UPDATE appeal a SET due_since = a.due_response"
        " - CASE WHEN a.first_reply_at IS NULL THEN q.first_response ELSE q.next_response END"
        " FROM queue q WHERE q.id = a.queue_id AND a.due_response IS NOT NULL"
    )
    op.create_index("uq_queue_default", "queue", ["is_default"], unique=True, postgresql_where=sa.text("is_default"))
    op.drop_constraint(OLD_LANE[0], "lane")
    op.create_unique_constraint(NEW_LANE[0], "lane", NEW_LANE[1])
    op.create_index(
        "ix_assignment_refused",
        "assignment",
        ["employee_id", "released_at"],
        postgresql_where=sa.text("release_kind IN ('declined', 'missed')"),
    )
    op.create_index("ix_assignment_offered", "assignment", ["offered_at"], postgresql_using="brin")
    op.create_index("ix_temporary_change_until", "temporary_change", ["until"])
    # One index for both: each act on an appeal writes to all of them.
    op.drop_index("ix_appeal_address_id", "appeal")
    op.drop_index("ix_appeal_address_open", "appeal")
    op.create_index("ix_appeal_address", "appeal", ["address_id", "channel_account_id", "id"])
    op.execute("DROP FUNCTION claim(int, timestamptz)")
    op.execute("DROP FUNCTION lately_refused(int, int, timestamptz)")
    op.execute(Path(__file__).with_name("0010_choosing.sql").read_text())


def downgrade() -> None:
    op.drop_index("uq_queue_default")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute(Path(__file__).with_name("0002_choosing.sql").read_text())
    op.drop_index("ix_appeal_address", "appeal")
    op.create_index("ix_appeal_address_open", "appeal", ["channel_account_id", "address_id", "id"])
    op.create_index("ix_appeal_address_id", "appeal", ["address_id"])
    op.drop_index("ix_assignment_refused")
    op.drop_index("ix_assignment_offered")
    op.drop_constraint(NEW_LANE[0], "lane")
    op.create_unique_constraint(OLD_LANE[0], "lane", OLD_LANE[1])
    for table, name, *_ in (*FILLED, *OPEN):
        op.drop_column(table, name)
    for table in ("temporary_change", "calendar", "shift", "employee_skill", "skill"):
        op.drop_table(table)
