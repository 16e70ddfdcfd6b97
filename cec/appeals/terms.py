"""What the tables of appeals are given and answer (guide 5.2): one list, for intake, table editor and test bench.

Nothing in it changes while an appeal waits: ageing is in its place, not in its points (CORE 5).
"""

from collections.abc import Iterable

from cec.appeals import lifecycle
from cec.channels.models import ChannelAccount
from cec.clients import segments
from cec.platform.db import db
from cec.platform.i18n import gettext, mark
from cec.queues.models import Queue
from cec.rulebook import inputs
from cec.rulebook.inputs import Choice, Kind, Term
from cec.screening import terms as screened
from cec.staff import skills
from cec.topics import queries as topics

# Points of all rows together count for one target of a queue at most; a row may give so many.
MOST_POINTS = 1000
# So many targets further to the front, at most, for one that nobody answered in time.
MOST_TARGETS = 5
WEEKDAYS = {
    "monday": mark("Monday"),
    "tuesday": mark("Tuesday"),
    "wednesday": mark("Wednesday"),
    "thursday": mark("Thursday"),
    "friday": mark("Friday"),
    "saturday": mark("Saturday"),
    "sunday": mark("Sunday"),
}
KINDS = {"private": mark("Private"), "public": mark("Public")}
ALPHABETS = {"cyrillic": mark("Cyrillic"), "latin": mark("Latin"), "other": mark("Another one")}


def _accounts() -> list[Choice]:
    wanted = db.select(ChannelAccount.code, ChannelAccount.name).where(ChannelAccount.is_active)
    return [Choice(code, name) for code, name in db.session.execute(wanted.order_by(ChannelAccount.name))]


def _queues() -> list[Choice]:
    wanted = db.select(Queue.code, Queue.name).where(Queue.is_active).order_by(Queue.name)
    return [Choice(code, name) for code, name in db.session.execute(wanted)]


def _segments() -> list[Choice]:
    return [Choice(segment, segment) for segment in segments.list_all()]


def _topics() -> list[Choice]:
    return [Choice(topic.path, topic.path) for topic in topics.list_leaves()]


def _skills() -> list[Choice]:
    return [Choice(skill.code, skill.name) for skill in skills.list_all()]


def _statuses() -> list[Choice]:
    return _named({status.value: lifecycle.NAMES[status] for status, at in lifecycle.PLACES.items() if at == "handle"})


def _named(names: dict[str, str]) -> list[Choice]:
    return [Choice(value, gettext(name)) for value, name in names.items()]


ACCOUNT = Term(
    "account", mark("Account"), Kind.TEXT, mark("The mailbox that it came in at, by its code."), choices=_accounts
)
KIND = Term(
    "kind", mark("Kind"), Kind.TEXT, mark("Whether others can read it: mail is private."), choices=lambda: _named(KINDS)
)
SUBJECT = Term("subject", mark("Subject"), Kind.TEXT, mark("The subject of its first letter."))
WORDS = Term(
    "text",
    mark("Text"),
    Kind.TEXT,
    mark("What the client newly wrote in his first message, without his signature."),
    is_long=True,
)
ALPHABET = Term(
    "alphabet",
    mark("Alphabet"),
    Kind.TEXT,
    mark("In which letters most of it is written."),
    choices=lambda: _named(ALPHABETS),
)
ATTACHMENTS = Term(
    "attachments", mark("Attachments"), Kind.NUMBER, mark("Files of the first message, pictures in its text left out."),
    least=0,
)  # fmt: skip
SEGMENT = Term(
    "segment", mark("Segment of the client"), Kind.TEXT, mark("As the client's card says."), choices=_segments
)
REPEAT = Term(
    "repeat",
    mark("Closed an appeal within 7 days"),
    Kind.FLAG,
    mark("Whether an appeal of this client was closed then."),
)
SINCE_CLOSED = Term(
    "days_since_closed",
    mark("Days since the last closing"),
    Kind.NUMBER,
    mark("Whole days since the last appeal of this client was closed; empty after 90 days."),
    least=0,
    most=90,
)
LAST_MARK = Term(
    "last_mark",
    mark("Last mark"),
    Kind.NUMBER,
    mark("What the client gave last, of 1 to 5, for an appeal closed within 90 days."),
    least=1,
    most=5,
)
WEEKDAY = Term(
    "weekday",
    mark("Day of the week"),
    Kind.TEXT,
    mark("When it came, by the calendar of the centre."),
    choices=lambda: _named(WEEKDAYS),
)
HOUR = Term(
    "hour", mark("Hour"), Kind.NUMBER, mark("When it came, by the clock of the centre: 0 to 23."), least=0, most=23
)
WORKING_TIME = Term(
    "working_time",
    mark("Working time"),
    Kind.FLAG,
    mark("Whether it came in the hours of its queue, before that is known of the default queue."),
)
QUEUE = Term("queue", mark("Queue"), Kind.TEXT, mark("The queue that it enters, by its code."), choices=_queues)
TOPIC = Term(
    "topic",
    mark("Topic"),
    Kind.TEXT,
    mark("With the branches above it; empty until somebody has chosen it."),
    choices=_topics,
)
RETURNED = Term(
    "returned",
    mark("Back from waiting or postponement"),
    Kind.FLAG,
    mark("Whether the client wrote again, or its time came."),
)
TRANSFERS = Term("transfers", mark("Transfers"), Kind.NUMBER, mark("How often it was handed on."), least=0)
POINTS = Term("points", mark("Points"), Kind.NUMBER, mark("What the table “prioritization” gave it."))
STATUS = Term(
    "status", mark("Status"), Kind.TEXT, mark("Whether it still waits or somebody has it."), choices=_statuses
)
ANSWERED = Term(
    "answered", mark("Answered before"), Kind.FLAG, mark("Whether the client has had an answer already.")
)  # fmt: skip

_CLIENT = (SEGMENT, REPEAT, SINCE_CLOSED, LAST_MARK)
_LETTER = (SUBJECT, WORDS, ALPHABET, ATTACHMENTS, screened.AUTO)
_TIME = (WORKING_TIME, WEEKDAY, HOUR)
_FROM = (screened.CHANNEL, ACCOUNT, KIND, screened.ADDRESS, screened.DOMAIN)

ROUTING = inputs.declare(
    "routing",
    takes=(*_FROM, *_LETTER, *_CLIENT, *_TIME),
    gives=(
        Term("queue", mark("Queue"), Kind.TEXT, choices=_queues),
        Term("skills", mark("Skills"), Kind.LIST, choices=_skills),
    ),
)
PRIORITIZATION = inputs.declare(
    "prioritization",
    takes=(QUEUE, TOPIC, *_CLIENT, RETURNED, TRANSFERS, *_FROM, *_LETTER, *_TIME),
    gives=(Term("points", mark("Points"), Kind.NUMBER, least=-MOST_POINTS, most=MOST_POINTS),),
)
ESCALATION = inputs.declare(
    "escalation",
    takes=(QUEUE, TOPIC, SEGMENT, LAST_MARK, POINTS, STATUS, ANSWERED, TRANSFERS, screened.CHANNEL, ACCOUNT, *_TIME),
    gives=(
        Term("targets", mark("Targets to the front"), Kind.NUMBER, least=0, most=MOST_TARGETS),
        Term("tell", mark("Tell the supervisors"), Kind.FLAG),
    ),
)


def names(terms: Iterable[Term]) -> frozenset[str]:
    """Give the names of some terms."""
    return frozenset(term.name for term in terms)
