"""Marks that clients give (guide 3.8.2): by a message that is only a digit, or by a button, soon after the closing."""

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
    return int(found[1]) if found and is_ratable(appeal) else None


def is_ratable(appeal: Appeal) -> bool:
    """Tell whether an appeal was closed so short a while ago that its client may rate it."""
    if appeal.status != Status.CLOSED or appeal.closed_at is None:
        return False
    return clock.now() - appeal.closed_at <= WITHIN


def rate(appeal: Appeal, mark: int, *, by: str, message: Message | None = None, comment: str = "") -> Rating:
    """Keep a mark; the latest one counts, the earlier ones stay to be read. The appeal stays closed."""
    rating = Rating(appeal_id=appeal.id, employee_id=appeal.operator_id, message=message, mark=mark, comment=comment)
    db.session.add(rating)
    appeal.mark = mark
    journal.record("appeal.rated", appeal.key, by=by, mark=mark, comment=comment)
    return rating
