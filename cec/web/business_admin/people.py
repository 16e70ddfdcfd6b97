"""Administrator: the people who work here (guide 5.10, 5.11)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.platform import changes, clock
from cec.platform.errors import Refusal
from cec.staff import employees, groups, operators, roles, shifts, signing_in, skills
from cec.staff.models import Employee, OperatorGroup
from cec.staff.roles import Right, Role
from cec.web import parts
from cec.web.business_admin import revisions
from cec.web.filling import Filled
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
        missing=shifts.list_missing(clock.now()),
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
    """Draw one person: how he is set up, password, dismissal."""
    person = employees.get(employee_id)
    levels = skills.levels(person)
    return render_template(
        "business_admin/person.html",
        error=error,
        password=password,
        person=person,
        groups=[(group.id, group.name) for group in groups.list_all()],
        role_names=[(role.value, roles.name(role)) for role in Role],
        branches=[(branch.id, branch.name) for branch in signing_in.branches()],
        channels=parts.channels(),
        skills=[skill for skill in skills.list_all(retired=True) if skill.is_active or skill.code in levels],
        levels=levels,
        seen=changes.mark_of(operators.values(person)),
        revisions=revisions.of(person.key),
    )


@bp.post("/centre/people/<int:employee_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_person)
def set_up(employee_id: int) -> Response:
    """Change how a person is set up: name, branch, roles, groups, room, skills."""
    person, form = employees.get(employee_id), Filled()
    setup = operators.Setup(
        name=form.text("name"),
        branch_id=form.maybe_id("branch_id", [branch.id for branch in signing_in.branches()]) or person.branch_id,
        roles=request.form.getlist("roles"),
        groups=_chosen_groups(),
        units=form.number("units", 1, operators.MOST_UNITS),
        channel_units=_filled(form, "units-", [channel for channel, _word in parts.channels()], 0),
        auto_accept=form.tick("auto_accept"),
        skills=_filled(form, "level-", [skill.code for skill in skills.list_all(retired=True)], skills.LOWEST),
    )
    form.done()
    operators.set_up(person, setup, by=current_employee().key, seen=form.text("seen"))
    return redirect(url_for("people.show_person", employee_id=employee_id, saved=1), 303)


def _filled(form: Filled, beginning: str, names: list[str], low: int) -> dict[str, int]:
    """Read the numbers of several lines, of those that are not empty."""
    high = skills.HIGHEST if beginning == "level-" else operators.MOST_UNITS
    found = {name: form.maybe_number(beginning + name, low, high) for name in names}
    return {name: value for name, value in found.items() if value is not None}


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
