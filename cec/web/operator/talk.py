"""The lines of a conversation, drawn without a template: there are hundreds, and each is drawn at every redraw."""

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape

from markupsafe import Markup

from cec.appeals import pictures
from cec.appeals.models import Direction, MessageState
from cec.appeals.reading import File, Said
from cec.channels.email import forwarded, sender_check
from cec.platform import clock, i18n
from cec.platform.i18n import gettext as _
from cec.web import filters, parts
from cec.web.operator import marks
from cec.web.operator.feed import Line
from cec.web.small import icon, moment

# So many of those who got a copy are named.
COPIES = 5


def drawn(lines: Iterable[Line], *, marked: bool = True, mine: bool = True) -> Markup:
    """Draw a conversation; days that are not marked may be on the page twice, what is not mine is only read."""
    return Markup("\n".join(_line(line, marked, mine) for line in lines))  # noqa: S704 - what came from outside is escaped


def _line(line: Line, marked: bool, mine: bool) -> str:  # noqa: FBT001
    if line.kind == "day":
        return _filled('<div class="day"{}>{}</div>', f' id="{line.id}"' if marked else "", escape(line.text))
    if line.kind == "new":
        return _filled('<div class="newline" id="newline">{}</div>', _("New messages"))
    if line.message is None:
        return _event(line)
    if line.kind == "note":
        return _note(line, line.message)
    return _message(line, line.message, mine)


def _message(line: Line, said: Said, mine: bool) -> str:  # noqa: FBT001
    out = said.direction == Direction.OUT
    look = f"{' out' if out else ''}{_LOOKS.get(MessageState(said.state), '')}"
    told = _delivery(said, mine) if out else _sender_check(said)
    by = _by(line, said, told) if out or told or not line.joined else ""
    files = "".join(_file(attachment) for attachment in said.attachments if not attachment.content_id)
    return _filled(
        '<article class="msg{}" id="m-{}">{}<div class="text">{}{}{}{}{}{}</div></article>',
        look, said.id, by + _copies(said) + _page(line), _words(line), _quoted(line, said), files, marks.drawn(said),
        undelivered(said, line.reports),
        _as_sent(said) if said.has_letter else "",
    )  # fmt: skip


_LOOKS = {MessageState.FAILED: " failed", MessageState.QUEUED: " waiting", MessageState.UNKNOWN: " waiting"}


def _by(line: Line, said: Said, state: str) -> str:
    return f'<div class="by"><b>{escape(line.author)}</b>{_time(said.created_at)}{state}</div>'


def _sender_check(said: Said) -> str:
    """Draw what our mail server found out about the sender; nothing when it is not certain of anything."""
    check = said.headers.get("check")
    if not check or not check["verdict"]:
        return ""
    details = ", ".join(f"{name.upper()} {check[name]}" for name in ("dmarc", "dkim", "spf") if name in check)
    known = check["verdict"] == sender_check.PASS
    return _filled(
        '<span class="state {}" title="{}">{}{}</span>',
        "" if known else "bad",
        escape(f"{check['by']}: {details}"),
        icon("shield-check" if known else "alert-octagon"),
        _("sender confirmed") if known else _("The sender may be forged"),
    )


def _copies(said: Said) -> str:
    """Name who else got a letter of the client's."""
    copies = said.headers.get("cc") if said.direction == Direction.IN else None
    if not copies:
        return ""
    more = f" +{len(copies) - COPIES}" if len(copies) > COPIES else ""
    return f'<div class="by wrap">{_("Cc")}: {escape(", ".join(copies[:COPIES]))}{more}</div>'


def _page(line: Line) -> str:
    """Name the page of the site where a visitor writes."""
    if line.page is None:
        return ""
    address, title = line.page
    return _filled(
        '<div class="by wrap">{}<a href="{}" target="_blank" rel="noopener noreferrer">{}</a></div>',
        icon("world", "sm"), escape(address), escape(title),
    )  # fmt: skip


def _words(line: Line) -> str:
    if line.html:
        return f'<div class="letter">{line.html}</div>'
    return f"<p>{escape(line.text)}</p>" if line.text else ""


def _quoted(line: Line, said: Said) -> str:
    if not line.quoted:
        return ""
    pattern = '<details class="more" id="q-{}" hx-morph-skip><summary>{}</summary><div class="quote">{}</div></details>'
    return _filled(pattern, said.id, _("Quoted history"), escape(line.quoted))


def _as_sent(said: Said) -> str:
    words = icon("mail-opened", "sm") + _("Show the letter as sent")
    return (
        f'<div class="as-sent" id="html-{said.id}" hx-morph-skip><button class="btn sm quiet" type="button"'
        f' hx-get="/operator/messages/{said.id}/letter" hx-target="#html-{said.id}" hx-swap="innerHTML">'
        f"{words}</button></div>"
    )


