"""Administrator: calendars, the hours that the clocks of queues count (guide 5.1)."""

import datetime as dt
from typing import Literal
from zoneinfo import available_timezones

from babel.dates import get_day_names
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.platform import changes, hours, i18n
from cec.platform.errors import Invalid, Refusal
from cec.queues import calendar_directory
from cec.queues.calendar_directory import Plan
from cec.queues.models import Calendar
from cec.staff.roles import Right
from cec.web.business_admin import revisions
from cec.web.filling import Filled
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("calendars", __name__)

# Lines for days that are not there yet.
EMPTY_LINES = 3
USUAL = [(540, 1080)]


class DateUnclear(Invalid):
    """Choose a date, or empty the line."""


@bp.get("/centre/calendars")
@allow(Right.MANAGE_CENTRE)
def show() -> str:
    """Draw the list of calendars."""
    found = calendar_directory.list_all()
    return render_template(
        "business_admin/calendars.html",
        error=None,
        calendars=[(calendar, _said(calendar)) for calendar in found],
        queues=calendar_directory.queues_of([calendar.id for calendar in found]),
    )


def _said(calendar: Calendar) -> list[tuple[str, str]]:
    """Say the week in lines; days in a row that have the same hours are one."""
    names = day_names("abbreviated")
    lines: list[tuple[int, int, str]] = []
    for number, spans in enumerate(calendar_directory.plan_of(calendar).week):
        text = hours.write(spans) or "—"
        if lines and lines[-1][2] == text:
            lines[-1] = lines[-1][0], number, text
        else:
            lines.append((number, number, text))
    return [(names[a] if a == b else f"{names[a]}–{names[b]}", text) for a, b, text in lines]


def day_names(width: Literal["wide", "abbreviated"] = "wide") -> list[str]:
    """Name the days of the week, Monday first, in the reader's language."""
    names = get_day_names(width, "stand-alone", locale=i18n.language())
    return [str(names[number]) for number in range(7)]


@bp.get("/centre/calendars/new")
@allow(Right.MANAGE_CENTRE)
def show_new(error: Refusal | None = None) -> str:
    """Draw the form of a new calendar, empty or filled in from a sample."""
    sample = request.args.get("sample", type=int)
    if sample:
        plan = calendar_directory.plan_of(calendar_directory.get(sample))
        plan = Plan(calendar_directory.sample_name(plan.name), plan.zone, plan.week, plan.days)
    else:
        plan = Plan("", i18n.zone(), [USUAL] * 5 + [[], []])
    return _draw(plan, error=error)


def _draw(plan: Plan, *, calendar: Calendar | None = None, error: Refusal | None = None) -> str:
    lines = [(day, hours.write(spans) or "—") for day, spans in plan.days.items()]
    if error:
        lines = list(zip(request.form.getlist("date"), request.form.getlist("hours"), strict=False))
    return render_template(
        "business_admin/calendar.html",
        error=error,
        plan=plan,
        calendar=calendar,
        week=[(number, name, hours.write(plan.week[number])) for number, name in enumerate(day_names())],
        lines=lines + [("", "")] * (EMPTY_LINES if ("", "") not in lines else 0),
        zones=sorted(available_timezones()),
        queues=calendar_directory.queues_of([calendar.id])[calendar.id] if calendar else [],
        seen=changes.mark_of(calendar_directory.values(calendar)) if calendar else "",
        revisions=revisions.of(f"calendar:{calendar.id}") if calendar else [],
    )


@bp.post("/centre/calendars/new")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_new)
def add() -> Response:
    """Add a calendar."""
    calendar_directory.create(_plan(), by=current_employee().key)
    return redirect(url_for("calendars.show", saved=1), 303)


def _plan() -> Plan:
    form = Filled()
    none: list[hours.Span] = []
    week = [form.read(f"day-{number}", hours.read, none) for number in range(7)]
    dates, spans = request.form.getlist("date"), request.form.getlist("hours")
    days = {}
    for line, (date, text) in enumerate(zip(dates, spans, strict=False)):
        if not date.strip() and not text.strip():
            continue
        try:
            days[_date(date)] = hours.read(text)
        except Invalid as refusal:
            form.errors[f"line-{line}"] = refusal.sentence()
    form.done()
    return Plan(form.text("name"), form.text("zone"), week, days)


def _date(text: str) -> str:
    try:
        return dt.date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise DateUnclear from None


@bp.get("/centre/calendars/<int:calendar_id>")
@allow(Right.MANAGE_CENTRE)
def show_calendar(calendar_id: int, error: Refusal | None = None) -> str:
    """Draw the form of one calendar."""
    calendar = calendar_directory.get(calendar_id)
    return _draw(calendar_directory.plan_of(calendar), calendar=calendar, error=error)


@bp.post("/centre/calendars/<int:calendar_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_calendar)
def change(calendar_id: int) -> Response:
    """Change a calendar."""
    calendar = calendar_directory.get(calendar_id)
    calendar_directory.change(calendar, _plan(), by=current_employee().key, seen=request.form.get("seen", ""))
    return redirect(url_for("calendars.show_calendar", calendar_id=calendar_id, saved=1), 303)


@bp.post("/centre/calendars/<int:calendar_id>/removal")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_calendar)
def remove(calendar_id: int) -> Response:
    """Remove a calendar that no queue keeps."""
    calendar_directory.remove(calendar_directory.get(calendar_id), by=current_employee().key)
    return redirect(url_for("calendars.show", saved=1), 303)
