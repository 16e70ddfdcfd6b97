"""Operators now: what each does and holds, why nothing comes to him, what is changed for a while (guide 4.3)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.distribution import resting, returning, temporary, watching
from cec.distribution.empty_handed import why_idle
from cec.distribution.models import TemporaryChange
from cec.distribution.temporary import Kind
from cec.platform import clock
from cec.platform.errors import NotFound, Refusal
from cec.platform.i18n import gettext as _
from cec.platform.i18n import mark
from cec.queues import queries as queues
from cec.staff import presence, reasons, shifts
from cec.staff.models import Presence
from cec.staff.presence import Choice
from cec.staff.roles import Right
from cec.web.filling import Filled
from cec.web.guards import allow
from cec.web.operator import drawing
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee
from cec.web.templating import part

bp = Blueprint("operators", __name__, url_prefix="/operators")

KINDS = {
    Kind.QUEUE_ADDED: mark("Serves a queue more"),
    Kind.QUEUE_REMOVED: mark("Serves a queue less"),
    Kind.UNITS: mark("Holds so many units"),
}


@bp.get("")
@allow(Right.LEAD_OPERATORS)
def show() -> str:
    """Draw the operators of a supervisor."""
    people = watching.watched(current_employee())
    if drawing.is_part():
        return part("supervisor/list.html", people=people)
    return render_template("supervisor/operators.html", people=people)


@bp.get("/<int:employee_id>")
@allow(Right.LEAD_OPERATORS)
def show_operator(employee_id: int, error: Refusal | None = None) -> str:
    """Draw one operator: why nothing comes to him, and what is changed for a while."""
    line, employee = watching.get(employee_id, by=current_employee())
    shift = shifts.current_or_next(employee, clock.now())
    names = {queue.id: queue.name for queue in queues.list_open()}
    return render_template(
        "supervisor/operator.html",
        error=error,
        line=line,
        idle=why_idle(employee),
        statuses=[(value, words) for value, (words, _choice) in _statuses().items()],
        held=returning.count_held(employee),
        changes=[(change, _words(change, names)) for change in temporary.running(employee)],
        kinds=[(kind.value, _(words)) for kind, words in KINDS.items()],
        queues=list(names.items()),
        until=shift.during.upper if shifts.runs(shift, clock.now()) and shift else None,
    )


def _statuses() -> dict[str, tuple[str, Choice]]:
    """Give the statuses that a supervisor may choose, by their value in the form, in words."""
    plain = [Choice(Presence.ACTIVE), Choice(Presence.NOT_ACCEPTING)]
    breaks = [(reason.name, Choice(Presence.BREAK, reason.id)) for reason in reasons.list_all()]
    named = [(presence.name(choice.status), choice) for choice in plain]
    named += [(f"{presence.name(Presence.BREAK)}: {name}", choice) for name, choice in breaks]
    named += [] if breaks else [(presence.name(Presence.BREAK), Choice(Presence.BREAK))]
    return {f"{choice.status}:{choice.reason_id or ''}": (words, choice) for words, choice in named}


@bp.post("/<int:employee_id>/status")
@allow(Right.LEAD_OPERATORS)
@redrawn_by(show_operator)
def change_status(employee_id: int) -> Response:
    """Change the status of an operator; what goes back to the queues is confirmed."""
    _line, employee = watching.get(employee_id, by=current_employee())
    form, known = Filled(), _statuses()
    status = form.one_of("status", set(known))
    form.done()
    confirmed = request.form.get("returns", default=0, type=int)
    resting.turn_another(employee, known[status][1], by=current_employee(), confirmed=confirmed)
    return redirect(url_for("operators.show_operator", employee_id=employee_id), 303)


def _words(change: TemporaryChange, names: dict[int, str]) -> str:
    if change.kind == Kind.UNITS:
        return _("Holds %(n)s units") % {"n": change.units}
    name = names.get(change.queue_id or 0, "—")
    words = _("Serves “%(queue)s” too") if change.kind == Kind.QUEUE_ADDED else _("Does not serve “%(queue)s”")
    return words % {"queue": name}


@bp.post("/<int:employee_id>/changes")
@allow(Right.LEAD_OPERATORS)
@redrawn_by(show_operator)
def begin_change(employee_id: int) -> Response:
    """Change something about an operator for a while."""
    _line, employee = watching.get(employee_id, by=current_employee())
    form = Filled()
    kind, until = form.one_of("kind", set(Kind)), form.moment("until")
    units = form.number("units", 0, temporary.MOST_UNITS) if kind == Kind.UNITS else None
    form.done()
    queue_id = request.form.get("queue_id", type=int)
    temporary.begin(employee, Kind(kind), until=until, by=current_employee().key, queue_id=queue_id, units=units)
    return redirect(url_for("operators.show_operator", employee_id=employee_id), 303)


@bp.post("/<int:employee_id>/changes/<int:change_id>/end")
@allow(Right.LEAD_OPERATORS)
def end_change(employee_id: int, change_id: int) -> Response:
    """Take a change back before its time."""
    _line, employee = watching.get(employee_id, by=current_employee())
    if change_id not in {change.id for change in temporary.running(employee)}:
        raise NotFound
    temporary.end(change_id, by=current_employee().key)
    return redirect(url_for("operators.show_operator", employee_id=employee_id), 303)
