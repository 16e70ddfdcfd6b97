"""Templates in the answers of an appeal: what fills them, and the count of their uses (guide 3.3)."""

from collections.abc import Collection

from cec.appeals.models import Appeal, Message
from cec.platform import clock, i18n
from cec.replies import using
from cec.replies.using import Answer
from cec.staff.models import Employee


def values(appeal: Appeal, *, by: Employee) -> dict[str, str]:
    """Tell what placeholders stand for in an answer of this person; what is not known is not there.

    A client's first name is that of his card: what stands in the sender of a letter may be a company.
    """
    known = {
        "client.first_name": appeal.client.name.partition(" ")[0] if appeal.client else "",
        "operator.first_name": by.first_name,
        "appeal.number": appeal.number,
        "appeal.subject": appeal.subject,
        "date": i18n.long_day(clock.now()),
    }
    return {name: words for name, words in known.items() if words}


def record(message: Message, template_ids: Collection[int], appeal: Appeal, *, by: Employee) -> None:
    """Count the templates that an answer was written with."""
    answer = Answer(message.id, appeal.id, appeal.queue_id, appeal.topic_id, message.text)
    using.record(answer, template_ids, values(appeal, by=by), by=by)
