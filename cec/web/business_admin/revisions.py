"""What was changed in an entry of a directory, by whom and when: each field as it was and as it is (guide 5)."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cec.channels.models import ChannelAccount
from cec.clients import languages
from cec.distribution import explaining
from cec.platform import durations, i18n, journal
from cec.platform.db import db
from cec.platform.i18n import gettext as _
from cec.platform.i18n import mark
from cec.queues.models import Calendar, Queue
from cec.replies import auto_replies
from cec.staff import roles
from cec.staff.models import Branch
from cec.web import actors, parts
from cec.web.business_admin import queue_form
from cec.web.filters import number
from cec.web.session import current_employee

# Of more changes than these the newest are shown.
MOST = 50
NOTHING = "—"
# By kind of subject, else for all: what the form calls a field.
FIELDS: dict[str, dict[str, str]] = {
    "": {
        "name": mark("Name"), "code": mark("Code"), "description": mark("What it is for"),
        "auto_accept": mark("What is offered goes into work at once"), "groups": mark("Served by"),
        "channel_units": mark("Units by channel"),
    },
    "queue": {
        "is_active": mark("Takes appeals"), "is_default": mark("Takes what no other queue can"),
        "calendar_id": mark("Calendar"), "closed_queue_id": mark("Outside its hours appeals"),
        "strategy": mark("Of several free operators"), "ring": mark("An offer rings"),
        "sticky": mark("Kept for the last operator"),
        "sticky_above": mark("The last operator may have one above his room"), "weight": mark("Weight"),
        "tier": mark("Tier"), "target": mark("Target"), "widening": mark("When nobody is free"),
        "longest": mark("How many may wait"), "overflow_queue_id": mark("Further ones go to"),
        "first_response": mark("First answer within"), "next_response": mark("Next answers within"),
        "resolve_within": mark("Solved within"), "service_goal": mark("Service level, per cent answered"),
        "service_within": mark("Service level, within"), "reopen_within": mark("Opened again within"),
        "wait_for_client": mark("Wait for the client"), "topic_required": mark("A topic is needed to close an appeal"),
        "least_active": mark("Stay active at least"), "idle_minutes": mark("Idle in its operator's hands after"),
        "signature": mark("Signature"),
        "sender_name": mark("Name of the sender"), "sender_account_id": mark("Answers come from"),
    },
    "retention": {"days": mark("Kept for, days")},
    "skill": {"is_active": mark("In use")},
    "auto_reply": {
        "event": mark("Answers when"), "channel": mark("In the channel"), "queue_id": mark("In the queue"),
        "segment": mark("For clients of the segment"), "language": mark("For clients who speak"),
        "calendar_id": mark("Outside the hours of"),
        "after": mark("After how long"), "times": mark("How many times"), "repeat": mark("Repeated every"),
        "begins_at": mark("From (of works)"), "ends_at": mark("Until (of works)"),
        "delay": mark("Delay"), "most_a_day": mark("To a client within 24 hours, at most"),
        "text": mark("Text"), "is_active": mark("In use"),
    },
    "group": {"leader": mark("Leader"), "members": mark("Operators"), "queues": mark("Queues")},
    "calendar": {"zone": mark("Time zone"), "week": mark("Week"), "days": mark("Days that differ")},
    "employee": {
        "branch": mark("Branch"), "roles": mark("Roles"), "groups": mark("Serves the queues of these groups"),
        "units": mark("Units in all"), "skills": mark("Skills"), "dismissed": mark("Dismissed"),
    },
}  # fmt: skip
# Fields that hold the number of something else.
NAMED: dict[str, Any] = {
    "calendar_id": Calendar, "closed_queue_id": Queue, "overflow_queue_id": Queue, "branch": Branch,
    "sender_account_id": ChannelAccount, "queue_id": Queue,
}  # fmt: skip
_DURATION = re.compile(r"(?:(\d+) days?, )?(\d+):(\d\d):(\d\d)")


@dataclass(frozen=True)
class Change:
    """One field: what the form calls it, how it was and how it is."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Revision:
    """What one person changed at one moment."""

    at: dt.datetime
    who: str
    changes: list[Change]


