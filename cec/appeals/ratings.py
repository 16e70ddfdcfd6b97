"""Marks that clients give (guide 3.8.2): by a message that is only a digit, or by a button, soon after the closing."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from cec.appeals.models import Appeal, Message, Rating, Status
from cec.platform import clock, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, Refusal

WITHIN = dt.timedelta(hours=24)
LOWEST, HIGHEST = 1, 5
LONGEST_COMMENT = 1000
_MARK = re.compile(r"\s*([1-5])\s*[.!]?\s*")


class NotAMark(Invalid):
    """Choose one to five stars."""

    field = "mark"


class CommentTooLong(Invalid):
    """Write at most {limit} characters."""

    field = "comment"


class NothingToRate(Refusal):
    """There is no conversation here that could be rated now."""


def read(appeal: Appeal, words: str) -> int | None:
    """Give the mark that these words are; none when they are something else, or the appeal was not just closed."""
    found = _MARK.fullmatch(words)
    return int(found[1]) if found and is_ratable(appeal) else None


def is_ratable(appeal: Appeal) -> bool:
    """Tell whether an appeal was closed so short a while ago that its client may rate it."""
    if appeal.status != Status.CLOSED or appeal.closed_at is None:
        return False
    return clock.now() - appeal.closed_at <= WITHIN


def give(appeal: Appeal | None, said: Mapping[str, Any]) -> Rating:
    """Keep the mark, and the comment if there is one, that a client gives by a button; the latest one counts.

    :raises NotAMark: when it is none of 1 to 5.
    :raises NothingToRate: when the appeal is not closed, nobody answered in it, or that is too long ago.
    """
    mark, comment = said.get("mark"), said.get("comment")
    if not isinstance(mark, int) or not LOWEST <= mark <= HIGHEST or isinstance(mark, bool):
        raise NotAMark
    if appeal is None or not is_ratable(appeal) or appeal.first_reply_at is None:
        raise NothingToRate
    words = comment.replace("\x00", "").strip()[:LONGEST_COMMENT] if isinstance(comment, str) else ""
    return rate(appeal, mark, comment=words, by=f"client:{appeal.client_id or 0}")


def rate(appeal: Appeal, mark: int, *, by: str, message: Message | None = None, comment: str = "") -> Rating:
    """Keep a mark; the latest one counts, the earlier ones stay to be read. The appeal stays closed."""
    rating = Rating(appeal_id=appeal.id, employee_id=appeal.operator_id, message=message, mark=mark, comment=comment)
    db.session.add(rating)
    appeal.mark = mark
    journal.record("appeal.rated", appeal.key, by=by, mark=mark, comment=comment)
    return rating
