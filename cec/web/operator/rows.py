"""The rows of the operator's list, drawn without a template: he may hold fifty, and they are drawn anew all day."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice, zip_longest

from markupsafe import Markup

from cec.appeals.queries import WorklistItem
from cec.distribution.broadcasting import UpForTaking
from cec.platform.i18n import gettext as _
from cec.platform.i18n import ngettext
from cec.web import filters, parts, small


@dataclass(frozen=True)
class Shown:
    """What a row shows beside itself: which appeal is open, its place by urgency, what is pinned."""

    open_id: int | None
    ranks: Mapping[int, int]
    pins: Collection[int]


VIP = '<span class="chip sm plain violet">VIP</span>'


def drawn(rows: Sequence[WorklistItem], shown: Shown, *, numbered: bool = False) -> Markup:
    """Draw a group of the list; keys open the first nine of a numbered one."""
    keys = range(1, 10) if numbered else ()
    items = (_item(row, key, shown) for row, key in zip_longest(rows, islice(keys, len(rows))))
    return Markup("\n".join(items))  # noqa: S704 - what came from outside is escaped


def _item(row: WorklistItem, key: int | None, shown: Shown) -> str:
    at, is_open = f"/operator/appeals/{row.id}", row.id == shown.open_id
    place = f' tabindex="{0 if is_open else -1}" data-rank="{shown.ranks[row.id]}"'
    marks = (f' data-key="Alt+Digit{key}"' if key else "") + (' aria-current="true"' if is_open else "")
    sign = f'<span class="key" aria-hidden="true">{key}</span>' if key else ""
    return (
        f'<div class="wl-row" id="wl-row-{row.id}">'
        f'<a class="wl-item{" unread" if row.unread else ""}" id="wl-{row.id}" data-id="{row.id}"{place} href="{at}"'
        f' hx-get="{at}" hx-target="#appeal" hx-swap="outerHTML" hx-push-url="true"{marks}>{small.channel(row.channel)}'
        f'<span class="grow">{_who(row)}{_last(row)}{_due(row)}</span>{sign}</a>'
        f"{_pin(row, is_pinned=row.id in shown.pins)}</div>"
    )


def taking(items: Sequence[UpForTaking]) -> Markup:
    """Draw the group of what may be taken: who waits, since when, and the button that takes it."""
    return Markup("\n".join(_up_for_taking(item) for item in items))  # noqa: S704 - what came from outside is escaped


def _up_for_taking(item: UpForTaking) -> str:
    label, word = _("Take %(name)s") % {"name": item.name}, _("Take")
    vip = VIP if item.segment == "vip" else ""
    return (
        f'<div class="wl-row" id="take-row-{item.id}"><div class="wl-item">{small.channel(item.channel)}'
        f'<span class="grow"><span class="l1"><span class="name cut">{escape(item.name)}</span> {vip}'
        f' <time class="ago" title="{filters.exact(item.since)}">{parts.ago(item.since)}</time></span>'
        f'<span class="l2"><span class="last cut">{escape(item.words or _("No text"))}</span></span>'
        f'<span class="l2"><span class="last cut">{escape(item.queue)}</span>'
        f'<button class="btn sm" type="button" id="take-{item.id}" data-accept aria-label="{escape(label)}"'
        f' hx-post="/operator/taking/{item.id}" hx-target="#worklist">{word}</button></span></span></div></div>'
    )


def _pin(row: WorklistItem, *, is_pinned: bool) -> str:
    name = _("Pin %(name)s") % {"name": escape(row.name)}
    words = _("Unpin") if is_pinned else _("Pin at the head of the group")
    act, pressed = ("hx-delete", "true") if is_pinned else ("hx-put", "false")
    return (
        f'<button class="pin" type="button" id="pin-{row.id}" data-pin tabindex="-1" aria-pressed="{pressed}"'
        f' aria-label="{name}" title="{words}" {act}="/operator/appeals/{row.id}/pin" hx-target="#worklist">'
        f"{small.icon('pinned' if is_pinned else 'pin', 'sm')}</button>"
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
