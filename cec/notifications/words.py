"""What a notification says: one sentence, about whom, and what to do."""

import datetime as dt
from dataclasses import dataclass

from cec.appeals.models import Appeal
from cec.notifications.models import Kind, Notification
from cec.platform import durations
from cec.platform.i18n import gettext, mark, time
from cec.staff import presence

_TITLES = {
    "client_wrote": mark("The client wrote"),
    "handed_to_you": mark("{who} handed you an appeal"),
    "handed_on": mark("{who} handed your appeal to “{to}”"),
    "closed_by": mark("{who} closed your appeal"),
    "spam_by": mark("{who} put your appeal away as spam"),
    "postponed_by": mark("{who} postponed your appeal"),
    "awaiting_by": mark("{who} lets your appeal wait for the client"),
    "returned": mark("An appeal of yours went back to its queue"),
    "missed": mark("You missed an offer, it went back to its queue"),
    "woke": mark("A postponed appeal is back"),
    "woke_to_queue": mark("A postponed appeal went to its queue"),
    "wait_over": mark("The client did not answer, the appeal is back"),
    "wait_over_to_queue": mark("The client did not answer, the appeal went to its queue"),
    "closed_unanswered": mark("The client did not answer, the appeal is closed"),
    "response_soon": mark("Answer by {due}"),
    "response_over": mark("The time to answer is over"),
    "resolution_soon": mark("Resolve by {due}"),
    "resolution_over": mark("The time to resolve is over"),
    "went_idle": mark("{who} is active and has touched nothing since {due}"),
    "status_set": mark("{who} changed your status: {status}"),
    "escalated": mark("Nobody has answered in time"),
    "idle_in_hand": mark("The client has waited for {span} and you have done nothing"),
    "idle_in_hands_of": mark("{who} has done nothing with an appeal for {span}"),
    "returned_idle": mark("You did nothing with an appeal for too long, it went back to its queue"),
    "forgetting_asked": mark("{who} asks to forget a client for good: a supervisor has to confirm it"),
    "forgetting_refused": mark("{who} did not confirm that a client is forgotten"),
    "forgotten": mark("{who} confirmed it: the client is forgotten"),
    "delivery_failed": mark("An answer did not reach the client"),
    "delivery_unknown": mark("Nobody knows if an answer arrived"),
    "first_refused": mark("A message that you planned for {due} did not leave"),
    "channel_silent": mark("“{who}” is silent longer than usual, since {due}"),
    "receiver_gave_up": mark("Events do not reach “{who}” any more"),
    "table_refused": mark("{table}: version {version} was to judge by now and was refused"),
    "database_held": mark("{who} keeps a transaction open in the database since {due}: claims slow down"),
}
_REMEDIES = {
    "idle_in_hand": mark("Answer, postpone or transfer it: otherwise it goes back to its queue."),
    "idle_in_hands_of": mark("Hand it to somebody else, or it goes back to its queue by itself."),
    "forgetting_asked": mark("Look at what would go, then confirm or refuse."),
    "delivery_failed": mark("Open the appeal: send it again, or reach the client another way."),
    "delivery_unknown": mark("Open the appeal: send it again, or say that it arrived."),
    "first_refused": mark("Press “Write to a client” (Alt+W): open it, change it and send it, or discard it."),
    "channel_silent": mark("Look at the channel: its password, token or certificate may have ended."),
    "receiver_gave_up": mark("Open the receiver of events: see what it answered, and switch it on again."),
    "table_refused": mark("The former version judges on. Open it: its checks or scenarios say what is wrong."),
    "database_held": mark("Let the report or the console be closed; who runs the database can end it by its pid."),
}
KINDS = {
    Kind.INFO: mark("News"),
    Kind.WARNING: mark("Warnings"),
    Kind.ERROR: mark("Errors"),
    Kind.ANNOUNCEMENT: mark("Announcements"),
}
# How loud an announcement looks.
LOOKS = {Kind.INFO: mark("Ordinary"), Kind.WARNING: mark("Warning")}


@dataclass(frozen=True)
class Words:
    """A notification in the reader's language."""

    title: str
    about: str = ""
    detail: str = ""
    remedy: str = ""


def of(notification: Notification) -> Words:
    """Say a notification."""
    announcement = notification.announcement
    if announcement is not None:
        return Words(announcement.title, detail=announcement.text, about=announcement.author.name)
    facts = dict(notification.facts)
    if "due" in facts:
        facts["due"] = time(dt.datetime.fromisoformat(facts["due"]))
    if table := facts.get("table"):
        facts["table"] = gettext(table)
    if status := facts.get("status"):
        facts["status"] = presence.name(status)
    if minutes := facts.get("minutes"):
        facts["span"] = durations.write(dt.timedelta(minutes=minutes))
    reason = facts.get("reason") or ""
    return Words(
        gettext(_TITLES[notification.what]).format_map(facts),
        about=_about(notification.appeal) if notification.appeal else "",
        detail=facts.get("comment") or (gettext(reason) if reason else ""),
        remedy=gettext(_REMEDIES[notification.what]) if notification.what in _REMEDIES else "",
    )


def _about(appeal: Appeal) -> str:
    name = appeal.client.name if appeal.client else (appeal.address.display or appeal.address.value)
    return f"{name} · {appeal.number}"
