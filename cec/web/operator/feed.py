"""The conversation of an appeal as lines: days, messages, notes, and what happened in between (guide 2.2.3)."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlalchemy import text

from cec.appeals import form_options, lifecycle
from cec.appeals.models import Appeal, Direction, Message
from cec.appeals.opening import Opened
from cec.appeals.reading import Said
from cec.channels.email import formatting
from cec.distribution import returning
from cec.platform import clock, durations, i18n
from cec.platform.db import db
from cec.platform.i18n import gettext, mark
from cec.platform.journal import Entry
from cec.staff.readers import Person
from cec.web import parts
from cec.web.operator import pictures
from cec.web.parts import until


@dataclass(slots=True)
class Line:
    """One line of the feed."""

    kind: str
    id: str
    at: dt.datetime
    text: str = ""
    # An answer with its formatting.
    html: Markup | None = None
    author: str = ""
    icon: str = ""
    detail: str = ""
    quoted: str = ""
    # Follows a message of the same author: his name is not repeated.
    joined: bool = False
    message: Said | None = None
    # The page of a site on which it was written, where that is another one than before: address and title.
    page: tuple[str, str] | None = None
    # What mail systems reported about the message.
    reports: Sequence[Said] = ()


def lines(
    appeal: Appeal | Opened, messages: list[Said], entries: list[Entry], *, reader: Person, new_from: int | None
) -> list[Line]:
    """Order messages and events by time, with a line before each day and before what is new."""
    people = {f"employee:{message.author_id}": message.author_name for message in messages if message.author_name}
    names = _names(entries, people | {reader.key: reader.name})
    shown = {message.id for message in messages}
    reports: dict[int | None, list[Said]] = {}
    for message in messages:
        reports.setdefault(message.about_id, []).append(message)
    known = [
        _message(message, appeal, reader, reports.get(message.id, ()))
        for message in messages
        if message.about_id not in shown
    ]
    told = [_event(entry, names, reader) for entry in entries]
    return list(_with_marks(sorted([*known, *told], key=lambda line: line.at), new_from))


def between(entries: list[Entry], first: Said | None, behind: Message | None) -> list[Entry]:
    """Keep what happened from one message on, up to another; without a message there is no bound."""
    return [
        entry
        for entry in entries
        if (first is None or entry.at >= first.created_at) and (behind is None or entry.at < behind.created_at)
    ]


def _with_marks(ordered: Iterable[Line], new_from: int | None) -> Iterator[Line]:
    day, before, page = None, None, None
    for line in ordered:
        page = _mark_page(line, page)
        if (its_day := i18n.local(line.at).date()) != day:
            day, before = its_day, None
            yield Line("day", f"day-{day:%Y%m%d}", line.at, text=_day(line.at))
        if new_from and line.message and line.message.id == new_from:
            before = None
            yield Line("new", "newline", line.at)
        line.joined = bool(line.message and before == (line.kind, line.author))
        yield line
        before = (line.kind, line.author)


def _mark_page(line: Line, before: tuple[str, str] | None) -> tuple[str, str] | None:
    """Note the page that a visitor has gone to since his last message."""
    meta = line.message.headers.get("meta", {}) if line.message else {}
    if not meta.get("page"):
        return before
    page = (meta["page"], meta.get("title") or meta["page"])
    line.page = page if page != before else None
    return page


def _day(at: dt.datetime) -> str:
    if i18n.local(at).date() == i18n.local(clock.now()).date():
        return gettext("Today, {day}").format(day=i18n.long_day(at))
    return i18n.long_day(at)


def _message(message: Said, appeal: Appeal | Opened, reader: Person, reports: Sequence[Said] = ()) -> Line:
    fresh = message.fresh_text if message.fresh_text is not None else message.text
    rest = message.text.strip().removeprefix(fresh.strip()).strip() if fresh.strip() else ""
    return Line(
        "note" if message.direction == Direction.NOTE else "message",
        f"m-{message.id}",
        message.created_at,
        text=_with_gone(fresh.strip() or message.text.strip(), message),
        quoted=rest if fresh.strip() != message.text.strip() else "",
        author=_author(message, appeal, reader),
        html=_formatted(message),
        message=message,
        reports=reports,
    )


def _with_gone(text: str, message: Said) -> str:
    """Say what a message had, and has no more: its term is over, or its client was forgotten."""
    files = message.headers.get("removed_files")
    has_words = text or message.html or message.has_letter or message.attachments
    told = [
        text or ("" if has_words or files else gettext("The text was removed.")),
        gettext("Files removed: {n}").format(n=files) if files else "",
    ]
    return "\n".join(filter(None, told))


def _formatted(message: Said) -> Markup | None:
    if not message.html:
        return None
    return Markup(pictures.shown(formatting.shown(message.html)))  # noqa: S704 - cleaned by the line itself


def _author(message: Said, appeal: Appeal | Opened, reader: Person) -> str:
    if message.about_id:
        return gettext("The mail system")
    if message.direction == Direction.IN:
        return _sender(message, appeal)
    if message.author_id == reader.id:
        return gettext("You")
    return message.author_name or gettext("Sent automatically")


def _sender(message: Said, appeal: Appeal | Opened) -> str:
    """Name who wrote: the client, or somebody else who takes part, by what his mail program calls him."""
    address = message.headers.get("from") or ""
    if not address or address.lower() == appeal.address.value.lower():
        return name_of(appeal)
    return message.headers.get("name") or address


def name_of(appeal: Appeal | Opened) -> str:
    """Name the client as his card does, else as his mail did."""
    return appeal.client.name if appeal.client else appeal.address.display or appeal.address.value


# What happened: icon and sentence; {who} acted, {name} is the other one.
_SENTENCES = {
    "appeal.begun": ("send", mark("{who} wrote to the client first")),
    "appeal.offered": ("affiliate", mark("Offered to {name}")),
    "appeal.accepted": ("player-play", mark("{who} took it into work")),
    "appeal.declined": ("circle-x", mark("{who} declined the offer")),
    "appeal.missed": ("clock-exclamation", mark("{name} missed the offer")),
    "appeal.returned": ("stack-2", mark("Returned to the queue: {name} left")),
    "appeal.transferred": ("arrow-forward-up", mark("{who} transferred it to “{to}”")),
    "appeal.postponed": ("clock-pause", mark("{who} postponed it {until}")),
    "appeal.awaiting_client": ("hourglass", mark("{who} waits for the client {until}")),
    "appeal.closed": ("circle-check", mark("{who} closed it: {resolution}")),
    "appeal.reopened": ("arrow-back-up", mark("Opened again")),
    "appeal.spam": ("ban", mark("{who} marked it as spam")),
    "appeal.topic_changed": ("tags", mark("{who} chose the topic “{topic}”")),
    "appeal.rated": ("star", mark("{who} rated it: {mark} of 5")),
    "appeal.escalated": ("alert-triangle", mark("Nobody has answered in time")),
    "appeal.idle": ("clock-exclamation", mark("{name} has done nothing with it for {span}")),
    "appeal.diverted": ("arrow-forward-up", mark("“{left}” was full: it went to “{into}”")),
    "appeal.abandoned": ("logout", mark("{who} left the site before anybody answered")),
    "client.left": ("logout", mark("{who} left the site")),
    "client.returned": ("player-play", mark("{who} is on the site again")),
    "client.opted_out": ("bell-off", mark("{who} does not want to be written to first")),
    "client.opted_back_in": ("send", mark("{who} noted: the client may be written to first again")),
    "appeal.channel_changed": ("arrow-forward-up", mark("{who} went on in another channel: {channel}")),
    "auto_reply.withheld": ("robot", mark("The automatic answer “{reply}” was not sent: {because}")),
    "appeal.rerouted": ("arrow-forward-up", mark("“{left}” was closed: it went to “{into}”")),
}
_RETURNED_OFFLINE = mark("Returned to the queue: the link to {name} was lost")
_OPTED_OUT_BY = mark("{who} noted: the client does not want to be written to first")
_BEGUN_SERVICE = mark("{who} wrote to the client first, a service message")
_RETURNED_IDLE = mark("Returned to the queue: {name} did nothing with it for too long")
_RESUMED = {
    "timer": mark("Back from waiting: the time is over"),
    "client": mark("Back from waiting: the client wrote"),
    "recalled": mark("{who} took it back"),
}


def _sentence(entry: Entry) -> tuple[str, str]:
    """Choose the icon and the sentence of what happened, by why or by whom it did."""
    facts = entry.facts
    icon, sentence = _SENTENCES.get(entry.name, ("history", ""))
    if entry.name == "appeal.resumed":
        return icon, _RESUMED.get(facts.get("cause", ""), _RESUMED["timer"])
    if entry.name == "appeal.returned" and facts.get("reason"):
        return icon, _RETURNED_IDLE if facts["reason"] == returning.IDLE else _RETURNED_OFFLINE
    if entry.name == "appeal.begun" and facts.get("service"):
        return icon, _BEGUN_SERVICE
    if entry.name == "client.opted_out" and entry.by.startswith("employee:"):
        return icon, _OPTED_OUT_BY
    return icon, sentence


def _event(entry: Entry, names: dict[str, str], reader: Person) -> Line:
    facts = entry.facts
    icon, sentence = _sentence(entry)
    words = {
        "who": _called(entry.by, names, reader),
        "name": _called(f"employee:{facts['employee_id']}", names, reader) if "employee_id" in facts else "",
        "to": facts.get("to_name", ""),
        "until": until(dt.datetime.fromisoformat(facts["until"])) if facts.get("until") else "",
        "resolution": facts.get("resolution", ""),
        "topic": facts.get("topic", ""),
        "mark": facts.get("mark", ""),
        "span": durations.write(dt.timedelta(minutes=facts.get("minutes", 0))),
        "left": facts.get("from", ""),
        "into": facts.get("into", ""),
        "reply": facts.get("reply", ""),
        "because": _reason(facts),
        "channel": parts.channel(facts.get("into", "")).word if entry.name == "appeal.channel_changed" else "",
    }
    return Line(
        "event", f"e-{entry.id}", entry.at, text=gettext(sentence).format(**words), icon=icon, detail=_detail(facts)
    )


def _reason(facts: dict[str, Any]) -> str:
    because = facts.get("because")
    return gettext(because) if because else ""


def told(entry: Entry, *, reader: Person) -> str:
    """Say one thing that happened, with its reason."""
    line = _event(entry, {}, reader)
    return " · ".join(part for part in (line.text, line.detail) if part)


def _detail(facts: dict[str, Any]) -> str:
    reason = form_options.REASONS.get(facts.get("reason") or "")
    told = [gettext(reason) if reason else "", facts.get("comment") or ""]
    return " · ".join(part for part in told if part)


def _called(by: str, names: dict[str, str], reader: Person) -> str:
    return gettext("You") if by == reader.key else names.get(by) or lifecycle.name_of(by)


def _names(entries: list[Entry], known: dict[str, str]) -> dict[str, str]:
    """Give the names of everybody mentioned; who has not written here is read, in one statement."""
    mentioned = {entry.by for entry in entries} | {f"employee:{entry.facts.get('employee_id')}" for entry in entries}
    ids = [int(key[9:]) for key in mentioned - known.keys() if key.startswith("employee:") and key[9:].isdigit()]
    people = db.session.execute(_PEOPLE, {"ids": ids}) if ids else ()
    return known | {f"employee:{number}": name for number, name in people}


_PEOPLE = text("SELECT id, name FROM employee WHERE id = ANY(:ids)")
