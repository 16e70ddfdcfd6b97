"""Texts in the language of the reader; English in the source, Russian complete and the default."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = {"ru": "Русский", "en": "English"}
DEFAULT = "ru"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT)
_zone: ContextVar[ZoneInfo] = ContextVar("zone", default=ZoneInfo("Europe/Moscow"))  # noqa: B039 - never changes


@cache
def _catalogue(code: str) -> NullTranslations:
    if code == "en":
        return NullTranslations()
    source = LOCALE / code / "LC_MESSAGES" / "messages.po"
    made = source.with_suffix(".mo")
    if not made.exists() or (source.exists() and made.stat().st_mtime < source.stat().st_mtime):
        # In development: a changed catalogue is not compiled yet.
        compiled = BytesIO()
        write_mo(compiled, read_po(BytesIO(source.read_bytes())))
        compiled.seek(0)
        return Translations(compiled)
    return Translations.load(LOCALE, [code])


def known(code: object) -> str | None:
    """Give a language that a program names, if it is one of ours."""
    return code if isinstance(code, str) and code in LANGUAGES else None


def language() -> str:
    """Tell the reader's language."""
    return _language.get()


@contextmanager
def reader(code: str, zone: str) -> Iterator[None]:
    """Speak a language and a time zone for a while."""
    spoken, lived = _language.set(code if code in LANGUAGES else DEFAULT), _zone.set(ZoneInfo(zone))
    try:
        yield
    finally:
        _language.reset(spoken)
        _zone.reset(lived)


def zone() -> str:
    """Tell the reader's time zone."""
    return _zone.get().key


def gettext(text: str) -> str:
    """Translate."""
    return _translated(text, _language.get())


@lru_cache(8192)
def _translated(text: str, language_: str) -> str:
    return str(_catalogue(language_).ugettext(text))


def ngettext(one: str, many: str, n: int) -> str:
    """Translate with a number."""
    return str(_catalogue(_language.get()).ungettext(one, many, n))


_ = gettext


def mark(text: str) -> str:
    """Mark a text for translation that is kept in English and translated where it is shown."""
    return text


def local(moment: dt.datetime) -> dt.datetime:
    """Turn a moment into the reader's wall clock."""
    return moment.astimezone(_zone.get())


def from_local(text: str) -> dt.datetime:
    """Read what a person typed into a datetime field, in his zone.

    :raises ValueError: when it is no date and time.
    """
    return dt.datetime.fromisoformat(text).replace(tzinfo=_zone.get()).astimezone(dt.UTC)


def day(moment: dt.datetime, *, now: dt.datetime) -> str:
    """Say a moment as short as it stays clear: 12:04 today, вчера, 20 нояб., 3 авг. 2025."""
    here, today = local(moment), local(now).date()
    if here.date() == today:
        return time(moment)
    if here.date() == today - dt.timedelta(days=1):
        return gettext("yesterday")
    pattern = "d MMM" if here.year == today.year else "d MMM y"
    return _date(here.date(), pattern, language())


def long_day(moment: dt.datetime) -> str:
    """Say a day in full."""
    return _date(local(moment).date(), _LONG, language())


_LONG = "d MMMM y"


@lru_cache(4096)
def _date(date: dt.date, pattern: str, language_: str) -> str:
    return str(format_date(date, pattern, locale=language_))


def time(moment: dt.datetime) -> str:
    """Say the time of day."""
    return _clock(local(moment))


def exact(moment: dt.datetime) -> str:
    """Say a moment in full: 23 November 2025, 12:04."""
    here = local(moment)
    return f"{_date(here.date(), _LONG, language())}, {_clock(here)}"


def _clock(here: dt.datetime) -> str:
    return f"{here.hour:02}:{here.minute:02}"
