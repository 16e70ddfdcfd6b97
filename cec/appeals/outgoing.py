"""An operator writes first (guide 3.2.6): a new appeal with one message of his, which then waits for the client.

It goes the way of every appeal - a queue, points, an operator: the one who began it - so that the client's answer comes
back to him. While it waits it takes none of his room.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import text as sql

from cec.appeals import acting, carrying, conversation, lifecycle, ways
from cec.appeals.conversation import AT_ONCE
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Direction, Status
from cec.appeals.ways import MAIL, Way
from cec.channels import accounts
from cec.clients import addresses
from cec.clients.models import Address
from cec.platform import clock, journal
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
LONGEST_SUBJECT = 300
# What becomes of it if the client does not answer: as the form of waiting says it.
ON_SILENCE = ("close", "me", "queue")


# Of two requests with the same name the second finds what the first has made.
_IN_TURN = sql("SELECT pg_advisory_xact_lock(hashtext('outgoing'), hashtext(:name))")
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


@dataclass(frozen=True)
class Wanted:
    """A first message as its form describes it; `name` is the browser's, so that a repeated request is one appeal."""

    name: uuid.UUID
    queue_id: int
    text: str
    subject: str = ""
    # One of the ways to a client who is known, else a mail address that was typed.
    way: str = ""
    email: str = ""
    topic_id: int | None = None
    on_silence: str = "close"


def begin(wanted: Wanted, *, by: Employee, known: Appeal | None = None, confirmed: bool = False) -> Appeal:
    """Write to a client first; of a client who is known by an appeal of his the ways are offered.

    :raises Invalid: at the field that is wrong.
    :raises NothingArrives, OpenThere: unless the person has confirmed that he writes all the same.
    """
    db.session.execute(_IN_TURN, {"name": str(wanted.name)})
    repeated = conversation.find_sent(wanted.name, by=by)
    if repeated is not None:
        return repeated.appeal
    queue = queues.get_open(wanted.queue_id)
    way = _way(wanted, known, queue)
    subject = _subject(wanted, way)
    if not wanted.text.strip():
        raise conversation.NothingToSend
    _must_be_welcome(way, by=by, confirmed=confirmed)
    appeal = _open(wanted, subject, way, queue, by)
    message = conversation.send(
        appeal, by=by, letter=Letter(wanted.text), client_uuid=wanted.name, seen_message_id=0, undo=AT_ONCE
    )
    answers = {"until": clock.now() + queue.wait_for_client, "on_silence": wanted.on_silence, "comment": ""}
    return acting.act(
        appeal.id, "wait", by=by, expected_version=appeal.version, seen_message_id=message.id, answers=answers
    )


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


def _must_be_welcome(way: Way, *, by: Employee, confirmed: bool) -> None:
    """Refuse to write where it is forbidden or impossible; where it is only unwise, unless it is confirmed."""
    closed = way.able().closed
    if closed:
        raise CannotBeWrittenNow(reason=gettext(closed))
    address = db.session.get_one(Address, way.address_id)
    judged = verdict.screen(channel=way.account.channel, address=address.normalised, auto=False, recent=0, text="")
    if judged.verdict is verdict.Verdict.BLOCKED:
        raise OnTheBlackList
    if confirmed:
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


def _subject(wanted: Wanted, way: Way) -> str:
    subject = " ".join(wanted.subject.replace("\x00", "").split())
    if len(subject) > LONGEST_SUBJECT or (not subject and carrying.is_letter(way.account.channel)):
        raise SubjectUnfit(limit=LONGEST_SUBJECT)
    return subject


def _open(wanted: Wanted, subject: str, way: Way, queue: Queue, by: Employee) -> Appeal:
    """Open the appeal in its queue and hand it to whoever begins it; its process does both."""
    now, address = clock.now(), db.session.get_one(Address, way.address_id)
    number: int = db.session.execute(_NUMBER).scalar_one()
    appeal = Appeal(
        id=number,
        number=f"{now:%Y}-{number:06d}",
        direction=Direction.OUT,
        channel=way.account.channel,
        account=way.account,
        address=address,
        client_id=address.client_id,
        subject=subject,
        status=Status.NEW,
        status_since=now,
        queue=queue,
        lane=lanes.open_lane(queue, way.account.channel, []),
        topic_id=topics.get_leaf(wanted.topic_id).id if wanted.topic_id else None,
        preferred_operator_id=by.id,
        preferred_until=now + queue.sticky,
    )
    db.session.add(appeal)
    db.session.flush()
    lifecycle.hold(appeal)
    journal.record(BEGUN, appeal.key, by=by.key, channel=appeal.channel)
    acting.start(appeal, by=by.key)
    return appeal
