"""Keeping and forgetting: terms, signs of forgetting, the audit.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# Facts stay as they were written, but for the words of whoever is forgotten: that act says so.
GUARD = """
    create or replace function journal_is_append_only() returns trigger language plpgsql as $$
    begin
        {unless}
        raise exception 'the journal is append-only';
    end $$"""
UNLESS = "if tg_op = 'UPDATE' and current_setting('cec.erasing', true) = 'on' then return null; end if;"


def _text(name: str, *, optional: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=optional)


def _moment(name: str, *, optional: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _number(name: str, *, optional: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=optional)


def _facts(name: str) -> "sa.Column[object]":
    return sa.Column(name, postgresql.JSONB(), nullable=False)


def upgrade() -> None:
    _make_tables()
    op.execute(GUARD.format(unless=UNLESS))
    op.add_column("appeal", _moment("erased_at", optional=True))
    op.add_column("client", _moment("forgotten_at", optional=True))
    op.create_index(
        "ix_appeal_kept",
        "appeal",
        ["closed_at"],
        postgresql_where=sa.text("closed_at IS NOT NULL AND (erased_at IS NULL OR erased_at < closed_at)"),
    )
    op.create_index("ix_attachment_sha256", "attachment", ["sha256"])
    op.create_index("ix_inbound_kept", "inbound", ["received_at"], postgresql_where=sa.text("raw <> ''"))
    op.create_index(
        "ix_inbound_raw", "inbound", ["raw"], postgresql_where=sa.text("raw <> '' AND body IS NULL")
    )  # fmt: skip


def _make_tables() -> None:
    op.create_table(
        "audit_entry",
        _number("id"),
        _moment("at"),
        *map(_text, ("kind", "name", "subject", "by")),
        _facts("facts"),
        _number("times"),
        _text("mark", optional=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
    )
    op.create_index(
        "uq_audit_entry_mark", "audit_entry", ["mark"], unique=True, postgresql_where=sa.text("mark IS NOT NULL")
    )
    op.create_index("ix_audit_entry_by", "audit_entry", ["by", "id"])
    op.create_index("ix_audit_entry_kind", "audit_entry", ["kind", "id"])
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_table(
        "retention_term",
        _text("kind"),
        _number("days"),
        _moment("looked_at", optional=True),
        _moment("removed_at", optional=True),
        _number("removed"),
        sa.CheckConstraint("days > 0", name=op.f("ck_retention_term_days")),
        sa.PrimaryKeyConstraint("kind", name="pk_retention_term"),
    )
    op.create_table(
        "forgetting",
        _number("id"),
        _moment("at"),
        _number("employee_id"),
        _number("client_id", optional=True),
        *map(_text, ("ground", "paper")),
        *map(_facts, ("reached", "address_ids")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_forgetting_employee_id"),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name="fk_forgetting_client_id"),
        sa.PrimaryKeyConstraint("id", name="pk_forgetting"),
    )
    op.create_index("ix_forgetting_at", "forgetting", ["at"])


def downgrade() -> None:
    op.execute(GUARD.format(unless=""))
    op.drop_index("ix_inbound_raw", "inbound")
    op.drop_index("ix_inbound_kept", "inbound")
    op.drop_index("ix_attachment_sha256", "attachment")
    op.drop_index("ix_appeal_kept", "appeal")
    op.drop_column("client", "forgotten_at")
    op.drop_column("appeal", "erased_at")
    for table in ("forgetting", "retention_term", "audit_entry"):
        op.drop_table(table)
