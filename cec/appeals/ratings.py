"""Marks that clients give: a letter that is only a digit, soon after the closing, rates the appeal (guide 3.8.2)."""

import datetime as dt
import re

from cec.appeals.models import Appeal, Message, Rating, Status
from cec.platform import clock, journal
from cec.platform.db import db

WITHIN = dt.timedelta(hours=24)
_MARK = re.compile(r"\s*([1-5])\s*[.!]?\s*")


def read(appeal: Appeal, words: str) -> int | None:
    """Give the mark that these words are; none when they are something else, or the appeal was not just closed."""
    found = _MARK.fullmatch(words)
    if found is None or appeal.status != Status.CLOSED or appeal.closed_at is None:
        return None
    return int(found[1]) if clock.now() - appeal.closed_at <= WITHIN else None


def rate(appeal: Appeal, mark: int, *, message: Message, by: str) -> None:
    """Keep a mark; the latest one counts, the earlier ones stay to be read. The appeal stays closed."""
    rating = Rating(appeal_id=appeal.id, employee_id=appeal.operator_id, message=message, mark=mark)
    db.session.add(rating)
    appeal.mark = mark
    journal.record("appeal.rated", appeal.key, by=by, mark=mark)
