"""Announcements to the people of the centre: published, changed, withdrawn; who has acknowledged (guide 2.2.7)."""

import datetime as dt

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.notifications import announcing, words
from cec.notifications.announcing import Content
from cec.platform import clock
from cec.platform.errors import InvalidFields, Refusal
from cec.platform.i18n import gettext as _
from cec.platform.i18n import mark
from cec.staff.roles import Right
from cec.web import filling
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee, current_reader

bp = Blueprint("announcements", __name__, url_prefix="/announcements")

EVERYBODY = mark("Everybody")
HEADINGS = {"everybody": mark("All"), "role": mark("By role"), "branch": mark("By branch"), "group": mark("By group")}


@bp.get("")
@allow(Right.ANNOUNCE)
def show(error: Refusal | None = None) -> str:
    """Draw the announcements, who has acknowledged them, and the form of a new one."""
    by, role = current_employee(), current_reader().role or ""
    return render_template(
        "announcements/show.html",
        error=error,
        announcement=None,
        listed=announcing.listed(by, role),
        is_in_force=announcing.is_in_force,
        names=_names(),
        **_choices(),
    )


@bp.post("")
@allow(Right.ANNOUNCE)
@redrawn_by(show)
def publish() -> Response:
    """Publish an announcement."""
    announcing.publish(_content(), by=current_employee(), role=current_reader().role or "")
    return redirect(url_for("announcements.show", saved=1), 303)


@bp.get("/<int:announcement_id>")
@allow(Right.ANNOUNCE)
def show_announcement(announcement_id: int, error: Refusal | None = None) -> str:
    """Draw the form of one announcement."""
    by, role = current_employee(), current_reader().role or ""
    announcement = announcing.get(announcement_id, by=by, role=role)
    return render_template(
        "announcements/announcement.html",
        error=error,
        announcement=announcement,
        in_force=announcing.is_in_force(announcement),
        **_choices(),
    )


@bp.post("/<int:announcement_id>")
@allow(Right.ANNOUNCE)
@redrawn_by(show_announcement)
def change(announcement_id: int) -> Response:
    """Change an announcement."""
    announcing.change(announcement_id, _content(), by=current_employee(), role=current_reader().role or "")
    return redirect(url_for("announcements.show", saved=1), 303)


@bp.post("/<int:announcement_id>/withdrawal")
@allow(Right.ANNOUNCE)
@redrawn_by(show_announcement)
def withdraw(announcement_id: int) -> Response:
    """Take an announcement back."""
    announcing.withdraw(announcement_id, by=current_employee(), role=current_reader().role or "")
    return redirect(url_for("announcements.show", withdrawn=1), 303)


def _content() -> Content:
    form, wrong = request.form, dict[str, str]()
    starts_at = _moment("starts_at", wrong, or_else=clock.now())
    ends_at = _moment("ends_at", wrong)
    if wrong:
        raise InvalidFields(wrong)
    return Content(
        title=form.get("title", ""),
        text=form.get("text", "").replace("\r\n", "\n").replace("\x00", ""),
        kind=form.get("kind", ""),
        audience=form.get("audience", ""),
        must_acknowledge="must_acknowledge" in form,
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _moment(name: str, wrong: dict[str, str], *, or_else: dt.datetime | None = None) -> dt.datetime:
    typed = request.form.get(name, "").strip()
    if not typed and or_else is not None:
        return or_else
    try:
        return filling.moment(typed)
    except filling.MomentUnclear as unclear:
        wrong[name] = unclear.sentence()
        return clock.now()


def _names() -> dict[str, str]:
    """Name whom announcements are for, as far as the reader may address them."""
    allowed = announcing.audiences(current_employee(), current_reader().role or "")
    return {key: name or _(EVERYBODY) for key, name in allowed.items()}


def _choices() -> dict[str, object]:
    grouped: dict[str, list[tuple[str, str]]] = {}
    for key, name in _names().items():
        grouped.setdefault(_(HEADINGS[key.partition(":")[0]]), []).append((key, name))
    return {"audiences": grouped, "kinds": [(str(kind), _(words.LOOKS[kind])) for kind in announcing.LOOKS]}
