"""Administrator: the plan of shifts by week, typed into a grid, copied, or taken from a sheet (guide 5.11)."""

import datetime as dt
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cec.platform import audit, changes, clock, excel, hours, i18n, storage
from cec.platform.audit import Kind
from cec.platform.errors import Refusal
from cec.platform.hours import Span
from cec.staff import employees, groups, operator_import, shift_import, shifts
from cec.staff.models import Employee
from cec.staff.roles import Right, Role
from cec.staff.shift_import import Examined
from cec.web.business_admin.calendars import day_names
from cec.web.business_admin.operator_import import StillFaults, kept_file, taken
from cec.web.filling import Filled
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("shifts", __name__)

PAGE = 60
_WEEK = dt.timedelta(days=shifts.WEEK)


@bp.get("/centre/shifts")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None) -> str:
    """Draw the grid of a week: a row for each operator, a cell for each day."""
    first, people, more = _asked()
    plan = shifts.plan_of(people, first)
    days = [first + dt.timedelta(days=number) for number in range(shifts.WEEK)]
    return render_template(
        "business_admin/shifts.html",
        error=error,
        first=first,
        weeks={"before": first - _WEEK, "after": first + _WEEK, "now": _this_week()},
        days=[(day, f"{name} {day:%d.%m}") for day, name in zip(days, day_names("abbreviated"), strict=True)],
        rows=[(person, _cells(person, days, plan)) for person in people],
        totals={person.id: _total(plan, person) for person in people},
        groups=[("", i18n.gettext("All groups")), *((group.id, group.name) for group in groups.list_all())],
        asked={"week": first.isoformat(), "group": request.values.get("group", ""), "page": _page()},
        more=more,
        seen=_seen(people, first),
    )  # fmt: skip


def _cells(person: Employee, days: list[dt.date], plan: dict[shifts.Place, list[Span]]) -> list[tuple[str, str]]:
    return [(_name(person, day), hours.write(plan.get((person.id, day), []))) for day in days]


def _asked() -> tuple[dt.date, list[Employee], bool]:
    """Give the week, the operators of the page that is asked for, and whether there are more of them."""
    group_id = request.values.get("group", type=int)
    people = employees.list_working(Role.OPERATOR)
    if group_id:
        people = [person for person in people if group_id in {group.id for group in person.groups}]
    start = _page() * PAGE
    return _week(), people[start : start + PAGE], len(people) > start + PAGE


def _page() -> int:
    return min(max(request.values.get("page", default=0, type=int), 0), 1000)


def _week() -> dt.date:
    try:
        asked = dt.date.fromisoformat(request.values.get("week", ""))
    except ValueError:
        return _this_week()
    return shifts.monday_of(asked) if asked.year in shifts.YEARS else _this_week()


def _this_week() -> dt.date:
    return shifts.monday_of(i18n.local(clock.now()).date())


def _name(person: Employee, day: dt.date) -> str:
    return f"shift-{person.id}-{day.isoformat()}"


def _total(plan: dict[shifts.Place, list[Span]], person: Employee) -> dt.timedelta:
    minutes = sum(end - begin for (id_, _day), spans in plan.items() if id_ == person.id for begin, end in spans)
    return dt.timedelta(minutes=minutes)


def _seen(people: list[Employee], first: dt.date) -> str:
    return changes.mark_of({_name(person, first): _texts(person, first) for person in people})


def _texts(person: Employee, first: dt.date) -> list[str]:
    return [f"{day} {hours.write(spans)}" for (_id, day), spans in sorted(shifts.plan_of([person], first).items())]


@bp.post("/centre/shifts")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def write() -> BaseResponse:
    """Write the cells of the grid."""
    first, people, _more = _asked()
    form, none = Filled(), list[Span]()
    plan = {
        (person.id, day): form.read(_name(person, day), lambda text: hours.read(text, over_midnight=True), none)
        for person in people
        for day in (first + dt.timedelta(days=number) for number in range(shifts.WEEK))
        if _name(person, day) in request.form
    }
    form.done()
    if form.text("seen") and form.text("seen") != _seen(people, first):
        raise changes.ChangedMeanwhile
    shifts.write(plan, people, by=current_employee().key)
    return redirect(url_for("shifts.show", saved=1, **_query()), 303)


def _query() -> dict[str, Any]:
    return {"week": _week().isoformat(), "group": request.values.get("group") or None, "page": _page() or None}


@bp.post("/centre/shifts/copy")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def copy() -> BaseResponse:
    """Plan the days of this page that are empty like the week before."""
    first, people, _more = _asked()
    shifts.copy_week(people, first - _WEEK, first, by=current_employee().key)
    return redirect(url_for("shifts.show", saved=1, **_query()), 303)


@bp.get("/centre/shifts/import")
@allow(Right.MANAGE_CENTRE)
def show_import(error: Refusal | None = None) -> str:
    """Draw the form that takes a file."""
    return _draw(error=error)


def _draw(*, error: Refusal | None = None, examined: Examined | None = None, kept: str = "") -> str:
    most = operator_import.MOST_FAULTS
    return render_template(
        "business_admin/shift_import.html", error=error, examined=examined, kept=kept, most=most, week=_week()
    )


@bp.get("/centre/shifts/import/template.xlsx")
@allow(Right.MANAGE_CENTRE)
def template() -> Response:
    """Give a sheet with the plan of a week, to fill in."""
    content = shift_import.template(employees.list_working(Role.OPERATOR), _week())
    audit.add(Kind.EXPORT, "shifts.exported", "shifts:", by=current_employee().key)
    named = {"Content-Disposition": f"attachment; filename=shifts-{_week().isoformat()}.xlsx"}
    return Response(content, mimetype=excel.TYPE, headers=named)


@bp.post("/centre/shifts/import")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_import)
def look() -> str:
    """Look a file through and tell what it would do; nothing is written."""
    content = taken()
    examined = shift_import.examine(content)
    return _draw(examined=examined, kept="" if examined.faults else storage.put(content))


@bp.post("/centre/shifts/import/writing")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_import)
def write_import() -> BaseResponse:
    """Write what was looked through, after looking once more."""
    examined = shift_import.examine(kept_file())
    if examined.faults:
        raise StillFaults
    shifts.write(examined.plan, examined.people, by=current_employee().key)
    week = min(day for _id, day in examined.plan).isoformat() if examined.plan else None
    return redirect(url_for("shifts.show", saved=1, week=week), 303)
