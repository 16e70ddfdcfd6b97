"""Is this process ready to serve: the database answers, and its tables are those of this version."""

from sqlalchemy.exc import SQLAlchemyError

from cec.platform import migrating
from cec.platform.db import db


def problems() -> list[str]:
    """List what is missing; nothing means ready."""
    try:
        found = migrating.found()
    except SQLAlchemyError as error:
        db.session.rollback()
        return [f"the database does not answer or is empty ({type(error).__name__})"]
    wanted = migrating.newest()
    return [] if found == [wanted] else [f"the tables are of version {', '.join(found) or 'none'}, not {wanted}"]
