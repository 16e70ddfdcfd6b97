"""Reply templates: catalogues, templates, favourites, uses; which of them a draft was written with.

Revision ID: 0011
Revises: 0010
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SAID = "lower(translate(name || ' ' || tags || ' ' || text, 'ёЁ', 'ее'))"
WORDS = f"(to_tsvector('russian', {SAID}) || to_tsvector('simple', {SAID}))"
UNIQUE: dict[str, Any] = {
    "unique": True,
    "postgresql_nulls_not_distinct": True,
    "postgresql_where": sa.text("removed_at IS NULL"),
}
USES = {
    "alike": ["queue_id", "topic_id", "at"],
    "here": ["queue_id", "at"],
    "at": ["at"],
    "own": ["employee_id", "template_id", "at"],
    "template": ["template_id", "at"],
}


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _number(name: str, *, optional: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=optional)


def _moment(name: str, *, optional: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def upgrade() -> None:
    op.create_table(
        "reply_catalogue",
        _number("id"),
        sa.Column("name", sa.Text(), nullable=False),
        _number("parent_id", optional=True),
        _number("owner_id", optional=True),
        _number("queue_id", optional=True),
        _moment("removed_at", optional=True),
        _to("reply_catalogue", "parent_id", "reply_catalogue"),
        _to("reply_catalogue", "owner_id", "employee"),
        _to("reply_catalogue", "queue_id", "queue"),
        sa.PrimaryKeyConstraint("id", name="pk_reply_catalogue"),
    )
    names: list[Any] = ["owner_id", "parent_id", sa.text("lower(name)")]
    op.create_index("uq_reply_catalogue_name", "reply_catalogue", names, **UNIQUE)
    op.create_table(
        "reply_template",
        _number("id"),
        _number("catalogue_id", optional=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        _number("owner_id", optional=True),
        _moment("changed_at"),
        _moment("removed_at", optional=True),
        _to("reply_template", "catalogue_id", "reply_catalogue"),
        _to("reply_template", "owner_id", "employee"),
        sa.PrimaryKeyConstraint("id", name="pk_reply_template"),
    )
    op.create_index("ix_reply_template_catalogue_id", "reply_template", ["catalogue_id"])
    names = ["owner_id", "catalogue_id", sa.text("lower(name)")]
    op.create_index("uq_reply_template_name", "reply_template", names, **UNIQUE)
    op.create_index("ix_reply_template_words", "reply_template", [sa.text(WORDS)], postgresql_using="gin")
    op.create_table(
        "reply_favourite",
        _number("employee_id"),
        _number("template_id"),
        _to("reply_favourite", "employee_id", "employee"),
        _to("reply_favourite", "template_id", "reply_template"),
        sa.PrimaryKeyConstraint("employee_id", "template_id", name="pk_reply_favourite"),
    )
    op.create_index("ix_reply_favourite_template_id", "reply_favourite", ["template_id"])
    op.create_table(
        "reply_use",
        _number("message_id"),
        _number("template_id"),
        _number("employee_id"),
        _number("appeal_id"),
        _number("queue_id", optional=True),
        _number("topic_id", optional=True),
        _moment("at"),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        _to("reply_use", "message_id", "message"),
        _to("reply_use", "template_id", "reply_template"),
        _to("reply_use", "employee_id", "employee"),
        _to("reply_use", "appeal_id", "appeal"),
        _to("reply_use", "queue_id", "queue"),
        _to("reply_use", "topic_id", "topic"),
        sa.PrimaryKeyConstraint("message_id", "template_id", name="pk_reply_use"),
    )
    for name, columns in USES.items():
        op.create_index(f"ix_reply_use_{name}", "reply_use", columns)
    op.add_column("draft", sa.Column("templates", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.alter_column("draft", "templates", server_default=None)


def downgrade() -> None:
    op.drop_column("draft", "templates")
    for table in ("reply_use", "reply_favourite", "reply_template", "reply_catalogue"):
        op.drop_table(table)
