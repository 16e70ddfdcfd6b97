"""What stumbled and waits for a person: processes and due work; each can be tried again."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from cec.platform import work
from cec.platform.errors import Refusal
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee
from cec.workflow import incidents

bp = Blueprint("incidents", __name__)


@bp.get("/incidents")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None, **_chosen: int) -> str:
    """Draw both lists."""
    return render_template(
        "incidents/show.html", error=error, incidents=incidents.list_open(), letters=work.dead_letters()
    )


@bp.post("/incidents/<int:incident_id>/retry")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def retry(incident_id: int) -> Response:
    """Try the step of a process again."""
    incidents.retry(incident_id, by=current_employee().key)
    return redirect(url_for("incidents.show", tried=1), 303)


@bp.post("/incidents/<int:incident_id>/settlement")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def settle(incident_id: int) -> Response:
    """Settle an incident that was put right by hand."""
    incidents.give_up(incident_id, by=current_employee().key)
    return redirect(url_for("incidents.show"), 303)


@bp.post("/incidents/work/<int:work_id>/retry")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def retry_work(work_id: int) -> Response:
    """Try a piece of work again."""
    work.revive(work_id)
    return redirect(url_for("incidents.show", tried=1), 303)