def of(subject: str) -> list[Revision]:
    """List what was changed in an entry ("queue:1"), the newest first."""
    kind = subject.partition(":")[0]
    facts = [fact for fact in journal.history(subject, names=[f"{kind}.changed"], limit=MOST) if _changed(fact.facts)]
    who = actors.names({fact.by for fact in facts}, current_employee())
    words = FIELDS[""] | FIELDS.get(kind, {})
    return [Revision(fact.at, who[fact.by], _changes(words, _changed(fact.facts))) for fact in reversed(facts)]


def lines(subject: str, facts: Mapping[str, Any]) -> list[str]:
    """Say what a fact changed in an entry, a line for each field; of a new entry only its fields."""
    words = FIELDS[""] | FIELDS.get(subject.partition(":")[0], {})
    changed = {name: pair for name, pair in _changed(facts).items() if isinstance(pair, list) and len(pair) == _PAIR}
    return [f"{each.field}: {each.before} → {each.after}" for each in _changes(words, changed)]


_PAIR = 2


def _changed(facts: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Take the fields of a fact; who is dismissed or comes back is told by it alone."""
    found: dict[str, list[Any]] = facts.get("changed") or {}
    return found | ({"dismissed": [not facts["dismissed"], facts["dismissed"]]} if "dismissed" in facts else {})


def _changes(words: Mapping[str, str], changed: Mapping[str, list[Any]]) -> list[Change]:
    """Name the fields, in the order of the form."""
    named = [(name, _(word)) for name, word in words.items() if name in changed]
    unnamed = [(name, name) for name in changed if name not in words]
    return [Change(word, *(_named(name, value) for value in changed[name])) for name, word in named + unnamed]


def _named(name: str, value: Any) -> str:
    if value and name in NAMED:
        found = db.session.get(NAMED[name], value)
        return found.name if found else str(value)
    return (value and name in _WORDS and _WORDS[name](value)) or _shown(value)


def _step(step: Mapping[str, Any]) -> str:
    """Say a step of widening."""
    what = _("line {n} serves too").format(n=step["level"]) if "level" in step else _("wishes no longer count")
    return f"{explaining.percent(float(step['after']))}: {what}"


def _units(units: Mapping[str, int]) -> str:
    names = dict(parts.channels())
    return ", ".join(f"{names.get(channel, channel)}: {number(count)}" for channel, count in units.items())


def _minutes(by_channel: Mapping[str, int]) -> str:
    names = dict(parts.channels())
    spans = {channel: durations.write(dt.timedelta(minutes=minutes)) for channel, minutes in by_channel.items()}
    return ", ".join(f"{names.get(channel, channel)}: {span}" for channel, span in spans.items())


# Fields whose values have words of their own.
_WORDS: dict[str, Callable[[Any], str]] = {
    "language": lambda value: _(languages.NAMES[value]) if value in languages.NAMES else "",
    "begins_at": lambda value: i18n.exact(dt.datetime.fromisoformat(value)),
    "ends_at": lambda value: i18n.exact(dt.datetime.fromisoformat(value)),
    "strategy": lambda value: _(queue_form.STRATEGIES[value]) if value in queue_form.STRATEGIES else "",
    "roles": lambda value: ", ".join(roles.name(role) for role in value),
    "event": lambda value: _(auto_replies.EVENTS[value]) if value in set(auto_replies.Event) else "",
    "channel": lambda value: parts.channel(value).word,
    "widening": lambda value: "; ".join(_step(step) for step in value),
    "channel_units": _units,
    "idle_minutes": _minutes,
}


def _shown(value: Any) -> str:
    """Write a value as the journal keeps it."""
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value) or NOTHING
    return NOTHING


def _text(value: str) -> str:
    found = _DURATION.fullmatch(value)
    if not found:
        return value
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return durations.write(dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))


def _list(value: list[Any]) -> str:
    if value and all(isinstance(each, list) for each in value):
        return "; ".join(_shown(each) for each in value)
    return "–".join(value) if _is_span(value) else ", ".join(_shown(each) for each in value)


def _is_span(value: list[Any]) -> bool:
    return len(value) == 2 and all(isinstance(each, str) and ":" in each for each in value)  # noqa: PLR2004 - from, to


_WRITERS: list[tuple[type, Callable[[Any], str]]] = [
    (bool, lambda value: _("yes") if value else _("no")),
    (int, number),
    (float, number),
    (str, _text),
    (list, _list),
    (dict, lambda value: ", ".join(f"{key}: {_shown(each)}" for key, each in value.items())),
]
