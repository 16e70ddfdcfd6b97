"""First messages to clients: written with files, kept, planned.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "first_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("of_id", sa.Integer(), nullable=True),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column("queue_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("way", "email", "subject", "on_silence")),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_first_message"),
        sa.UniqueConstraint("name", name="uq_first_message_name"),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_first_message_{column}")
            for column, table in (
                ("employee_id", "employee"), ("of_id", "appeal"), ("address_id", "address"), ("queue_id", "queue"),
                ("topic_id", "topic"),
            )
        ),
    )  # fmt: skip
    op.create_index("ix_first_message_employee_id", "first_message", ["employee_id"])
    op.alter_column("draft", "appeal_id", nullable=True)
    op.add_column("draft", sa.Column("first_message_id", sa.Integer(), nullable=True))
    op.create_foreign_key("fk_draft_first_message_id", "draft", "first_message", ["first_message_id"], ["id"])
    op.create_unique_constraint("uq_draft_first_message_id", "draft", ["first_message_id"])
    op.create_check_constraint(op.f("ck_draft_placed"), "draft", "num_nonnulls(appeal_id, first_message_id) = 1")


def downgrade() -> None:
    op.execute("delete from attachment where draft_id in (select id from draft where appeal_id is null)")
    op.execute("delete from draft where appeal_id is null")
    op.drop_constraint(op.f("ck_draft_placed"), "draft")
    op.drop_column("draft", "first_message_id")
    op.alter_column("draft", "appeal_id", nullable=False)
    op.drop_table("first_message")
