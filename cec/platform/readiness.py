"""Is this process ready to serve: the database answers, and its tables are those of this version."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from cec.platform.db import db

MIGRATIONS = Path(__file__).parent / "migrations"


def problems() -> list[str]:
    """List what is missing; nothing means ready."""
    try:
        found = db.session.scalars(db.text("select version_num from alembic_version")).all()
    except SQLAlchemyError as error:
        db.session.rollback()
        return [f"the database does not answer or is empty ({type(error).__name__})"]
    wanted = _newest()
    return [] if found == [wanted] else [f"the tables are of version {', '.join(found) or 'none'}, not {wanted}"]


@cache
def _newest() -> str:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head() or ""
