"""The kinds of data that have a term: what goes when it is over, what stays, the shipped term and its bounds."""

from dataclasses import dataclass

from cec.platform.i18n import mark
from cec.retention import steps
from cec.retention.steps import Count, Step

LONGEST = 3650


@dataclass(frozen=True)
class Kind:
    """A kind of data."""

    code: str
    # English texts for gettext.
    name: str
    # From when the term counts.
    since: str
    goes: str
    stays: str
    # The shipped term and the shortest one, in days.
    days: int
    least: int
    work: tuple[Step, Count]
    # Its things are files or texts of that kind: they cannot be kept longer than it.
    within: str = ""


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(
            "messages", mark("Messages and appeals"), mark("since the appeal ended"),
            mark(
                "Texts of messages and notes, subjects, recipients, words of delivery, drafts, comments of "
                "ratings and of acts; files and letters as they came, if they are still here."
            ),
            mark(
                "The appeal with its number, dates, statuses, queue, topic, operators, resolution and rating: "
                "reports count as before."
            ),
            1095, 90, steps.APPEALS,
        ),
        Kind(
            "files", mark("Files"), mark("since the appeal ended"),
            mark("Files of messages, from the table and from the disk."),
            mark("The messages, which say how many files they had."),
            365, 30, steps.FILES, "messages",
        ),
        Kind(
            "letters", mark("Letters as they came"), mark("since they came"),
            mark("The bytes of letters and requests as they came, and their envelopes."),
            mark(
                "The messages made of them; the name of each, so that it is not taken in again. What waits in "
                "quarantine, and letters of open appeals."
            ),
            90, 7, steps.LETTERS, "messages",
        ),
        Kind(
            "first_messages", mark("First messages that were not sent"), mark("since they were written last"),
            mark("What an operator has begun to write to a client and never sent, with its files."),
            mark("What is planned, until it leaves; what was sent is a message of its appeal."),
            30, 7, steps.FIRST_MESSAGES,
        ),
        Kind(
            "journal", mark("Journal of appeals"), mark("since the month ended"),
            mark("Whole months of the journal: the story of each appeal, the changes of directories."),
            mark(
                "Months in which an appeal began that is still open. Reports look back a year: the term is never "
                "shorter."
            ),
            1826, 400, steps.JOURNAL,
        ),
        Kind(
            "decisions", mark("Reasons of distribution"), mark("since the offer"),
            mark("Why an operator was offered an appeal."),
            mark("Who was offered what, when, and what became of it."),
            30, 7, steps.REASONS,
        ),
        Kind(
            "events", mark("Log of events for programs"), mark("since the event"),
            mark(
                "What programs were told and what they answered; also what waits for a program that hears nothing"
                " any more."
            ),
            mark("Nothing of it."),
            14, 2, steps.EVENTS,
        ),
        Kind(
            "notices", mark("Notifications"), mark("since it rang last"),
            mark("Notifications of employees."),
            mark("What still waits for a deed, and announcements in force."),
            30, 7, steps.NOTICES,
        ),
        Kind(
            "sessions", mark("Sessions"), mark("since the session ended"),
            mark("Which browser was signed in from when to when."),
            mark("Who signed in and out, in the audit."),
            365, 30, steps.SESSIONS,
        ),
        Kind(
            "visitors", mark("Visitors of the web chat"), mark("since they left"),
            mark("What a visitor told of himself in the chat’s form, and the page where he was."),
            mark("His conversations, for their own term."),
            365, 30, steps.VISITORS,
        ),
        Kind(
            "audit", mark("Audit"), mark("since the act"),
            mark("Who changed which setting, opened which card, signed in."),
            mark("The signs of forgotten clients."),
            1095, 180, steps.AUDIT,
        ),
    )
}  # fmt: skip
