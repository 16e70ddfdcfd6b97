"""What stands below a message of the client: what he changed afterwards, his signs, files that could not be fetched."""

import datetime as dt
from html import escape

from cec.appeals.reading import Said
from cec.platform.i18n import gettext as _
from cec.web import filters
from cec.web.small import icon


def drawn(said: Said) -> str:
    """Draw it; most messages have nothing of it."""
    told = said.headers
    if not told:
        return ""
    signs = "".join(f'<span class="chip sm">{escape(str(sign))}</span>' for sign in (told.get("signs") or {}).values())
    missing = "".join(map(_missing, told.get("unfetched") or ()))
    return _taken_back(told.get("deleted_at")) + _changed(told.get("was")) + missing + signs


def _taken_back(at: str | None) -> str:
    if not at:
        return ""
    when = filters.local_time(dt.datetime.fromisoformat(at))
    words = _("The client took this message back at {time}").format(time=when)
    return f'<div class="state warn">{icon("trash", "sm")}{words}</div>'


def _changed(was: list[dict[str, str]] | None) -> str:
    """Show the earlier wordings: an operator may have answered them."""
    if not was:
        return ""
    earlier = "".join(f'<div class="quote">{escape(each["text"])}</div>' for each in was)
    words = _("Changed by the client; earlier wording")
    return f'<details class="more"><summary>{words}</summary>{earlier}</details>'


def _missing(file: dict[str, str]) -> str:
    reason = file["reason"]
    words = _("The file “{name}” is not here: {reason}").format(name=file["name"], reason=_(reason))
    return f'<div class="state bad">{icon("alert-octagon", "sm")}{escape(words)}</div>'
