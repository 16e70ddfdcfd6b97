"""What a demo centre holds by now: so that whoever lets it begin anew knows what goes."""

from typing import NamedTuple

from sqlalchemy import text

from cec.platform.db import db

_COUNTED = text("""
    SELECT (SELECT count(*) FROM appeal), (SELECT count(*) FROM message WHERE direction <> 'note'),
           (SELECT count(*) FROM client)""")


class Contents(NamedTuple):
    """How much there is."""

    appeals: int
    messages: int
    clients: int


def count() -> Contents:
    """Count it."""
    return Contents(*db.session.execute(_COUNTED).one())
