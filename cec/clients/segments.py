"""Segments of clients: what their cards say."""

from sqlalchemy import text

from cec.platform.db import db

# Each found by one step of its index.
_ALL = text("""
    WITH RECURSIVE found AS (
        (SELECT segment FROM client WHERE segment IS NOT NULL ORDER BY segment LIMIT 1)
        UNION ALL
        SELECT (SELECT c.segment FROM client c WHERE c.segment > found.segment ORDER BY c.segment LIMIT 1)
        FROM found WHERE found.segment IS NOT NULL)
    SELECT segment FROM found WHERE segment IS NOT NULL LIMIT 200""")


def list_all() -> list[str]:
    """List the segments that any client is of, by name; two hundred at most."""
    return list(db.session.scalars(_ALL))
