"""The bell, its list, what stands in the window, and the page of all notifications (guide 2.2.7, 3.8.1)."""

import datetime as dt
import itertools
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from cec.appeals.models import Appeal
from cec.notifications import preferences, queries, reading, words
from cec.notifications.models import Kind, Notification
from cec.notifications.queries import Filters
from cec.platform import clock, i18n
from cec.platform.db import LARGEST_ID, db
from cec.platform.i18n import gettext
from cec.staff.models import Employee
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.session import current_employee

bp = Blueprint("notifications", __name__, url_prefix="/notifications")

LATEST = 30
ICONS = {Kind.INFO: "info-circle", Kind.WARNING: "alert-triangle", Kind.ERROR: "alert-octagon"}


@bp.record_once
def _furnish(state: BlueprintSetupState) -> None:
    """Give templates the words and the looks of a notification."""
    state.app.jinja_env.globals.update(
        notice_words=words.of, notice_look=look, notice_opens=opens, notice_leads=leads, wanted_notices=preferences.of
    )


def look(notification: Notification) -> dict[str, str]:
    """Show a kind: the colour of its callout, its icon, what it sounds like."""
    kind = Kind(notification.kind)
    announced = notification.announcement
    colour = {Kind.WARNING: "warn", Kind.ERROR: "bad"}.get(Kind(announced.kind) if announced else kind, "")
    sound = "message" if notification.what == "client_wrote" else str(kind)
    return {"colour": colour, "icon": ICONS.get(kind, "speakerphone"), "sound": sound, "word": words.KINDS[kind]}


def opens(notification: Notification, reader: Employee) -> bool:
    """Tell whether the reader can open the appeal: it is still his."""
    return notification.appeal is not None and notification.appeal.operator_id == reader.id


def leads(notification: Notification) -> str:
    """Give the address of what a notification is about, if that is no appeal; else nothing."""
    facts = notification.facts
    if notification.what == "table_refused":
        return url_for("rules_versions.show_version", name=facts["name"], number=facts["version"])
    if notification.what == "forgetting_asked":
        return url_for("forgettings.show")
    if "subject" in facts:
        kind, _, number = facts["subject"].partition(":")
        return url_for(f"clients.show_{kind}", **{f"{kind}_id": number})
    return ""


@bp.get("/bell")
@allow(*Right)
def show_bell() -> str:
    """Draw the bell with its number, what rings now, and what stands in the window."""
    return _bell(current_employee())


def _bell(employee: Employee) -> str:
    return render_template(
        "notifications/bell.html",
        unread=queries.count_unread(employee),
        ringing=queries.ringing(employee),
        standing=queries.standing(employee),
        wanted=preferences.of(employee),
        reader=employee,
    )


@bp.get("/menu")
@allow(*Right)
def show_menu() -> str:
    """Draw what the bell opens."""
    return render_template("notifications/menu.html", kinds=_kinds(), **_latest())


@bp.get("/latest")
@allow(*Right)
def show_latest() -> str:
    """Draw the newest ones anew, narrowed as chosen."""
    return render_template("notifications/latest.html", **_latest())


@bp.get("")
@allow(*Right)
def show() -> str:
    """Draw a page of the last thirty days."""
    filters, reader = _filters(), current_employee()
    found = queries.page(reader, filters)
    page, more = found[: queries.PAGE], len(found) > queries.PAGE
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if value and name in {"unread", "kind"}}
    older = f"{page[-1].last_at.isoformat()}/{page[-1].id}" if more else None
    return render_template(
        "notifications/show.html",
        groups=_by_day(page),
        filters=filters,
        kinds=_kinds(),
        kept=kept,
        older=url_for("notifications.show", **kept, before=older) if older else None,
        reader=reader,
        unread=queries.count_unread(reader),
    )


@bp.post("/reading")
@allow(*Right)
def read() -> Response | str:
    """Mark one as read, or all of what is listed."""
    reader, which, filters = current_employee(), request.form.get("id", type=int), _filters()
    if which is None:
        reading.read_all(by=reader, kind=filters.kind)
    else:
        reading.read(which, by=reader)
    if request.headers.get("HX-Request") == "true":
        return render_template("notifications/latest.html", **_latest()) + _beside("bell", _bell(reader))
    return redirect(url_for("notifications.show", unread=filters.unread or None, kind=filters.kind), 303)


@bp.post("/<int:notification_id>/understood")
@allow(*Right)
def understand(notification_id: int) -> str:
    """Deal with what stands in the window."""
    reader = current_employee()
    reading.deal_with(notification_id, by=reader)
    db.session.flush()
    return _bell(reader)


@bp.post("/focus")
@allow(Right.HANDLE_APPEALS)
def focus() -> tuple[str, int]:
    """Learn which appeal the window shows: it needs no notifications, and those it had are read."""
    reader, appeal_id = current_employee(), request.form.get("appeal_id", type=int)
    # What is his no more by now is not looked at, and that is no mistake of the window.
    shown = db.session.get(Appeal, appeal_id) if appeal_id and 0 < appeal_id <= LARGEST_ID else None
    reading.look_at(shown.id if shown and shown.operator_id == reader.id else None, by=reader)
    return "", 204


def _beside(name: str, drawn: str) -> str:
    return f'<hx-partial hx-target="#{name}" hx-swap="outerMorph">{drawn}</hx-partial>'


def _latest() -> dict[str, object]:
    filters, reader = _filters(), current_employee()
    found = queries.page(reader, filters, limit=LATEST)[:LATEST]
    return {"groups": _by_day(found), "filters": filters, "reader": reader}


def _by_day(found: list[Notification]) -> list[tuple[str, list[Notification]]]:
    today = i18n.local(clock.now()).date()
    days = itertools.groupby(found, lambda each: i18n.local(each.last_at).date() == today)
    return [(gettext("Today") if is_today else gettext("Earlier"), list(each)) for is_today, each in days]


def _kinds() -> list[tuple[str, str]]:
    return [(str(kind), gettext(word)) for kind, word in words.KINDS.items()]


def _filters() -> Filters:
    asked = request.values
    kind = Kind(asked["kind"]) if asked.get("kind") in set(Kind) else None
    return Filters(unread=bool(asked.get("unread")), kind=kind, before=_before(asked.get("before", "")))


def _before(text: str) -> tuple[dt.datetime, int] | None:
    moment, _, number = text.partition("/")
    try:
        at, last = dt.datetime.fromisoformat(moment), int(number)
    except ValueError:
        return None
    return (at, last) if at.tzinfo and 0 < last <= LARGEST_ID else None
