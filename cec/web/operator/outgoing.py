"""Operator: writing to a client first, now or at a moment (guide 3.2.6), beside the work."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

from flask import Blueprint, current_app, make_response, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from cec.appeals import first_messages, history, outgoing, planning, ways
from cec.appeals.first_messages import FirstMessage, Wanted
from cec.appeals.models import Appeal
from cec.appeals.outgoing import Leave
from cec.appeals.ways import Way
from cec.channels import accounts
from cec.channels.email import formatting
from cec.clients import opting_out
from cec.platform import i18n
from cec.platform.errors import Invalid
from cec.platform.i18n import gettext, mark
from cec.queues import queries as queues
from cec.staff.models import Employee
from cec.staff.roles import Right
from cec.topics import queries as topics
from cec.web import filling
from cec.web.guards import allow
from cec.web.operator import drafting, drawing, feed, moments, pictures
from cec.web.session import current_employee

bp = Blueprint("outgoing", __name__, url_prefix="/operator/outgoing")

ON_SILENCE = {
    "close": mark("Close the appeal"),
    "me": mark("Return it to me"),
    "queue": mark("Return it to the queue"),
}


class FormOutdated(Invalid):
    """This form is outdated: open it again, and copy what you have written."""

    field = "text"


class NoMoment(Invalid):
    """Choose the day and the time at which it leaves."""

    field = "at"


@bp.get("")
@allow(Right.HANDLE_APPEALS)
def show() -> str:
    """Draw the form: to the client of an appeal by one of his addresses, to a mail address, or as it was kept."""
    employee = current_employee()
    name = request.args.get("name", "")
    first = first_messages.find(_uuid(name), by=employee) if name else None
    email = request.args.get("email", "").strip()
    return _drawn(employee, first, known=_known(employee), email=email if accounts.is_address(email) else "")


@bp.post("")
@allow(Right.HANDLE_APPEALS)
def begin() -> Response:
    """Send it, and the new appeal opens, waiting for the client; or let it leave at a moment."""
    employee, wanted = current_employee(), _wanted()
    leave = Leave("confirmed" in request.form, current_app.config["CEC"].outgoing_per_day)
    known = _known(employee)
    begun: Appeal | FirstMessage
    if request.form.get("start") == "later":
        begun = planning.plan(wanted, at=_moment(), by=employee, known=known, leave=leave)
    else:
        begun = outgoing.begin(wanted, by=employee, known=known, leave=leave)
    if isinstance(begun, FirstMessage):
        return make_response(_drawn(employee, said=_planned(begun)))
    answer = make_response("")
    answer.headers["HX-Redirect"] = f"/operator/appeals/{begun.id}"
    return answer


@bp.put("/<uuid:name>")
@allow(Right.HANDLE_APPEALS)
def keep(name: uuid.UUID) -> dict[str, str]:
    """Keep what was typed."""
    employee, wanted = current_employee(), replace(_wanted(), name=name)
    first = first_messages.keep(wanted, by=employee, known=_known(employee))
    return {"words": drafting.saved(first.saved_at if first and not first.due_at else None)}


@bp.delete("/<uuid:name>/moment")
@allow(Right.HANDLE_APPEALS)
def cancel(name: uuid.UUID) -> str:
    """Let what is planned not leave."""
    employee = current_employee()
    first_messages.cancel(name, by=employee)
    return _listed(employee)


@bp.delete("/<uuid:name>")
@allow(Right.HANDLE_APPEALS)
def discard(name: uuid.UUID) -> str:
    """Give up what is being written."""
    employee = current_employee()
    first_messages.discard(name, by=employee)
    return _listed(employee)


def _listed(employee: Employee) -> str:
    return render_template("operator/first_messages.html", kept=first_messages.list_of(employee))


@bp.post("/<uuid:name>/attachments")
@allow(Right.HANDLE_APPEALS)
def attach(name: uuid.UUID) -> str:
    """Put files to a first message."""
    employee = current_employee()
    return drafting.attach(first_messages.draft_of(name, by=employee, known=_known(employee)))


@bp.post("/<uuid:name>/pictures")
@allow(Right.HANDLE_APPEALS)
def attach_picture(name: uuid.UUID) -> dict[str, object]:
    """Put a picture into the text of a first message."""
    employee = current_employee()
    return drafting.attach_picture(first_messages.draft_of(name, by=employee, known=_known(employee)))


def _drawn(
    employee: Employee,
    first: FirstMessage | None = None,
    *,
    known: Appeal | None = None,
    email: str = "",
    said: str = "",
) -> str:
    known = (first.known if first else None) or known
    rows = [(way, _closed(way)) for way in ways.list_of(known)] if known else []
    wanted = first_messages.wanted_of(first) if first else Wanted(name=uuid.uuid4(), queue_id=0, email=email)
    return render_template(
        "operator/outgoing.html",
        known=known,
        name=feed.name_of(known) if known else "",
        first=first,
        wanted=wanted,
        written=Markup(pictures.shown(_html(wanted))),  # noqa: S704 - cleaned when kept
        rows=rows,
        spared=opting_out.find(known.address) if known else None,
        formatted=not rows or bool(wanted.email) or _chosen(rows, wanted).able().html,
        kept=[each for each in first_messages.list_of(employee) if first is None or each.id != first.id],
        said=said,
        queues=queues.list_open(),
        topics=topics.list_leaves(),
        on_silence=ON_SILENCE,
        presets=moments.presets(),
        **_limits(),
    )


def _closed(way: Way) -> str:
    reason = way.able().closed
    return gettext(reason) if reason else ""


def _html(wanted: Wanted) -> str:
    return wanted.html or (formatting.of_text(wanted.text) if wanted.text else "")


def _limits() -> dict[str, Any]:
    return {"megabytes": current_app.config["CEC"].max_megabytes, "able": drawing.LETTER}


def _chosen(rows: list[tuple[Way, str]], wanted: Wanted) -> Way:
    return next((way for way, closed in rows if way.name == wanted.way or (not wanted.way and not closed)), rows[0][0])


def _planned(first: FirstMessage) -> str:
    return gettext("Planned for {when}: it leaves by itself.").format(
        when=i18n.exact(first.due_at) if first.due_at else ""
    )


def _known(employee: Employee) -> Appeal | None:
    """Read the appeal whose client is written to, if one is named."""
    appeal_id = request.values.get("of", type=int)
    return history.get_readable(appeal_id, of=employee) if appeal_id else None


def _moment() -> dt.datetime:
    try:
        return filling.moment(request.form.get("at", ""))
    except Invalid:
        raise NoMoment from None


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise FormOutdated from None


def _wanted() -> Wanted:
    form = request.form
    return Wanted(
        name=_uuid(form.get("client_uuid", "")),
        queue_id=form.get("queue_id", 0, type=int),
        text=form.get("text", ""),
        html=pictures.stored(form["html"]) if "html" in form else None,
        subject=form.get("subject", ""),
        way=form.get("way", ""),
        email=form.get("email", ""),
        topic_id=form.get("topic_id", type=int),
        on_silence=form["on_silence"] if form.get("on_silence") in ON_SILENCE else first_messages.ON_SILENCE[0],
        is_service="is_service" in form,
        templates=drafting.templates(form.get("templates", "")),
    )