def _file(attachment: File) -> str:
    at, name = f"/operator/attachments/{attachment.id}", escape(attachment.name)
    shown, thumb = "", str(icon("photo" if attachment.type.startswith("image/") else "file-text", "lg"))
    if attachment.type in pictures.TYPES:
        shown = f' data-picture="{at}/picture"'
        thumb = f'<img src="{at}/picture" alt="" width="34" height="34" loading="lazy">'
    read = _letter_inside(attachment, at) if forwarded.is_letter(attachment.name, attachment.type) else ""
    return _filled(
        '<a class="file" href="{}" download="{}"{}><span class="thumb">{}</span>'
        '<span>{}<br><span class="muted">{}</span></span></a>{}',
        at, name, shown, thumb, name, filters.size(attachment.size), read,
    )  # fmt: skip


def _letter_inside(attachment: File, at: str) -> str:
    return _filled(
        '<details class="more" id="f-{}" hx-morph-skip hx-get="{}/letter" hx-trigger="toggle once"'
        ' hx-target="find .inside"><summary>{}</summary><div class="inside" aria-live="polite"></div></details>',
        attachment.id, at, _("Read the letter inside"),
    )  # fmt: skip


def _delivery(said: Said, mine: bool) -> str:  # noqa: FBT001
    look = parts.delivery(said)
    if look is None:
        return ""
    state = f'<span class="state {look.colour}">{icon(look.icon)}{escape(look.word)}</span>'
    return state + (_acts(said) if mine else "")


def _acts(said: Said) -> str:
    at = f"/operator/messages/{said.id}"
    if said.state == MessageState.QUEUED and said.attempts == 0 and said.due_at and said.due_at > clock.now():
        undo = f'data-undo data-gone="{moment(said.due_at)}" hx-delete="{at}"'
        return _button(undo, icon("arrow-back-up", "sm") + _("Cancel sending"))
    if said.state not in (MessageState.FAILED, MessageState.UNKNOWN):
        return ""
    retry = _button(f'hx-post="{at}/retry"', icon("refresh", "sm") + _("Retry"))
    return retry + (_button(f'hx-post="{at}/arrival"', _("It was sent")) if said.state == MessageState.UNKNOWN else "")


def _button(act: str, words: str) -> str:
    return f'<button class="btn sm" type="button" {act} hx-target="#appeal">{words}</button>'


def undelivered(said: Said, reports: Sequence[Said]) -> Markup:
    """Draw whom a message has not reached, and what mail systems reported about it."""
    if not said.undelivered and not reports:
        return Markup("")
    missed = (_missed(address, told.get("reason", ""), told["final"]) for address, told in said.undelivered.items())
    return Markup("".join([*missed, *map(_report, reports)]))  # noqa: S704 - what came from outside is escaped


def _missed(address: str, reason: str, final: bool) -> str:  # noqa: FBT001
    words = _("Not delivered to %(address)s") if final else _("Not delivered to %(address)s yet")
    return _filled(
        '<p class="undelivered {}">{}<span>{}{}</span></p>',
        "bad" if final else "warn", icon("alert-octagon" if final else "clock-exclamation", "sm"),
        escape(words % {"address": address}), f": {escape(reason)}" if reason else "",
    )  # fmt: skip


def _report(report: Said) -> str:
    words = _("What the mail system wrote, %(time)s") % {"time": filters.local_time(report.created_at)}
    return _filled(
        '<details class="more" id="r-{}" hx-morph-skip><summary>{}</summary><div class="quote">{}</div>{}</details>',
        report.id, words, escape(report.text), "".join(map(_file, report.attachments)),
    )  # fmt: skip


def _note(line: Line, said: Said) -> str:
    return _filled(
        '<div class="intnote" id="m-{}">{}<div><div class="by"><b>{}</b> · {} · {} · {}</div><p>{}</p></div></div>',
        said.id, icon("note"), _("Internal note"), escape(line.author), _time(said.created_at),
        _("the client does not see it"), escape(said.text),
    )  # fmt: skip


def _event(line: Line) -> str:
    detail = f" <b>{escape(line.detail)}</b>" if line.detail else ""
    pattern = '<div class="sys" id="e-{}">{}<span>{} · {}{}</span></div>'
    return _filled(pattern, line.id, icon(line.icon, "sm"), _time(line.at), escape(line.text), detail)


def _time(at: dt.datetime) -> str:
    return _time_for(at, i18n.language(), i18n.zone())


@lru_cache(8192)
def _time_for(at: dt.datetime, _language: str, _zone: str) -> str:
    """Write it once for all who read in this language and zone: a conversation is drawn again and again."""
    return f'<time title="{filters.exact(at)}">{filters.local_time(at)}</time>'


def _filled(pattern: str, *values: object) -> str:
    return pattern.format(*values)
