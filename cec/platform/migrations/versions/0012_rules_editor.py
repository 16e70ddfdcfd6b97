"""Decision tables in the browser: a draft per table; why and when a version was published, or will be.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENTS = ("planned_at", "refused_at", "in_force_at")


def upgrade() -> None:
    op.create_table(
        "rules_draft",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("head", postgresql.JSONB(), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_rules_draft"),
    )
    op.add_column("rules_version", sa.Column("comment", sa.Text(), nullable=False, server_default=""))
    op.alter_column("rules_version", "comment", server_default=None)
    for name in MOMENTS:
        op.add_column("rules_version", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE rules_version SET in_force_at = created_at WHERE is_current")
    planned = sa.text("planned_at IS NOT NULL")
    op.create_index("ix_rules_version_planned", "rules_version", ["planned_at", "id"], postgresql_where=planned)


def downgrade() -> None:
    op.drop_index("ix_rules_version_planned", "rules_version")
    for name in (*MOMENTS, "comment"):
        op.drop_column("rules_version", name)
    op.drop_table("rules_draft")
