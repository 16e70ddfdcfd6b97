"""An operator writes first (guide 3.2.6): a new appeal with one message of his, which then waits for the client.

It goes the way of every appeal - a queue, points, an operator: the one who began it - so that the client's answer comes
back to him. While it waits it takes none of his room.
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text as sql

from cec.appeals import acting, carrying, conversation, first_messages, lifecycle, replying, sparing, ways
from cec.appeals.conversation import AT_ONCE
from cec.appeals.first_messages import LONGEST_SUBJECT, Wanted
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Direction, Status
from cec.appeals.ways import MAIL, Way
from cec.channels import accounts
from cec.channels.email import formatting
from cec.clients import addresses
from cec.clients.models import Address
from cec.platform import clock, i18n, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, Refusal
from cec.platform.i18n import gettext
from cec.queues import lanes
from cec.queues import queries as queues
from cec.queues.models import Queue
from cec.screening import verdict
from cec.staff.models import Employee
from cec.topics import queries as topics

BEGUN = "appeal.begun"
DAY = dt.timedelta(days=1)
_NUMBER = sql("SELECT nextval('appeal_id_seq')")


class NobodyChosen(Invalid):
    """Choose whom you write to."""

    field = "way"


class SubjectUnfit(Invalid):
    """Write what the letter is about, in at most {limit} characters."""

    field = "subject"


class ToOurselves(Invalid):
    """This is a mailbox of ours: write to the client."""

    field = "email"


class CannotBeWrittenNow(Invalid):
    """The client cannot be written to there now ({reason})."""

    field = "way"


class OnTheBlackList(Refusal):
    """This address is on the black list: nothing is sent there."""


class NothingArrives(Refusal):
    """What we sent there lately did not arrive. Choose another address, or write all the same."""


class OpenThere(Refusal):
    """With this client the appeal {number} is open already in the same channel: go on there, or write all the same."""

    def __init__(self, appeal: Appeal, by: Employee) -> None:
        super().__init__(number=appeal.number)
        if appeal.operator_id == by.id and appeal.status in lifecycle.HELD:
            self.way_on = (f"/operator/appeals/{appeal.id}", gettext("Open it"))


class TooOften(Refusal):
    """The limit of first messages to a client, {limit} a day, is reached: write after {when} or in an appeal of his."""


class AlreadyLeft(Refusal):
    """This message has left already, as appeal {number}, without what you changed since."""

    def __init__(self, appeal: Appeal) -> None:
        super().__init__(number=appeal.number)
        self.way_on = (f"/operator/appeals/{appeal.id}", gettext("Open it"))


@dataclass(frozen=True)
class Leave:
    """On what terms a person may write first: what speaks against it was told, and how often a day."""

    confirmed: bool = False
    # So many appeals begun with one client within 24 hours; 0: any number.
    per_day: int = 0


ORDINARY = Leave()


@dataclass(frozen=True)
class Checked:
    """What can be begun: by which way to whose address, in which queue, about what."""

    way: Way
    client_id: int | None
    queue: Queue
    subject: str


def begin(wanted: Wanted, *, by: Employee, known: Appeal | None = None, leave: Leave = ORDINARY) -> Appeal:
    """Write to a client first; of a client who is known by an appeal of his the ways are offered.

    :raises Invalid: at the field that is wrong.
    :raises NothingArrives, OpenThere: unless the person has confirmed that he writes all the same.
    """
    first_messages.in_turn(wanted.name)
    return find_begun(wanted, by=by) or start(wanted, check(wanted, by=by, known=known, leave=leave), by=by)


def find_begun(wanted: Wanted, *, by: Employee) -> Appeal | None:
    """Find the appeal that was begun with this message already.

    :raises AlreadyLeft: when it said something else.
    """
    message = conversation.find_sent(wanted.name, by=by)
    if message is None:
        return None
    said = wanted.text if wanted.html is None else formatting.plain(wanted.html)
    if replying.numbered(said, message.appeal.number).split() != message.text.split():
        raise AlreadyLeft(message.appeal)
    return message.appeal


def check(
    wanted: Wanted, *, by: Employee, known: Appeal | None, leave: Leave, at: dt.datetime | None = None
) -> Checked:
    """Refuse what cannot be sent as it is written, or to whom it may not go; `at` when it is to leave, now if not told.

    :raises Refusal: as `begin`.
    """
    queue = queues.get_open(wanted.queue_id)
    way = _way(wanted, known, queue)
    subject = _subject(wanted, way)
    if wanted.topic_id:
        topics.get_leaf(wanted.topic_id)
    kept = first_messages.find(wanted.name, by=by)
    conversation.checked(_numbered(wanted.letter, "0"), kept.draft if kept else None, way)
    address = db.session.get_one(Address, way.address_id)
    sparing.must_be_wanted(address, service=wanted.is_service, field="email" if wanted.email.strip() else "way")
    _must_be_welcome(way, address, by=by, leave=leave, at=at)
    return Checked(way, address.client_id, queue, subject)


def start(wanted: Wanted, checked: Checked, *, by: Employee) -> Appeal:
    """Begin the appeal of a message that was checked; it waits for the client at once."""
    appeal = _open(wanted, checked, by)
    first_messages.hand_over(wanted.name, appeal, by=by)
    letter = _numbered(wanted.letter, appeal.number)
    message = conversation.send(
        appeal, by=by, letter=letter, client_uuid=wanted.name, seen_message_id=0, undo=AT_ONCE
    )  # fmt: skip
    until = clock.now() + checked.queue.wait_for_client
    answers = {"until": until, "on_silence": wanted.on_silence, "comment": ""}
    return acting.act(
        appeal.id, "wait", by=by, expected_version=appeal.version, seen_message_id=message.id, answers=answers
    )


def _numbered(letter: Letter, number: str) -> Letter:
    html = None if letter.html is None else replying.numbered(letter.html, number)
    return replace(letter, text=replying.numbered(letter.text, number), html=html)


def _way(wanted: Wanted, known: Appeal | None, queue: Queue) -> Way:
    if wanted.email.strip():
        return _by_mail(wanted.email.strip(), queue)
    found = next((way for way in ways.list_of(known) if way.name == wanted.way), None) if known else None
    if found is None:
        raise NobodyChosen
    return found


def _by_mail(email: str, queue: Queue) -> Way:
    if not accounts.is_address(email):
        raise ways.NotAnAddress
    if accounts.find_email(email) is not None:
        raise ToOurselves
    account = queue.sender_account or next(iter(accounts.list_active(MAIL)), None)
    if account is None:
        raise ways.NoMailbox
    return Way(account, addresses.remember(MAIL, email).id, email)


def _must_be_welcome(way: Way, address: Address, *, by: Employee, leave: Leave, at: dt.datetime | None) -> None:
    """Refuse to write where it is forbidden or impossible; where it is only unwise, unless it is confirmed."""
    closed = way.able().closed
    if closed:
        raise CannotBeWrittenNow(reason=gettext(closed))
    judged = verdict.screen(channel=way.account.channel, address=address.normalised, auto=False, recent=0, text="")
    if judged.verdict is verdict.Verdict.BLOCKED:
        raise OnTheBlackList
    if leave.per_day:
        _must_not_be_too_often(address, leave.per_day, at or clock.now())
    sparing.must_not_be_quiet(way.account, at)
    if leave.confirmed:
        return
    if not address.can_receive:
        raise NothingArrives
    same = db.select(Appeal).where(
        Appeal.address_id == address.id,
        Appeal.channel == way.account.channel,
        Appeal.status.not_in(lifecycle.ENDED),
    )
    open_one = db.session.scalars(same.order_by(Appeal.id.desc()).limit(1)).first()
    if open_one is not None:
        raise OpenThere(open_one, by)


def _must_not_be_too_often(address: Address, limit: int, at: dt.datetime) -> None:
    his = Appeal.client_id == address.client_id if address.client_id else Appeal.address_id == address.id
    begun = db.select(Appeal.created_at).where(his, Appeal.direction == Direction.OUT, Appeal.created_at > at - DAY)
    last = list(db.session.scalars(begun.order_by(Appeal.created_at.desc()).limit(limit)))
    if len(last) == limit:
        raise TooOften(limit=limit, when=i18n.exact(last[-1] + DAY))


def _subject(wanted: Wanted, way: Way) -> str:
    subject = " ".join(wanted.subject.replace("\x00", "").split())
    if len(subject) > LONGEST_SUBJECT or (not subject and carrying.is_letter(way.account.channel)):
        raise SubjectUnfit(limit=LONGEST_SUBJECT)
    return subject


def _open(wanted: Wanted, checked: Checked, by: Employee) -> Appeal:
    """Open the appeal in its queue and hand it to whoever begins it; its process does both."""
    now, way, queue = clock.now(), checked.way, checked.queue
    number: int = db.session.execute(_NUMBER).scalar_one()
    appeal = Appeal(
        id=number,
        number=f"{now:%Y}-{number:06d}",
        direction=Direction.OUT,
        **_there(way),
        client_id=checked.client_id,
        subject=checked.subject,
        status=Status.NEW,
        status_since=now,
        queue=queue,
        lane=lanes.open_lane(queue, way.account.channel, []),
        topic_id=wanted.topic_id or None,
        preferred_operator_id=by.id,
        preferred_until=now + queue.sticky,
    )
    db.session.add(appeal)
    db.session.flush()
    lifecycle.hold(appeal)
    journal.record(BEGUN, appeal.key, by=by.key, channel=appeal.channel, service=wanted.is_service)
    acting.start(appeal, by=by.key)
    return appeal


def _there(way: Way) -> dict[str, Any]:
    """Tell where an appeal goes on: in the conversation that a program knows of the client, if it knows one."""
    last = db.select(Appeal.conversation).where(
        Appeal.address_id == way.address_id, Appeal.channel_account_id == way.account.id
    )
    known = db.session.scalar(last.order_by(Appeal.id.desc()).limit(1))
    account = way.account
    return {"channel": account.channel, "account": account, "address_id": way.address_id, "conversation": known}
