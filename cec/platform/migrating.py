"""Tables to another version and back.

Alembic is imported when it is needed: the processes that serve and work never move tables and start faster without.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app

from cec.platform.db import db

if TYPE_CHECKING:
    from alembic.config import Config

STEPS = Path(__file__).parent / "migrations"


def upgrade(revision: str = "head") -> None:
    """Bring the tables of the application's database to a version, the newest if none is told."""
    from alembic import command  # noqa: PLC0415 - see above

    command.upgrade(_config(), revision)


def downgrade(revision: str = "-1") -> None:
    """Take the tables back to a version, by one step if none is told."""
    from alembic import command  # noqa: PLC0415 - see above

    command.downgrade(_config(), revision)


def newest() -> str:
    """Tell the version of the tables that this code works with: the number of the last step."""
    return max(path.stem.partition("_")[0] for path in (STEPS / "versions").glob("[0-9]*.py"))


def found() -> list[str]:
    """Tell the version that the database has."""
    return list(db.session.scalars(db.text("select version_num from alembic_version")))


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(STEPS))
    config.attributes["engine"] = current_app.extensions["sqlalchemy"].engine
    return config
