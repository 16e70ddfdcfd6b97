"""Let a message in or not (guide 5.8, 5.9): the table `screening` decides, before any process."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cec.platform.i18n import gettext
from cec.rulebook import tables
from cec.screening import terms


class Verdict(StrEnum):
    """What the table can say."""

    ACCEPT = "accept"
    SPAM = "spam"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Screened:
    """The verdict, and the version and rows that gave it."""

    verdict: Verdict
    facts: dict[str, Any]


# Words are looked for in this much of a text.
LONGEST = 64_000


def screen(*, channel: str, address: str, auto: bool, recent: int, text: str) -> Screened:
    """Judge a message from outside; a table that says nothing lets it in."""
    judged = tables.judge(
        "screening",
        {
            "channel": channel,
            "address": address,
            "domain": address.rpartition("@")[2],
            "auto": auto,
            "recent": recent,
            "text": text[:LONGEST],
        },
    )
    said = judged.outputs.get("verdict")
    # An answer that nobody knows keeps nobody out; that it was given is told.
    if said is not None and said not in terms.VERDICTS:
        judged.errors.append(gettext("There is no verdict “{said}”").format(said=said))
    return Screened(Verdict(said) if said in terms.VERDICTS else Verdict.ACCEPT, judged.facts())
