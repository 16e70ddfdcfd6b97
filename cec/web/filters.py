"""How templates say moments, durations and numbers."""

import datetime as dt
from functools import lru_cache

from babel.numbers import format_decimal
from flask import Flask
from markupsafe import Markup

from cec.platform import clock, durations, i18n
from cec.platform.i18n import gettext as _

MINUTE, HOUR = 60, 3600


def local_time(moment: dt.datetime) -> str:
    """Say the time of day: 12:04."""
    return i18n.time(moment)


def day(moment: dt.datetime) -> str:
    """Say a moment as short as it stays clear: 12:04 today, yesterday, 20 Nov."""
    return i18n.day(moment, now=clock.now())


def exact(moment: dt.datetime) -> str:
    """Say a moment in full, for a title: 23 November 2025, 12:04."""
    return i18n.exact(moment)


def for_field(moment: dt.datetime) -> str:
    """Write a moment as a datetime field wants it."""
    return i18n.local(moment).strftime("%Y-%m-%dT%H:%M")


def duration(span: dt.timedelta) -> str:
    """Say a duration: 9:05 below an hour, 3 h 12 m, 2 d 4 h; numbers stay with their units."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < HOUR:
        return f"{seconds // MINUTE}:{seconds % MINUTE:02d}"
    hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
    if hours < 24:  # noqa: PLR2004 - hours of a day
        return _("%(hours)d h %(minutes)d m") % {"hours": hours, "minutes": minutes}
    return _("%(days)d d %(hours)d h") % {"days": hours // 24, "hours": hours % 24}


def hours_of(span: dt.timedelta) -> str:
    """Say how long somebody works: 40, 38:30; nothing is a dash."""
    minutes = int(span.total_seconds()) // MINUTE
    if not minutes:
        return "—"
    return f"{minutes // MINUTE}:{minutes % MINUTE:02d}" if minutes % MINUTE else str(minutes // MINUTE)


def number(value: float) -> str:
    """Say a number with a no-break space between thousands and the comma of the language."""
    return _number(value, i18n.language())


@lru_cache(4096)
def _number(value: float, language: str) -> str:
    return str(format_decimal(value, locale=language))


def size(count: int) -> str:
    """Say a size of a file: 184 KB, 3.4 MB."""
    if count < 1000 * 1000:
        return _("%(n)s KB") % {"n": number(max(1, round(count / 1000)))}
    return _("%(n)s MB") % {"n": number(round(count / 1e6, 1))}


def translated(text: str) -> str:
    """Say a kept English sentence, such as the reason of a failure, in the reader's language."""
    return i18n.gettext(text) if text else ""


def said(text: str, **values: object) -> Markup:
    """Translate a text of a template and fill values in, escaped; what has none is made once per language."""
    return _text(text, i18n.language()) % values if values else _plain(text, i18n.language())


def counted(one: str, many: str, num: int, **values: object) -> Markup:
    """Translate a text with a number and fill it in, with other values, escaped."""
    return Markup(i18n.ngettext(one, many, num)) % {"num": num, **values}  # noqa: S704 - our own text


@lru_cache(4096)
def _text(text: str, _language: str) -> Markup:
    return Markup(i18n.gettext(text))  # noqa: S704 - our own text


@lru_cache(4096)
def _plain(text: str, _language: str) -> Markup:
    return Markup(i18n.gettext(text) % {})  # noqa: S704 - our own text


def install(app: Flask) -> None:
    """Teach the templates of an application."""
    for filter_ in (local_time, day, exact, for_field, duration, hours_of, number, size, translated):
        app.add_template_filter(filter_)
    app.add_template_filter(durations.write, "spoken")
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]
    app.jinja_env.globals.update(
        now=clock.now, language=i18n.language, zone=i18n.zone, _=said, gettext=said, ngettext=counted
    )
