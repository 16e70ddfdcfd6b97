"""The rows of the operator's list, drawn without a template: he may hold fifty, and they are drawn anew all day."""

from collections.abc import Sequence
from itertools import islice, zip_longest

from markupsafe import Markup, escape

from cec.appeals.queries import WorklistItem
from cec.platform.i18n import gettext as _
from cec.platform.i18n import ngettext
from cec.web import filters, parts, small

VIP = '<span class="chip sm plain violet">VIP</span>'


def drawn(rows: Sequence[WorklistItem], *, open_id: int | None, numbered: bool = False) -> Markup:
    """Draw a group of the list; keys open the first nine of a numbered one."""
    keys = range(1, 10) if numbered else ()
    return Markup("\n").join(
        _item(row, key, is_open=row.id == open_id) for row, key in zip_longest(rows, islice(keys, len(rows)))
    )


def _item(row: WorklistItem, key: int | None, *, is_open: bool) -> Markup:
    at = f"/operator/appeals/{row.id}"
    marks = (f' data-key="Alt+Digit{key}"' if key else "") + (' aria-current="true"' if is_open else "")
    sign = f'<span class="key" aria-hidden="true">{key}</span>' if key else ""
    return Markup(  # noqa: S704 - what came from outside is escaped
        f'<a class="wl-item{" unread" if row.unread else ""}" id="wl-{row.id}" data-id="{row.id}" href="{at}"'
        f' hx-get="{at}" hx-target="#appeal" hx-swap="outerHTML" hx-push-url="true"{marks}>{small.channel(row.channel)}'
        f'<span class="grow">{_who(row)}{_last(row)}{_due(row)}</span>{sign}</a>'
    )


def _who(row: WorklistItem) -> str:
    ago = f"{small.icon('player-pause', 'sm')} {parts.back(row.wake_at)}" if row.wake_at else parts.ago(row.last_at)
    return (
        f'<span class="l1"><span class="name cut">{escape(row.name)}</span> {VIP if row.segment == "vip" else ""}'
        f' <time class="ago" title="{filters.exact(row.last_at)}">{ago}</time></span>'
    )


def _last(row: WorklistItem) -> str:
    you = _("You:") + " " if row.last_direction == "out" else ""
    words = escape(row.last_text or _("No text"))
    return f'<span class="l2"><span class="last cut">{you}{words}</span>{_unread(row.unread)}</span>'


def _unread(number: int) -> str:
    if not number:
        return ""
    words = ngettext("%(num)d unread", "%(num)d unread", number) % {"num": number}
    return f' <span class="badge-n ">{number}</span><span class="sr">{words}</span>'


def _due(row: WorklistItem) -> str:
    if row.wake_at or not row.due_response or not row.due_since:
        return ""
    return small.deadline(row.due_response, row.due_since)
