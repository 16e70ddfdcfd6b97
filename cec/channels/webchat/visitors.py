"""Visitors who have written: what they said of themselves, where they are, how fast they write."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from cec.channels.accounts import is_address
from cec.channels.models import ChannelAccount, Visitor
from cec.channels.webchat import looks
from cec.channels.webchat.looks import ABOUT, ASKED, Looks
from cec.channels.webchat.tokens import Guest
from cec.platform import clock, keys
from cec.platform.db import db
from cec.platform.errors import InvalidFields, Refusal
from cec.platform.i18n import gettext, mark

# Messages and files of one visitor in a row, after them one in so many seconds; visitors of one network address who
# begin within ten minutes.
MOST = 20
EVERY = dt.timedelta(seconds=2)
MOST_NEW = 60
NEW_WITHIN = dt.timedelta(minutes=10)
LONGEST = 200
LONGEST_PAGE = 1000
MUST_TELL = mark("Please fill this in.")
NOT_AN_ADDRESS = mark("This does not look like an e-mail address: one looks like name@example.org.")
MUST_AGREE = mark("Tick this to write to us.")


class TooFast(Refusal):
    """You write faster than we can read. The next message goes out by itself in {seconds} s."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, *, seconds: int) -> None:
        self.retry_after = max(1, seconds)
        super().__init__(seconds=self.retry_after)


class TooMany(Refusal):
    """Too many conversations were begun from your network: try again in {seconds} s."""

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, *, seconds: int) -> None:
        self.retry_after = max(1, seconds)
        super().__init__(seconds=self.retry_after)


@dataclass(frozen=True)
class Place:
    """Where a visitor is: the page of the site, as his browser tells it."""

    page: str = ""
    title: str = ""


def place(page: object, title: object) -> Place:
    """Read where a visitor is; only pages of the web are links."""
    page, title = _line(page, LONGEST_PAGE), _line(title, LONGEST)
    return Place(page if page.startswith(("https://", "http://")) else "", title)


def find(account: ChannelAccount, guest: Guest) -> Visitor | None:
    """Find a visitor who has written."""
    wanted = select(Visitor).where(Visitor.channel_account_id == account.id, Visitor.key == guest.key)
    return db.session.scalars(wanted).one_or_none()


def arrive(account: ChannelAccount, guest: Guest, *, told: Mapping[str, object], network: str) -> Visitor:
    """Take a visitor's row for this transaction, made when he writes first: what he sends at once is taken in turn.

    :raises InvalidFields: when he has not told what this chat asks before the first message.
    :raises TooMany: when too many begin from one network.
    """
    visitor = _lock(account, guest)
    if visitor is not None:
        return visitor
    facts = _told(looks.read(account.config), told)
    came_from = keys.sign(f"network {network}")
    _must_not_flood(came_from)
    now = clock.now()
    row = {
        "channel_account_id": account.id, "key": guest.key, "person": guest.person or None, **facts,
        "came_from": came_from, "created_at": now, "seen_at": now, "paced_until": now,
        "page": "", "title": "",
    }  # fmt: skip
    db.session.execute(insert(Visitor).values(**row).on_conflict_do_nothing())
    visitor = _lock(account, guest)
    assert visitor is not None, "it has just been added"
    return visitor


def count(visitor: Visitor) -> None:
    """Count a message or a file of a visitor (generic cell rate algorithm, ITU-T I.371).

    :raises TooFast: says when the next one may come.
    """
    now = clock.now()
    ahead = visitor.paced_until - now
    # Nobody is that far ahead: the clock was set back.
    if not dt.timedelta() <= ahead <= MOST * EVERY:
        ahead = dt.timedelta()
    too_early = ahead - (MOST - 1) * EVERY
    if too_early > dt.timedelta():
        raise TooFast(seconds=math.ceil(too_early.total_seconds()))
    visitor.paced_until = now + ahead + EVERY


_SEEN = text("""
    UPDATE visitor SET seen_at = :now, page = coalesce(nullif(:page, ''), page),
           title = CASE WHEN :page = '' THEN title ELSE :title END
    WHERE channel_account_id = :account AND key = :key
    RETURNING id, left_at""")


def beat(account: ChannelAccount, guest: Guest, where: Place) -> bool:
    """Note that a visitor is there; tells whether he had been taken for gone."""
    facts = {"now": clock.now(), "account": account.id, "key": guest.key, "page": where.page, "title": where.title}
    found = db.session.execute(_SEEN, facts).first()
    return found is not None and found.left_at is not None


def name_of(visitor: Visitor) -> str:
    """Name a visitor: as he calls himself, else by four signs of his key."""
    return visitor.name or gettext("Visitor {number}").format(number=visitor.key[:4].upper())


def _lock(account: ChannelAccount, guest: Guest) -> Visitor | None:
    wanted = select(Visitor).where(Visitor.channel_account_id == account.id, Visitor.key == guest.key)
    fresh = wanted.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(fresh).one_or_none()


def _must_not_flood(came_from: str) -> None:
    now = clock.now()
    begun = select(func.count(), func.min(Visitor.created_at)).where(
        Visitor.came_from == came_from, Visitor.created_at > now - NEW_WITHIN
    )
    number, first = db.session.execute(begun).one()
    if number >= MOST_NEW:
        raise TooMany(seconds=int((first + NEW_WITHIN - now).total_seconds()) + 1)


def _told(wanted: Looks, told: Mapping[str, object]) -> dict[str, object]:
    """Read what a visitor tells of himself before he writes."""
    facts: dict[str, object] = {about: _line(told.get(about), LONGEST) for about in ABOUT}
    errors = {about: gettext(MUST_TELL) for about in ABOUT if wanted.asks.get(about) == ASKED[2] and not facts[about]}
    if facts["email"] and not is_address(str(facts["email"])):
        errors["email"] = gettext(NOT_AN_ADDRESS)
    asked_to_agree = bool(wanted.any_consent)
    if asked_to_agree and told.get("agreed") is not True:
        errors["agreed"] = gettext(MUST_AGREE)
    if errors:
        raise InvalidFields(errors)
    return {**facts, "agreed_at": clock.now() if asked_to_agree else None}


def _line(said: object, longest: int) -> str:
    """Make one line of what somebody typed: without what is not seen."""
    words = said if isinstance(said, str) else ""
    return " ".join("".join(sign for sign in words if sign.isprintable() or sign.isspace()).split())[:longest]
