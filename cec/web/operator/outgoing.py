"""Operator: writing to a client first (guide 3.2.6), beside the work."""

import uuid

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from cec.appeals import history, outgoing, ways
from cec.appeals.models import Appeal
from cec.channels import accounts
from cec.platform.errors import Invalid
from cec.platform.i18n import gettext, mark
from cec.queues import queries as queues
from cec.staff.models import Employee
from cec.staff.roles import Right
from cec.topics import queries as topics
from cec.web.guards import allow
from cec.web.operator import feed
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


@bp.get("")
@allow(Right.HANDLE_APPEALS)
def show() -> str:
    """Draw the form: to the client of an appeal by one of his addresses, or to a mail address."""
    employee = current_employee()
    known = _known(employee)
    email = request.args.get("email", "").strip()
    rows = (
        [(way, gettext(reason) if (reason := way.able().closed) else "") for way in ways.list_of(known)]
        if known
        else []
    )
    return render_template(
        "operator/outgoing.html",
        known=known,
        name=feed.name_of(known) if known else "",
        client_uuid=uuid.uuid4(),
        rows=rows,
        email=email if accounts.is_address(email) else "",
        queues=queues.list_open(),
        topics=topics.list_leaves(),
        on_silence=ON_SILENCE,
    )


@bp.post("")
@allow(Right.HANDLE_APPEALS)
def begin() -> Response:
    """Send it; the new appeal opens, waiting for the client."""
    employee = current_employee()
    appeal = outgoing.begin(_wanted(), by=employee, known=_known(employee), confirmed="confirmed" in request.form)
    answer = make_response("")
    answer.headers["HX-Redirect"] = f"/operator/appeals/{appeal.id}"
    return answer


def _known(employee: Employee) -> Appeal | None:
    """Read the appeal whose client is written to, if one is named."""
    appeal_id = request.values.get("of", type=int)
    return history.get_readable(appeal_id, of=employee) if appeal_id else None


def _wanted() -> outgoing.Wanted:
    form = request.form
    try:
        name = uuid.UUID(form.get("client_uuid", ""))
    except ValueError:
        raise FormOutdated from None
    return outgoing.Wanted(
        name=name,
        queue_id=form.get("queue_id", 0, type=int),
        text=form.get("text", ""),
        subject=form.get("subject", ""),
        way=form.get("way", ""),
        email=form.get("email", ""),
        topic_id=form.get("topic_id", type=int),
        on_silence=form["on_silence"] if form.get("on_silence") in outgoing.ON_SILENCE else outgoing.ON_SILENCE[0],
    )
