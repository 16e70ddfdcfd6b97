"""What the tables were given is kept with an appeal; segments of clients by index; scenarios of decision tables.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appeal", sa.Column("facts", postgresql.JSONB(), nullable=True))
    op.create_index("ix_client_segment", "client", ["segment"], postgresql_where=sa.text("segment IS NOT NULL"))
    op.create_table(
        "rules_scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("given", postgresql.JSONB(), nullable=False),
        sa.Column("expected", postgresql.JSONB(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rules_scenario"),
        sa.UniqueConstraint("name", "key", name="uq_rules_scenario_name_key"),
    )
    op.create_index("ix_rules_scenario_place", "rules_scenario", ["name", "place", "id"])


def downgrade() -> None:
    op.drop_table("rules_scenario")
    op.drop_index("ix_client_segment", "client")
    op.drop_column("appeal", "facts")
