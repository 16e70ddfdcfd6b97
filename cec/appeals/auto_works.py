"""Automatic answers while works are going on (guide 5.6): to every new appeal, and to whom nobody has answered since.

Who talks with an operator is told by him. While an address has just had another answer, it is left alone in silence:
whoever writes ten messages reads of the works once.
"""

import datetime as dt

from cec.appeals import auto_answering, lifecycle, ways
from cec.appeals.auto_answering import Occasion
from cec.appeals.models import Appeal, Direction, Message, MessageState, Status
from cec.platform import clock, i18n, journal, work
from cec.platform.db import db
from cec.queues import queries as queues
from cec.replies import auto_replies
from cec.replies.auto_replies import Event

# Of a new appeal its arrival in the queue is answered, of one that was closed its opening.
_ELSEWHERE = lifecycle.ENDED | {Status.NEW}


@journal.on("message.received")
def _wrote(entry: journal.Entry) -> None:
    """Look at a further message of an open appeal once it is taken in."""
    if entry.facts.get("auto") or entry.by == "system":
        return
    appeal = auto_answering.appeal_of(entry)
    if Status(appeal.status) not in _ELSEWHERE and auto_answering.candidates(appeal, [Event.WORKS]):
        work.enqueue("auto_replies.works", appeal_id=appeal.id)


@work.handler("auto_replies.works")
def answer_works(appeal_id: int) -> None:
    """Answer a further message, if works are going on still and nobody of us has written since they began."""
    appeal = lifecycle.lock(appeal_id)
    found = auto_answering.candidates(appeal, [Event.WORKS])
    if not found or Status(appeal.status) in _ELSEWHERE:
        return
    reply = auto_replies.get(found[0].id)
    if _has_word_of_operator(appeal, reply.begins_at) or auto_answering.free_at(ways.usual(appeal)) > clock.now():
        return
    auto_answering.answer(appeal, reply)


def _has_word_of_operator(appeal: Appeal, since: dt.datetime | None) -> bool:
    """Tell whether a person has written to the client since a moment; none: ever."""
    wrote = db.select(Message.id).where(
        Message.appeal_id == appeal.id,
        Message.direction == Direction.OUT,
        Message.author_id.is_not(None),
        Message.state != MessageState.CANCELLED,
        *([Message.created_at >= since] if since else []),
    )
    return db.session.scalar(db.select(wrote.exists())) or False


@auto_answering.tells(auto_replies.END)
def say_end(occasion: Occasion) -> str:
    """Say until when the works go on, by the clock of the queue's calendar, else of the centre's."""
    if occasion.reply.ends_at is None:
        return ""
    queue = occasion.appeal.queue
    calendar = (queue.calendar if queue else None) or queues.calendar_of_centre()
    with i18n.reader(i18n.language(), calendar.zone if calendar else i18n.zone()):
        return i18n.exact(occasion.reply.ends_at)
