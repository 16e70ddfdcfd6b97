"""Automatic answers to messages with files that were not kept (guide 5.6): once for each, when all its files are there.

What a door refuses to the face of its sender is no message: he is told there.
"""

from cec.appeals import auto_answering, lifecycle, refusing
from cec.appeals.auto_answering import Occasion
from cec.appeals.models import AwaitedFile, Message
from cec.platform import journal, work
from cec.platform.db import db
from cec.platform.i18n import gettext as _
from cec.platform.i18n import ngettext
from cec.replies import auto_replies
from cec.replies.auto_replies import Event

# So many files are named, the others are counted.
MOST_NAMED = 10
# Under this name the headers of a message say that its answer was given or is on its way.
ANSWERED = "files_answered"


@journal.on(refusing.MISSED, "message.file_came")
def _settled(entry: journal.Entry) -> None:
    """Look at a message afterwards: while it is taken in, its appeal is in no queue yet."""
    if auto_replies.is_any(Event.FILES_REFUSED):
        appeal = auto_answering.appeal_of(entry)
        work.enqueue("auto_replies.files", appeal_id=appeal.id, message_id=entry.facts["message_id"])


@work.handler("auto_replies.files")
def answer_files(appeal_id: int, message_id: int) -> None:
    """Answer a message with files that were not kept, once nothing of it is under way any more; never a machine."""
    appeal = lifecycle.lock(appeal_id)
    message = db.session.get_one(Message, message_id, populate_existing=True)
    if not refusing.noted(message) or auto_answering.is_of_machine(message) or message.headers.get(ANSWERED):
        return
    under_way = db.select(AwaitedFile.id).where(AwaitedFile.message_id == message_id)
    if not db.session.scalar(db.select(under_way.exists())):
        message.headers = {**message.headers, ANSWERED: True}
        auto_answering.respond(appeal, [Event.FILES_REFUSED], afterwards=True, message_id=message_id)


@auto_answering.tells(auto_replies.FILES)
def say_files(occasion: Occasion) -> str:
    """Say a line for each file that was not kept: its name, and why."""
    message = db.session.get(Message, occasion.message_id or 0)
    files = refusing.noted(message) if message else []
    lines = [f"{file.name}: {_(file.reason)}" for file in files[:MOST_NAMED]]
    if more := len(files) - len(lines):
        lines.append(ngettext("and %(n)d more file", "and %(n)d more files", more) % {"n": more})
    return "\n".join(lines)
