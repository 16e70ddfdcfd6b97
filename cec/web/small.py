"""The small parts that a page has hundreds of - icon, channel, status, deadline, moment - drawn without a template.

A macro costs ten times as much as what it says; what does not change is drawn once per language.
"""

import datetime as dt
from functools import lru_cache

from markupsafe import Markup, escape

from cec.platform import clock, i18n
from cec.web import filters, parts
from cec.web.templating import part


def drawn(pattern: str, *values: object) -> Markup:
    """Fill values into a pattern of ours, escaped."""
    return Markup(pattern.format(*map(escape, values)))  # noqa: S704 - the pattern is ours, the values are escaped


@lru_cache(1024)
def icon(name: str, size: str = "") -> Markup:
    """Draw an icon of the sprite."""
    return drawn('<svg class="{}" aria-hidden="true"><use href="#i-{}"></use></svg>', f"i {size}".strip(), name)


def same(name: str, **values: str | bool) -> Markup:
    """Draw a part that is the same on every page, or for a few values, once per language."""
    return _same(name, i18n.language(), tuple(values.items()))


@lru_cache(64)
def _same(name: str, _language: str, values: tuple[tuple[str, str | bool], ...]) -> Markup:
    return Markup(part(name, **dict(values)))  # noqa: S704 - a template escapes by itself


def channel(value: str, size: str = "") -> Markup:
    """Draw a channel: its sign, with its word for who does not see it."""
    return _channel(value, size, i18n.language())


@lru_cache(256)
def _channel(value: str, size: str, _language: str) -> Markup:
    look = parts.channel(value)
    pattern = '<span class="chan {} {}" role="img" aria-label="{}" title="{}">{}</span>'
    return drawn(pattern, look.colour, size, look.word, look.word, icon(look.icon))


def status(value: str, since: dt.datetime | None = None, size: str = "") -> Markup:
    """Draw a status of an appeal; `since` when adds a running time."""
    look, running = parts.status(value), ""
    if since:
        pattern = ' <time data-since="{}" title="{}">{}</time>'
        running = drawn(pattern, moment(since), filters.exact(since), filters.duration(clock.now() - since))
    return drawn('<span class="chip {} {}">{}{}{}</span>', look.colour, size, icon(look.icon), look.word, running)


def priority(points: int, short: bool = False) -> Markup:  # noqa: FBT001, FBT002 - as templates call it
    """Draw points as bars, word and number; a short one keeps its word for who does not see it."""
    return _priority(points, short, i18n.language())


@lru_cache(1024)
def _priority(points: int, short: bool, _language: str) -> Markup:  # noqa: FBT001
    level, word = parts.priority(points)
    bars = Markup("").join(Markup('<i class="on"></i>') if step < level else Markup("<i></i>") for step in range(4))
    return drawn(
        '<span class="{}"><span class="bars" aria-hidden="true">{}</span><span{}>{}</span>'
        ' <span class="{}">{}</span></span>',
        "prio urgent" if level == 4 else "prio",  # noqa: PLR2004 - the highest
        bars,
        Markup(' class="sr"') if short else "",
        word,
        "num" if level == 4 else "num muted",  # noqa: PLR2004
        points,
    )


def deadline(due: dt.datetime, since: dt.datetime, inline: bool = False) -> Markup:  # noqa: FBT001, FBT002
    """Draw how much of the time is left."""
    judged = parts.deadline(due, since)
    return Markup(  # noqa: S704 - words of ours and moments
        f'<span class="sla {judged.kind}{" inline" if inline else ""}" data-due="{moment(due)}"'
        f' data-from="{moment(since)}" title="{escape(filters.exact(due))}">'
        '<span class="track" aria-hidden="true"><i class="used"></i></span>'
        f'<span class="word"><span class="mark-warn">{icon("clock-exclamation", "sm")}</span>'
        f'<span class="mark-bad">{icon("alert-octagon", "sm")}</span><span data-word>{escape(judged.word)}</span>'
        "</span></span>"
    )


def rated(mark: int | None) -> Markup:
    """Draw the mark that the client gave, if he gave one."""
    if not mark:
        return Markup("")
    return drawn('<span class="chip sm">{}{}</span>', icon("star"), i18n.gettext("Rated {mark} of 5").format(mark=mark))


def counter(n: int, kind: str = "") -> Markup:
    """Draw a number in a badge."""
    return drawn('<span class="badge-n {}">{}</span>', kind, n)


def moment(value: dt.datetime) -> str:
    """Write a moment for scripts."""
    return value.isoformat(timespec="milliseconds")
