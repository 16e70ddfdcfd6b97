"""Templates in the answers of an appeal: what fills them, and the count of their uses (guide 3.3)."""

from collections.abc import Collection

from cec.appeals.models import Appeal, Message
from cec.clients.models import Client
from cec.platform import clock, i18n
from cec.replies import filling_in, using
from cec.replies.using import Answer
from cec.staff.models import Employee

# What stands in a first message until its appeal has a number.
NUMBER = "{{appeal.number}}"


def values(appeal: Appeal, *, by: Employee) -> dict[str, str]:
    """Tell what placeholders stand for in an answer of this person; what is not known is not there.

    A client's first name is that of his card: what stands in the sender of a letter may be a company.
    """
    return _values(appeal.client, by, number=appeal.number, subject=appeal.subject)


def first_values(client: Client | None, subject: str, *, by: Employee) -> dict[str, str]:
    """Tell what placeholders stand for in a first message; the number is put in once its appeal has one."""
    return _values(client, by, number=NUMBER, subject=subject)


def numbered(text: str, number: str) -> str:
    """Put the number of its appeal into a first message."""
    return filling_in.put(text, "appeal.number", number)


def _values(client: Client | None, by: Employee, *, number: str, subject: str) -> dict[str, str]:
    known = {
        "client.first_name": client.name.partition(" ")[0] if client else "",
        "operator.first_name": by.first_name,
        "appeal.number": number,
        "appeal.subject": subject,
        "date": i18n.long_day(clock.now()),
    }
    return {name: words for name, words in known.items() if words}


def record(message: Message, template_ids: Collection[int], appeal: Appeal, *, by: Employee) -> None:
    """Count the templates that an answer was written with."""
    answer = Answer(message.id, appeal.id, appeal.queue_id, appeal.topic_id, message.text)
    using.record(answer, template_ids, values(appeal, by=by), by=by)
