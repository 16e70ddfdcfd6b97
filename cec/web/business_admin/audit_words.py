"""What the audit says: kinds and acts in the words of people, things by their names, with a way to each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from cec.appeals.models import Appeal
from cec.channels.models import ChannelAccount
from cec.clients.models import Address, Client
from cec.platform.audit import AuditEntry, Kind
from cec.platform.db import db
from cec.platform.i18n import gettext, mark
from cec.queues.models import Calendar, Queue
from cec.retention.forgetting import GROUNDS
from cec.retention.kinds import KINDS as KEPT
from cec.staff import roles
from cec.staff.models import Employee, OperatorGroup, Skill, StatusReason
from cec.web import actors
from cec.web.business_admin import revisions

KINDS = {
    Kind.SETTING: ("settings", mark("Settings")),
    Kind.OPENING: ("eye", mark("Openings")),
    Kind.SIGN_IN: ("login", mark("Sign-ins")),
    Kind.FORGETTING: ("user-off", mark("Forgettings")),
    Kind.EXPORT: ("download", mark("Exports")),
}
# What was done to a thing, whatever it is.
_ACTS = {
    "changed": mark("changed"), "created": mark("made"), "published": mark("published"), "planned": mark("planned"),
    "withdrawn": mark("withdrew"), "brought_back": mark("brought back"), "returned": mark("brought back"),
    "removed": mark("removed"), "revoked": mark("revoked"), "secret_renewed": mark("renewed the secret"),
    "password_changed": mark("changed the password"), "password_reset": mark("reset the password"),
    "discarded": mark("discarded"), "retried": mark("tried again"), "replayed": mark("sent again"),
    "resumed": mark("resumed"), "change_begun": mark("changed for a while"), "opened": mark("opened"),
    "rejudging_begun": mark("began to judge anew"), "scenario_added": mark("added a scenario"),
    "scenario_changed": mark("changed a scenario"), "scenario_removed": mark("removed a scenario"),
    "scenario_returned": mark("brought a scenario back"), "signed_in": mark("signed in"),
    "signed_out": mark("signed out"), "sign_in_failed": mark("sign-in failed"), "forgotten": mark("forgot"),
    "forgetting_asked": mark("asked to forget"), "forgetting_refused": mark("refused to forget"),
    "forgetting_withdrawn": mark("withdrew the request to forget"),
    "exported": mark("exported"), "draft_begun": mark("began a draft"), "draft_discarded": mark("discarded a draft"),
    "tested": mark("sent a test"),
}  # fmt: skip
_THINGS = {
    "account": mark("Channel"), "announcement": mark("Announcement"), "api_key": mark("API key"),
    "appeal": mark("Appeal"), "audit": mark("Audit"), "auto_reply": mark("Auto-reply"),
    "calendar": mark("Calendar"), "client": mark("Client"),
    "address": mark("Client"), "employee": mark("Employee"), "group": mark("Group"), "inbound": mark("Letter"),
    "people": mark("Operators"), "queue": mark("Queue"), "receiver": mark("Event receiver"),
    "reply_catalogue": mark("Catalogue of templates"), "reply_template": mark("Reply template"),
    "retention": mark("Keeping term"), "rules": mark("Decision table"), "shifts": mark("Shifts"),
    "skill": mark("Skill"), "status_reason": mark("Break reason"),
}  # fmt: skip
_CALLED = mark("{sort} “{name}”")
# Things that have a name in a table of their own, and where each is looked at.
_NAMED: dict[str, tuple[Any, str]] = {
    "account": (ChannelAccount, "name"), "address": (Address, "value"), "appeal": (Appeal, "number"),
    "calendar": (Calendar, "name"), "client": (Client, "name"),
    "employee": (Employee, "name"), "group": (OperatorGroup, "name"), "queue": (Queue, "name"),
    "skill": (Skill, "name"), "status_reason": (StatusReason, "name"),
}  # fmt: skip
_WAYS = {
    "appeal": ("appeals_list.show_appeal", "appeal_id"), "client": ("clients.show_client", "client_id"),
    "address": ("clients.show_address", "address_id"), "queue": ("queues.show_queue", "queue_id"),
    "employee": ("people.show_person", "employee_id"), "skill": ("skills.show_skill", "skill_id"),
    "receiver": ("receivers.show_receiver", "receiver_id"), "retention": ("retention.show_kind", "code"),
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A line as people read it."""

    id: int
    at: datetime
    icon: str
    kind: str
    who: str
    act: str
    thing: str
    way: str
    # What it was and is, or the like.
    details: list[str]
    times: int


def told(lines: Sequence[AuditEntry], *, reader: Employee) -> list[Told]:
    """Say lines: whatever their number, one statement for the people and one for each sort of thing."""
    who = actors.names({line.by for line in lines if line.by}, reader) | {"": gettext("Somebody")}
    names = _names(lines)
    return [
        Told(
            id=line.id,
            at=line.at,
            icon=KINDS[Kind(line.kind)][0],
            kind=gettext(KINDS[Kind(line.kind)][1]),
            who=who[line.by],
            act=_act(line.name),
            thing=_thing(line, names),
            way=_way(line.subject),
            details=_details(line),
            times=line.times,
        )
        for line in lines
    ]


def _act(name: str) -> str:
    act = name.partition(".")[2]
    return gettext(_ACTS[act]) if act in _ACTS else name


def _names(lines: Iterable[AuditEntry]) -> dict[str, str]:
    wanted: dict[str, set[int]] = {}
    for line in lines:
        noun, _, number = line.subject.partition(":")
        if noun in _NAMED and number.isdigit():
            wanted.setdefault(noun, set()).add(int(number))
    found: dict[str, str] = {}
    for noun, numbers in wanted.items():
        table, column = _NAMED[noun]
        rows = db.session.execute(db.select(table.id, getattr(table, column)).where(table.id.in_(numbers)))
        found |= {f"{noun}:{number}": name for number, name in rows}
    return found


def _thing(line: AuditEntry, names: dict[str, str]) -> str:
    noun, _, number = line.subject.partition(":")
    if not noun:
        return gettext("an unknown login")
    sort = gettext(_THINGS[noun]) if noun in _THINGS else noun
    if noun == "retention" and number in KEPT:
        return gettext(_CALLED).format(sort=sort, name=gettext(KEPT[number].name))
    name = names.get(line.subject) or line.facts.get("called") or line.facts.get("code")
    return gettext(_CALLED).format(sort=sort, name=name) if name else f"{sort} {number}".strip()


def _way(subject: str) -> str:
    noun, _, number = subject.partition(":")
    if noun not in _WAYS:
        return ""
    endpoint, argument = _WAYS[noun]
    values: dict[str, Any] = {argument: number}
    return url_for(endpoint, **values)


def _details(line: AuditEntry) -> list[str]:
    facts = line.facts
    if line.kind == Kind.SETTING:
        return revisions.lines(line.subject, facts)
    if line.kind == Kind.FORGETTING:
        ground = GROUNDS.get(facts.get("ground", ""), "")
        return [" · ".join(filter(None, [gettext(ground) if ground else "", facts.get("paper", "")]))]
    if line.name == "operator.signed_in" and facts.get("role"):
        return [roles.name(facts["role"])]
    return []
