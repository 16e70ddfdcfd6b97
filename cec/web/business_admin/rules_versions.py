"""Administrator: the versions of a decision table, each beside what judges now, and the way back (guide 5.2)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.dmn import differences, sheets
from cec.dmn.problems import Problem
from cec.dmn.sheets import Sheet
from cec.platform.errors import Refusal
from cec.rulebook import files, publishing, versions
from cec.rulebook.models import RulesVersion
from cec.staff.roles import Right
from cec.web import actors
from cec.web.business_admin import rules_sheets, rules_words
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("rules_versions", __name__, url_prefix="/admin/rules/<name>/versions")


@bp.get("")
@allow(Right.MANAGE_CENTRE)
def show(name: str, error: Refusal | None = None) -> str:
    """List the versions, newest first."""
    table, found = versions.of(name), versions.list_all(name)
    return render_template(
        "business_admin/rules/versions.html",
        error=error,
        name=name,
        table=table,
        versions=found,
        who=actors.names({version.created_by for version in found} | table.actors(), current_employee()),
    )


@bp.get("/<int:number>")
@allow(Right.MANAGE_CENTRE)
def show_version(name: str, number: int, error: Refusal | None = None) -> str:
    """Draw one version beside the one that judges now."""
    table, version = versions.of(name), files.get_version(name, number)
    before, sheet = rules_sheets.find_in_force(name), sheets.find(version.text)
    return render_template(
        "business_admin/rules/version.html",
        error=error,
        name=name,
        table=table,
        version=version,
        who=actors.names({version.created_by} | table.actors(), current_employee()),
        is_plain=before is not None and sheet is not None,
        changes=_differences(before, sheet),
        columns=differences.columns(before, sheet) if before and sheet else ([], []),
        errors=[] if version.is_current else [one for one in _found(name, version) if one.is_error],
        words=rules_words,
    )


def _found(name: str, version: RulesVersion) -> list[Problem]:
    return publishing.examine(name, version.text)


def _differences(before: Sheet | None, after: Sheet | None) -> list[differences.RowChange]:
    return differences.differences(before, after) if before and after else []


@bp.post("/<int:number>/return")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_version)
def bring_back(name: str, number: int) -> Response:
    """Let this version judge from now on."""
    publishing.bring_back(
        name,
        number,
        instead_of=request.form.get("instead_of", 0, type=int),
        comment=request.form.get("comment", ""),
        by=current_employee().key,
    )
    return redirect(url_for("rules_versions.show", name=name, published=number), 303)


@bp.post("/<int:number>/withdrawal")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_version)
def withdraw(name: str, number: int) -> Response:
    """Let a planned version not come."""
    publishing.withdraw(name, number, by=current_employee().key)
    return redirect(url_for("rules_versions.show", name=name, withdrawn=number), 303)
