"""What the table `screening` is given and answers (guide 5.8, 5.9): before there is an appeal, little is known."""

from sqlalchemy import select

from cec.channels.models import ChannelAccount
from cec.platform.db import db
from cec.platform.i18n import gettext, mark
from cec.rulebook import inputs
from cec.rulebook.inputs import Choice, Kind, Term

VERDICTS = {"accept": mark("Let in"), "spam": mark("Spam"), "blocked": mark("Blocked")}


def _channels() -> list[Choice]:
    used = select(ChannelAccount.channel).distinct().order_by(ChannelAccount.channel)
    return [Choice(channel, channel) for channel in db.session.scalars(used)]


CHANNEL = Term("channel", mark("Channel"), Kind.TEXT, mark("The way it came."), choices=_channels)
ADDRESS = Term("address", mark("Address of the sender"), Kind.TEXT, mark("Where it came from, in small letters."))
DOMAIN = Term("domain", mark("Domain of the sender"), Kind.TEXT, mark("What stands behind the @ of the address."))
AUTO = Term(
    "auto", mark("Sent by a machine"), Kind.FLAG, mark("Whether its headers say so, or a mailbox of ours sent it.")
)
RECENT = Term(
    "recent", mark("Messages within 10 minutes"), Kind.NUMBER, mark("How many this sender wrote shortly before."),
    least=0,
)  # fmt: skip
TEXT = Term("text", mark("Text"), Kind.TEXT, mark("The subject and all that is written below it."), is_long=True)

SCREENING = inputs.declare(
    "screening",
    takes=(CHANNEL, ADDRESS, DOMAIN, AUTO, RECENT, TEXT),
    gives=(
        Term(
            "verdict",
            mark("Verdict"),
            Kind.TEXT,
            choices=lambda: [Choice(value, gettext(name)) for value, name in VERDICTS.items()],
        ),
    ),
)
