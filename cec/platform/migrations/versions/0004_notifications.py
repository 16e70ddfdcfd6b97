"""Notifications: what people are told, announcements, what a window shows; how a person wants to be told.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("employee", sa.Column("preferences", postgresql.JSONB(), nullable=False, server_default="{}"))
    op.alter_column("employee", "preferences", server_default=None)
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("audience_key", sa.Text(), nullable=False),
        sa.Column("must_acknowledge", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_announcement_lasting")),
        sa.ForeignKeyConstraint(["author_id"], ["employee.id"], name="fk_announcement_author_id"),
        sa.PrimaryKeyConstraint("id", name="pk_announcement"),
    )
    op.create_index(
        "ix_announcement_ends", "announcement", ["ends_at"], postgresql_where=sa.text("withdrawn_at IS NULL")
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=True),
        sa.Column("announcement_id", sa.Integer(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("dealt_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_notification_employee_id"),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name="fk_notification_appeal_id"),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcement.id"], name="fk_notification_announcement_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notification"),
        sa.UniqueConstraint("announcement_id", "employee_id", name="uq_notification_announcement_id_employee_id"),
    )
    op.create_index("ix_notification_list", "notification", ["employee_id", "last_at", "id"])
    op.create_index("ix_notification_key", "notification", ["key", "employee_id"])
    op.create_index("ix_notification_appeal", "notification", ["appeal_id"])
    op.create_index(
        "ix_notification_unread", "notification", ["employee_id"], postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_index(
        "ix_notification_standing",
        "notification",
        ["employee_id"],
        postgresql_where=sa.text("standing AND dealt_at IS NULL"),
    )
    op.create_table(
        "focus",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_focus_employee_id"),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name="fk_focus_appeal_id"),
        sa.PrimaryKeyConstraint("employee_id", name="pk_focus"),
    )


def downgrade() -> None:
    op.drop_table("focus")
    op.drop_table("notification")
    op.drop_table("announcement")
    op.drop_column("employee", "preferences")
