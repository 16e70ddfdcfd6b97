"""An answer as the client reads it: what was written, the signature below, and what he wrote before."""

from dataclasses import dataclass
from html import escape

from cec.appeals.models import Appeal, Message
from cec.appeals.opening import Opened
from cec.appeals.reading import Said
from cec.appeals.recipients import Recipients
from cec.channels import accounts
from cec.platform import i18n
from cec.platform.db import db
from cec.platform.i18n import gettext
from cec.staff.models import Employee
from cec.staff.readers import Person

LONGEST_QUOTATION = 20_000


@dataclass(frozen=True)
class Letter:
    """What an operator has written, as it came from his window."""

    text: str = ""
    # With formatting; then the text is made from it.
    html: str | None = None
    # None: whoever the client's last mail suggests.
    recipients: Recipients | None = None
    # Whether the client's last message goes out below the answer.
    quotes: bool = False
    # By which way it goes out, as `ways` names it; empty: by that of the last word.
    way: str = ""
    # Templates that were put into it.
    templates: tuple[int, ...] = ()


@dataclass(frozen=True)
class Quotation:
    """What the client wrote, quoted below an answer."""

    introduction: str
    words: str


def signature(appeal: Appeal | Opened, author: Person | None) -> str:
    """Give what stands below an answer: the operator's first name and the signature of the queue."""
    of_queue = appeal.queue.signature if appeal.queue else ""
    return f"{author.first_name if author else ''}\n{of_queue}".strip()


def sender_name(appeal: Appeal, author: Employee | None) -> str:
    """Name who writes: as the queue wants it, else the operator by his first name."""
    of_queue = appeal.queue.sender_name if appeal.queue else ""
    return of_queue or (author.first_name if author else "")


def quotation(message: Message | Said) -> Quotation | None:
    """Quote a message: who wrote what, and when."""
    words = (message.text if message.fresh_text is None else message.fresh_text).strip()[:LONGEST_QUOTATION]
    if not words:
        return None
    sender = message.headers.get("from", "")
    when = f"{i18n.long_day(message.created_at)}, {i18n.time(message.created_at)}"
    who = f"{message.headers.get('name') or ''} <{sender}>".strip()
    if not accounts.is_address(sender):
        who = message.headers.get("name") or sender
    return Quotation(gettext("{when}, {who} wrote:").format(when=when, who=who), words)


def bodies(message: Message, appeal: Appeal) -> tuple[str, str | None]:
    """Give the bodies of an answer on its way out: as text, and with formatting if it was written so."""
    signed, quoted = signature(appeal, message.author), _quoted_by(message)
    text = f"{message.text}\n\n-- \n{signed}".rstrip() if signed else message.text.rstrip()
    if quoted:
        text += f"\n\n{quoted.introduction}\n" + "\n".join(f"> {line}".rstrip() for line in quoted.words.split("\n"))
    if message.html is None:
        return text + "\n", None
    html = f"{message.html}<div><br></div><div>-- <br>{_lines(signed)}</div>"
    if quoted:
        html += (
            f"<div><br></div><div>{escape(quoted.introduction)}</div><blockquote>{_lines(quoted.words)}</blockquote>"
        )
    return text + "\n", html


def _quoted_by(message: Message) -> Quotation | None:
    quoted = db.session.get(Message, message.headers["quotes"]) if message.headers.get("quotes") else None
    if quoted is None or quoted.appeal_id != message.appeal_id:
        return None
    author = message.author
    with i18n.reader(author.language if author else i18n.DEFAULT, author.branch.zone if author else "Europe/Moscow"):
        return quotation(quoted)


def _lines(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>\n")
