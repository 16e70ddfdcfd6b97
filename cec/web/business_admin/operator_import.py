"""Administrator: operators from a sheet, looked through before anything is written (guide 5.11)."""

import re

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cec.platform import audit, excel, storage
from cec.platform.audit import Kind
from cec.platform.errors import Invalid, Refusal
from cec.staff import operator_import
from cec.staff.operator_import import Examined
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("operator_import", __name__)

_KEPT = re.compile(r"[0-9a-f]{64}")


class FileMissing(Invalid):
    """Choose a file."""

    field = "file"


class FileGone(Invalid):
    """The file is not kept any more: choose it again."""

    field = "file"


class StillFaults(Invalid):
    """Nothing is written while cells are wrong: correct them in the file and choose it again."""

    field = "file"


@bp.get("/centre/people/import")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None) -> str:
    """Draw the form that takes a file."""
    return _draw(error=error)


def _draw(*, error: Refusal | None = None, examined: Examined | None = None, kept: str = "") -> str:
    return render_template(
        "business_admin/operator_import.html",
        error=error,
        examined=examined,
        kept=kept,
        most=operator_import.MOST_FAULTS,
    )


@bp.get("/centre/people/import/template.xlsx")
@allow(Right.MANAGE_CENTRE)
def template() -> Response:
    """Give a sheet with the operators who work here, to fill in."""
    audit.add(Kind.EXPORT, "people.exported", "people:", by=current_employee().key)
    named = {"Content-Disposition": "attachment; filename=operators.xlsx"}
    return Response(operator_import.template(), mimetype=excel.TYPE, headers=named)


@bp.post("/centre/people/import")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def look() -> str:
    """Look a file through and tell what it would do; nothing is written."""
    content = taken()
    examined = operator_import.examine(content)
    return _draw(examined=examined, kept="" if examined.faults else storage.put(content))


def taken() -> bytes:
    """Take the file of the form.

    :raises FileMissing: when none was chosen.
    """
    file = request.files.get("file")
    content = b""
    if file:
        # A large one lies in a file of its own until it is closed.
        with file.stream as stream:
            content = stream.read()
    if not content:
        raise FileMissing
    return content


def kept_file() -> bytes:
    """Give the file that was looked through.

    :raises FileGone: when it is not kept any more.
    """
    kept = request.form.get("kept", "")
    if not _KEPT.fullmatch(kept) or not storage.path(kept).exists():
        raise FileGone
    return storage.get(kept)


@bp.post("/centre/people/import/writing")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def write() -> BaseResponse:
    """Write what was looked through, after looking once more: the centre may have changed meanwhile."""
    examined = operator_import.examine(kept_file())
    if examined.faults:
        raise StillFaults
    operator_import.begin(examined.lines, by=current_employee())
    return redirect(url_for("people.show", imported=len(examined.lines)), 303)
