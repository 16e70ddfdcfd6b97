"""Decision tables: what a version says never changes, whoever asks for it.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

STAYS = """
    CREATE FUNCTION rules_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'version % of the rules % never changes', OLD.version, OLD.name;
    END $$;
    CREATE TRIGGER rules_version_stays
        BEFORE UPDATE OF name, version, sha256, text, origin, created_at, created_by ON rules_version
        FOR EACH ROW
        WHEN ((OLD.name, OLD.version, OLD.sha256, OLD.text, OLD.origin, OLD.created_at, OLD.created_by)
              IS DISTINCT FROM
              (NEW.name, NEW.version, NEW.sha256, NEW.text, NEW.origin, NEW.created_at, NEW.created_by))
        EXECUTE FUNCTION rules_version_stays()
"""


def upgrade() -> None:
    op.execute(STAYS)


def downgrade() -> None:
    op.execute("DROP TRIGGER rules_version_stays ON rules_version; DROP FUNCTION rules_version_stays()")
