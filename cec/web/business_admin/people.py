"""Administrator: the people who work here (guide 5.10, 5.11)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.platform.errors import Refusal
from cec.staff import employees, groups, roles, signing_in
from cec.staff.models import Employee, OperatorGroup
from cec.staff.roles import Right, Role
from cec.web.first_run import steps
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("people", __name__)


@bp.get("/centre/people")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None) -> str:
    """Draw the list of people and the form that adds one."""
    return _list(error=error)


def _list(*, error: Refusal | None = None, told: tuple[Employee, str] | None = None) -> str:
    return render_template(
        "business_admin/people.html",
        error=error,
        told=told,
        steps=steps(),
        people=employees.list_all(),
        role_names=[(role.value, roles.name(role)) for role in Role],
        groups=[(group.id, group.name) for group in groups.list_all()],
        branches=[(branch.id, branch.name) for branch in signing_in.branches()],
    )


@bp.post("/centre/people")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def add() -> str:
    """Add a person; the one-time password is on this one page and nowhere else."""
    form = request.form
    employee, password = employees.add(
        name=form.get("name", ""),
        login=form.get("login", ""),
        roles=form.getlist("roles"),
        branch_id=form.get("branch_id", type=int) or current_employee().branch_id,
        groups=_chosen_groups(),
        by=current_employee().key,
    )
    return _list(told=(employee, password))


def _chosen_groups() -> list[OperatorGroup]:
    wanted = set(request.form.getlist("groups"))
    return [group for group in groups.list_all() if str(group.id) in wanted]


@bp.get("/centre/people/<int:employee_id>")
@allow(Right.MANAGE_CENTRE)
def show_person(employee_id: int, error: Refusal | None = None, password: str = "") -> str:
    """Draw one person: groups, password, dismissal."""
    return render_template(
        "business_admin/person.html",
        error=error,
        password=password,
        person=employees.get(employee_id),
        groups=[(group.id, group.name) for group in groups.list_all()],
    )


@bp.post("/centre/people/<int:employee_id>/groups")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_person)
def set_groups(employee_id: int) -> Response:
    """Say in which groups a person is."""
    groups.set_groups(employees.get(employee_id), _chosen_groups(), by=current_employee().key)
    return redirect(url_for("people.show_person", employee_id=employee_id, saved=1), 303)


@bp.post("/centre/people/<int:employee_id>/password")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_person)
def reset_password(employee_id: int) -> str:
    """Give a new one-time password, shown on this one page."""
    password = signing_in.reset_password(employees.get(employee_id), by=current_employee().key)
    return show_person(employee_id, password=password)


@bp.post("/centre/people/<int:employee_id>/dismissal")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_person)
def dismiss(employee_id: int) -> Response:
    """End a person's work here."""
    employees.dismiss(employees.get(employee_id), by=current_employee())
    return redirect(url_for("people.show"), 303)


@bp.post("/centre/people/<int:employee_id>/return")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_person)
def take_back(employee_id: int) -> str:
    """Let a dismissed person work here again, with a new one-time password."""
    password = employees.take_back(employees.get(employee_id), by=current_employee())
    return show_person(employee_id, password=password)
