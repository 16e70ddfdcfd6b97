"""Facts of the journal that a person answers for become lines of the audit; nobody below knows that he is watched."""

from cec.platform import audit, journal
from cec.platform.audit import Kind
from cec.platform.journal import Entry

# What people set up and decide. A test holds this to be all that such directories record.
SETTINGS = (
    "account.changed", "account.created", "account.secret_renewed", "announcement.changed", "announcement.published",
    "announcement.withdrawn", "api_key.created", "api_key.revoked", "auto_reply.changed", "auto_reply.tested",
    "calendar.changed", "employee.changed",
    "employee.password_changed", "employee.password_reset", "group.changed", "inbound.discarded", "inbound.retried",
    "operator.change_begun", "queue.changed", "receiver.changed", "receiver.created", "receiver.replayed",
    "receiver.resumed", "reply_catalogue.changed", "reply_catalogue.removed", "reply_template.changed",
    "reply_template.removed", "reply_template.returned", "retention.changed", "rules.brought_back", "rules.draft_begun",
    "rules.draft_discarded", "rules.planned",
    "rules.published", "rules.rejudging_begun", "rules.scenario_added", "rules.scenario_changed",
    "rules.scenario_removed", "rules.scenario_returned", "rules.withdrawn", "shifts.changed", "skill.changed",
    "status_reason.changed",
)  # fmt: skip
COMING = ("operator.signed_in", "operator.signed_out")
FORGETTING = (
    "client.forgotten", "client.forgetting_asked", "client.forgetting_refused", "client.forgetting_withdrawn",
)  # fmt: skip
_PERSON = "employee:"


def _kept(entry: Entry, kind: Kind) -> None:
    # What the centre does by itself nobody answers for.
    if entry.by.startswith(_PERSON):
        audit.add(kind, entry.name, entry.subject, by=entry.by, **entry.facts)


@journal.on(*SETTINGS)
def keep_setting(entry: Entry) -> None:
    """Keep who changed which setting, with what it was and is."""
    _kept(entry, Kind.SETTING)


@journal.on(*COMING)
def keep_coming(entry: Entry) -> None:
    """Keep who came in and left."""
    _kept(entry, Kind.SIGN_IN)


@journal.on(*FORGETTING)
def keep_forgetting(entry: Entry) -> None:
    """Keep who forgot a client, why and how much it was."""
    _kept(entry, Kind.FORGETTING)
