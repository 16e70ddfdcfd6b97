"""Administrator: a draft set beside what judges now, and published, at once or for a moment (guide 5.2)."""

import datetime as dt

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.dmn import differences
from cec.platform import i18n
from cec.platform.errors import Refusal
from cec.rulebook import drafts, publishing, scenarios, versions
from cec.rulebook.publishing import WrongMoment
from cec.staff.roles import Right
from cec.web import actors
from cec.web.business_admin import rules_sheets, rules_words
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("rules_publishing", __name__, url_prefix="/admin/rules/<name>/publication")

LATER = "later"


@bp.get("")
@allow(Right.MANAGE_CENTRE)
def show(name: str, error: Refusal | None = None) -> str:
    """Draw what is new in the draft, what the checks say, and the form that publishes it."""
    table, draft = versions.of(name), drafts.find(name)
    sheet = drafts.sheet_of(draft) if draft else None
    before = rules_sheets.find_in_force(name)
    found = publishing.examine(name, publishing.text_of(draft)) if draft else []
    return render_template(
        "business_admin/rules/publication.html",
        error=error,
        name=name,
        table=table,
        draft=draft,
        who=actors.names(table.actors(), current_employee()),
        changes=differences.differences(before, sheet) if before and sheet else [],
        columns=differences.columns(before, sheet) if before and sheet else ([], []),
        words=rules_words,
        errors=[one for one in found if one.is_error],
        warnings=sum(not one.is_error for one in found),
        red=[one for one in scenarios.run(name, publishing.text_of(draft)) if one.is_red] if draft else [],
        later=LATER,
    )


@bp.post("")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def publish(name: str) -> Response:
    """Publish the draft that was shown."""
    form = request.form
    version = publishing.publish(
        name,
        revision=form.get("revision", 0, type=int),
        instead_of=form.get("instead_of", 0, type=int),
        comment=form.get("comment", ""),
        by=current_employee().key,
        at=_moment(form.get("at", "")) if form.get("when") == LATER else None,
    )
    return redirect(url_for("rules_versions.show", name=name, published=version.version), 303)


def _moment(typed: str) -> dt.datetime:
    """Read the moment of a plan.

    :raises WrongMoment: when it is none.
    """
    try:
        return i18n.from_local(typed)
    except ValueError:
        raise WrongMoment from None
