"""The prompter (суфлёр): the templates used most for what an appeal is about, and where it waits (guide 3.3.2)."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import text

from cec.platform import clock
from cec.platform.db import db
from cec.staff.models import Employee

SINCE = dt.timedelta(days=30)
HALF_LIFE = dt.timedelta(days=14)
# So few uses say nothing: a wider circle is asked.
LEAST = 5
# Of the newest uses of a circle; older ones weigh next to nothing beside so many.
NEWEST = 2000
MOST = 3


class Suggestion(NamedTuple):
    """A template that is used here, and how often it was within 30 days."""

    id: int
    name: str
    text: str
    uses: int
    # alike: for this topic and queue | here: in this queue | everywhere.
    circle: str


# The newest uses of a circle, as its index has them; a wider one is read only if the narrower one says too little.
_NEWEST = "SELECT template_id, employee_id, at FROM reply_use WHERE at > :since {} ORDER BY at DESC LIMIT :newest"
_USABLE = """
    SELECT n.* FROM newest n
    JOIN reply_template t ON t.id = n.template_id AND t.is_active AND t.removed_at IS NULL
         AND (t.owner_id IS NULL OR t.owner_id = :me)
    LEFT JOIN reply_catalogue c ON c.id = t.catalogue_id
    WHERE c.queue_id IS NULL OR c.queue_id = :queue"""


def _circle(condition: str) -> str:
    return f"WITH newest AS MATERIALIZED ({_NEWEST.format(condition)}) {_USABLE}"


_SUGGEST = text(f"""
    WITH alike AS MATERIALIZED ({_circle("AND queue_id = :queue AND topic_id = :topic")}),
         here AS MATERIALIZED ({_circle("AND queue_id = :queue AND (SELECT count(*) FROM alike) < :least")}),
         everywhere AS MATERIALIZED ({
    _circle("AND (SELECT count(*) FROM alike) < :least AND (SELECT count(*) FROM here) < :least")
}),
         used AS (
            SELECT *, 'alike' AS circle FROM alike WHERE (SELECT count(*) FROM alike) >= :least
            UNION ALL SELECT *, 'here' FROM here WHERE (SELECT count(*) FROM here) >= :least
            UNION ALL SELECT *, 'everywhere' FROM everywhere)
    SELECT t.id, t.name, t.text, count(*), min(used.circle) FROM used JOIN reply_template t ON t.id = used.template_id
    GROUP BY t.id
    ORDER BY sum(CASE WHEN used.employee_id = :me THEN 2 ELSE 1 END
                 * power(0.5::float8, extract(epoch FROM :now - used.at) / :half_life)) DESC, lower(t.name), t.id
    LIMIT :most""")  # noqa: S608 - our own words


def suggest(*, queue_id: int | None, topic_id: int | None, of: Employee) -> list[Suggestion]:
    """List up to three templates: a person's own uses count twice, a use halves every 14 days.

    Fewer than five uses for topic and queue: those of the queue; fewer there too: those everywhere.
    """
    now = clock.now()
    asked = {
        "queue": queue_id, "topic": topic_id, "me": of.id, "now": now, "since": now - SINCE,
        "half_life": HALF_LIFE.total_seconds(), "least": LEAST, "newest": NEWEST, "most": MOST,
    }  # fmt: skip
    return [Suggestion(*row) for row in db.session.execute(_SUGGEST, asked)]
