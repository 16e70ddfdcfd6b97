"""Administrator: the audit - who changed which setting, opened what, signed in, forgot a client, exported."""

import datetime as dt
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from cec.oversight import reading
from cec.oversight.reading import Filters
from cec.platform import audit, clock, excel, i18n
from cec.platform.audit import Kind
from cec.platform.db import db
from cec.platform.i18n import gettext as _
from cec.staff.models import Employee
from cec.staff.roles import Right
from cec.web.business_admin import audit_words
from cec.web.guards import allow
from cec.web.session import current_employee

bp = Blueprint("audit", __name__)


@bp.get("/centre/audit")
@allow(Right.MANAGE_CENTRE)
def show() -> str:
    """Draw a page of the audit, the newest first."""
    filters, kept = _filters()
    found = reading.page(filters)
    lines, more = found[: reading.PAGE], len(found) > reading.PAGE
    return render_template(
        "business_admin/audit.html",
        lines=audit_words.told(lines, reader=current_employee()),
        filters=filters,
        kept=kept,
        kinds=[(kind.value, _(word)) for kind, (_icon, word) in audit_words.KINDS.items()],
        people=_people(),
        older=url_for("audit.show", **kept, before=lines[-1].id) if more else None,
    )


@bp.get("/centre/audit.xlsx")
@allow(Right.MANAGE_CENTRE)
def export() -> Response:
    """Give the narrowed audit as a sheet; that too is noted."""
    filters, kept = _filters()
    lines = audit_words.told(reading.whole(filters), reader=current_employee())
    audit.add(Kind.EXPORT, "audit.exported", "audit:", by=current_employee().key, rows=len(lines), filters=kept)
    head = [_("When"), _("Kind"), _("Who"), _("Act"), _("What"), _("Details"), _("Times")]
    rows = [
        [i18n.exact(line.at), line.kind, line.who, line.act, line.thing, "; ".join(line.details), str(line.times)]
        for line in lines
    ]
    named = {"Content-Disposition": f"attachment; filename=audit-{i18n.local(clock.now()):%Y-%m-%d}.xlsx"}
    return Response(excel.write(_("Audit"), head, rows), mimetype=excel.TYPE, headers=named)


def _filters() -> tuple[Filters, dict[str, Any]]:
    """Read what the list is narrowed to, and what of it a link has to keep; what cannot be read narrows nothing."""
    asked = request.args
    person, kind = asked.get("person", ""), asked.get("kind", "")
    since, until = _day(asked.get("since", "")), _day(asked.get("until", ""))
    filters = Filters(
        by=f"employee:{person}" if _is_number(person) else "",
        kind=kind if kind in set(Kind) else "",
        since=since,
        until=until + dt.timedelta(days=1) if until else None,
        before=int(asked["before"]) if _is_number(asked.get("before", "")) else None,
    )
    names = {"person": filters.by, "kind": filters.kind, "since": filters.since, "until": filters.until}
    return filters, {name: asked[name] for name, value in names.items() if value}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10  # noqa: PLR2004 - fits in int4


def _day(text: str) -> dt.datetime | None:
    """Read the beginning of a day on the reader's wall clock."""
    try:
        day = dt.date.fromisoformat(text)
        return i18n.from_local(dt.datetime.combine(day, dt.time()).isoformat())
    except (ValueError, OverflowError):
        return None


def _people() -> list[tuple[int, str]]:
    rows = db.session.execute(db.select(Employee.id, Employee.name).order_by(Employee.name, Employee.id))
    return [(number, name) for number, name in rows]
