"""Tasks of a subject are found whether they are open or done.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX ix_user_task_subject")
    op.execute("CREATE INDEX ix_user_task_subject ON user_task (subject, id)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_user_task_subject")
    op.execute("CREATE INDEX ix_user_task_subject ON user_task (subject) WHERE closed_at IS NULL")
