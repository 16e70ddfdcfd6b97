"""Operator: how he arranges his window: order and pins of the list, widths of the columns (guide 2.2.1, 2.2.6)."""

from flask import Blueprint, Response, request

from cec.appeals import queries
from cec.platform.errors import NotFound
from cec.staff import desk
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import drawing
from cec.web.session import current_employee, current_reader

bp = Blueprint("layout", __name__, url_prefix="/operator")


@bp.put("/worklist/order")
@allow(Right.HANDLE_APPEALS)
def set_order() -> str:
    """Choose the order of the list."""
    employee = current_employee()
    desk.sort(employee, request.form.get("sort", ""))
    return drawing.together("worklist", drawing.list_parts(employee))


@bp.put("/appeals/<int:appeal_id>/pin")
@allow(Right.HANDLE_APPEALS)
def pin(appeal_id: int) -> str:
    """Keep an appeal at the head of its group."""
    employee = current_employee()
    desk.pin(employee, queries.get_own(appeal_id, of=employee).id)
    return drawing.together("worklist", drawing.list_parts(employee))


@bp.delete("/appeals/<int:appeal_id>/pin")
@allow(Right.HANDLE_APPEALS)
def unpin(appeal_id: int) -> str:
    """Let an appeal stand where its order puts it."""
    employee = current_employee()
    desk.unpin(employee, appeal_id)
    return drawing.together("worklist", drawing.list_parts(employee))


@bp.put("/layout")
@allow(Right.HANDLE_APPEALS)
def set_widths() -> tuple[str, int]:
    """Keep the widths of the columns at this workplace."""
    asked = request.form
    of_list, of_apps = asked.get("list", type=int), asked.get("apps", type=int)
    desk.set_widths(current_employee(), current_reader().workplace_id, of_list=of_list, of_apps=of_apps)
    return "", 204


@bp.get("/layout/<int:of_list>-<int:of_apps>.css")
@allow(Right.HANDLE_APPEALS)
def show_widths(of_list: int, of_apps: int) -> Response:
    """Give the widths as a style sheet, so that the first paint has them; the address tells them: it never changes."""
    if (desk.within(of_list, desk.LIST), desk.within(of_apps, desk.APPS)) != (of_list, of_apps):
        raise NotFound
    sheet = Response(f":root {{ --list-w: {of_list}px; --apps-w: {of_apps}px; }}", mimetype="text/css")
    sheet.cache_control.private, sheet.cache_control.max_age, sheet.cache_control.immutable = True, 31_536_000, True
    return sheet
