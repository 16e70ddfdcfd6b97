"""Links to the page where a client gives a mark without signing in (guide 3.8.2): signed, good for a while.

The signature is the permission: who has none reaches no appeal, so that guessing costs the database nothing.
"""

import datetime as dt
from http import HTTPStatus

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from cec.appeals import lifecycle, ratings
from cec.appeals.models import Appeal, Rating, Status
from cec.platform import clock, keys, site
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound, Refusal

# Where the page is, and for how long a link leads there.
PATH = "/rating/"
GOOD_FOR = dt.timedelta(days=7)
# What stands for a link in a sample.
EXAMPLE = "example"
# So many marks are taken by one link within so long.
MOST, WITHIN = 10, dt.timedelta(hours=1)


class NoMarkChosen(Invalid):
    """Choose a mark from 1 to 5."""

    field = "mark"


class NoSuchLink(NotFound):
    """This link is not whole: copy all of it from the letter."""


class OnlyAnExample(NotFound):
    """This is the link of an example: in a letter to a client it leads to the page where he gives his mark."""


class LinkOver(Refusal):
    """This link was good for seven days, and they are over."""

    status = HTTPStatus.GONE


class OpenAgain(Refusal):
    """Your appeal is being worked on again: give it a mark when it is closed."""

    status = HTTPStatus.GONE


class TooOften(Refusal):
    """You have changed your mark very often: try again in an hour."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    retry_after = int(WITHIN.total_seconds())


class _Signer(TimestampSigner):
    """Signs with the moment of the centre's clock."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def make(appeal: Appeal) -> str:
    """Make the link for an appeal that is closed; empty when the centre does not know its own address."""
    address = site.address()
    if not address or appeal.closed_at is None:
        return ""
    return address + PATH + _serializer().dumps([appeal.id, int(appeal.closed_at.timestamp())])


def read(token: str) -> Appeal:
    """Find the appeal that a link is for.

    :raises NoSuchLink: when we have not made it so.
    :raises LinkOver: when its time is over, or what was written in the appeal is gone.
    :raises OpenAgain: when the appeal was opened since.
    """
    if token == EXAMPLE:
        raise OnlyAnExample
    try:
        appeal_id, closed_at = _serializer().loads(token, max_age=int(GOOD_FOR.total_seconds()))
    except SignatureExpired:
        raise LinkOver from None
    except BadSignature:
        raise NoSuchLink from None
    appeal = db.session.get(Appeal, appeal_id)
    if appeal is None or appeal.erased_at is not None:
        raise LinkOver
    if appeal.status != Status.CLOSED or appeal.closed_at is None or int(appeal.closed_at.timestamp()) != closed_at:
        raise OpenAgain
    return appeal


def last(appeal: Appeal) -> Rating | None:
    """Find the mark that an appeal has."""
    wanted = db.select(Rating).where(Rating.appeal_id == appeal.id).order_by(Rating.id.desc()).limit(1)
    return db.session.scalars(wanted).first()


def give(token: str, mark: str, comment: str) -> Rating:
    """Keep the mark that a client gives on the page, with his comment; the latest one counts.

    :raises NoMarkChosen: when it is none of 1 to 5.
    :raises CommentTooLong: when it is.
    :raises TooOften: when too many came by this link.
    """
    lifecycle.lock(read(token).id)
    appeal = read(token)
    if mark not in {str(each) for each in range(ratings.LOWEST, ratings.HIGHEST + 1)}:
        raise NoMarkChosen
    words = comment.replace("\r\n", "\n").strip()
    if len(words) > ratings.LONGEST_COMMENT:
        raise ratings.CommentTooLong(limit=ratings.LONGEST_COMMENT)
    lately = db.select(db.func.count()).where(Rating.appeal_id == appeal.id, Rating.given_at > clock.now() - WITHIN)
    if (db.session.scalar(lately) or 0) >= MOST:
        raise TooOften
    return ratings.rate(appeal, int(mark), by=f"client:{appeal.client_id or 0}", comment=words)


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(keys.secret("rating link"), salt="rating", signer=_Signer)
