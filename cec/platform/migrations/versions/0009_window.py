"""The window: words to search by, the clients of an operator, who looks at an appeal.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WORDS = {"client": "name", "address": "display", "appeal": "subject"}
SIGNS = {"address": "value", "appeal": "number"}


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for table, column in WORDS.items():
        words = sa.text(f"to_tsvector('simple', lower(translate({column}, 'ёЁ', 'ее')))")
        op.create_index(f"ix_{table}_{column}_words", table, [words], postgresql_using="gin")
    for table, column in SIGNS.items():
        name = f"ix_{table}_{column}_signs"
        op.create_index(name, table, [column], postgresql_using="gin", postgresql_ops={column: "gin_trgm_ops"})
    op.create_index("ix_appeal_operator_client", "appeal", ["operator_id", "client_id"])
    op.create_table(
        "viewing",
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("writes", sa.Boolean(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name="fk_viewing_appeal_id"),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name="fk_viewing_employee_id"),
        sa.PrimaryKeyConstraint("appeal_id", "employee_id", name="pk_viewing"),
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    op.drop_table("viewing")
    op.drop_index("ix_appeal_operator_client", "appeal")
    for table, column in SIGNS.items():
        op.drop_index(f"ix_{table}_{column}_signs", table)
    for table, column in WORDS.items():
        op.drop_index(f"ix_{table}_{column}_words", table)
    op.execute("DROP EXTENSION pg_trgm")
