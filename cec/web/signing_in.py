"""Sign in, choose role, branch and workplace, change the password, sign out (guide 2.1, 2.6)."""

from dataclasses import dataclass

from flask import Blueprint, current_app, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from cec.appeals import form_options, queries
from cec.distribution import leaving, returning
from cec.distribution.leaving import Held
from cec.platform import i18n
from cec.platform.errors import Refusal
from cec.staff import employees, roles, signing_in
from cec.staff.models import Branch, Session, Workplace
from cec.staff.roles import Role
from cec.web import session
from cec.web.guards import allow
from cec.web.operator import feed
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee, current_session

bp = Blueprint("signing_in", __name__)

HOME = "/"


@bp.get("/login")
@allow.anyone
def show_login(error: Refusal | None = None) -> str | Response:
    """Draw the sign-in page; an empty centre has nobody who could sign in yet."""
    if not employees.is_anybody_here():
        return redirect("/setup")
    if error is None and session.find_reader() is not None:
        return redirect(HOME)
    return render_template("signing_in/login.html", error=error, languages=i18n.LANGUAGES)


@bp.post("/login")
@allow.anyone
@redrawn_by(show_login)
def sign_in() -> Response:
    """Let a person in; who has nothing to choose begins at once."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    opened, token = signing_in.sign_in(login, password, request.remote_addr or "")
    choice = _only_choice(opened)
    where = "/start?" + request.query_string.decode("latin-1")
    if choice is not None and not opened.employee.must_change_password and not signing_in.works_elsewhere(opened):
        signing_in.choose(opened, choice.role, choice.branch_id, choice.workplace_id)
        where = _destination(choice.role)
    response = make_response(redirect(where, 303))
    session.remember(response, token, opened.employee.language)
    return response


@dataclass(frozen=True)
class _Choice:
    role: str
    branch_id: int
    workplace_id: int | None


def _only_choice(opened: Session) -> _Choice | None:
    branches = signing_in.branches()
    places = signing_in.workplaces(branches[0].id) if branches else []
    if len(opened.employee.roles) != 1 or len(branches) != 1 or len(places) > 1:
        return None
    return _Choice(opened.employee.roles[0], branches[0].id, places[0].id if places else None)


@bp.get("/start")
@allow.signed_in
def show_start(error: Refusal | None = None) -> str:
    """Draw the page where role, branch and workplace are chosen; what has one choice is not asked."""
    employee = current_employee()
    branches = signing_in.branches()
    chosen = {"role": employee.roles[0], "branch_id": employee.branch_id, "workplace_id": None} | employee.last_choice
    chosen |= {name: _number(value) or value for name, value in request.values.items() if name in chosen}
    return render_template(
        "signing_in/start.html",
        error=error,
        opened=current_session(),
        role_names={role: roles.name(role) for role in employee.roles},
        branches=branches,
        places=_places(branches, chosen["branch_id"]),
        chosen=chosen,
    )


def _places(branches: list[Branch], branch_id: object) -> list[Workplace]:
    known = [branch.id for branch in branches if branch.id == branch_id]
    return signing_in.workplaces(known[0] if known else branches[0].id)


@bp.post("/start")
@allow.signed_in
@redrawn_by(show_start)
def start() -> Response:
    """Begin work as chosen; an older window of the same person ends only if he says so."""
    role = request.form.get("role", "")
    signing_in.choose(
        current_session(),
        role,
        _number(request.form.get("branch_id")) or 0,
        _number(request.form.get("workplace_id")),
        take_over="take_over" in request.form,
    )
    return redirect(_destination(role), 303)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 9 else None  # noqa: PLR2004


def _destination(role: str) -> str:
    """Follow `next` to a page of ours that the role may see; everything else leads home."""
    wanted = request.args.get("next", HOME)
    if not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return HOME
    try:
        endpoint, _values = current_app.create_url_adapter(request).match(wanted.partition("?")[0], "GET")  # type: ignore[union-attr]
    except HTTPException:
        return HOME
    guard = getattr(current_app.view_functions[endpoint], "guard", "")
    return wanted if isinstance(guard, frozenset) and roles.may(role, guard) else HOME


@bp.get("/password")
@allow.signed_in
def show_password(error: Refusal | None = None) -> str:
    """Draw the page where a person changes his password."""
    return render_template("signing_in/password.html", error=error, opened=current_session())


@bp.post("/password")
@allow.signed_in
@redrawn_by(show_password)
def change_password() -> Response:
    """Change one's own password; the other windows of the person are signed out."""
    opened = current_session()
    signing_in.change_password(opened, request.form.get("old_password", ""), request.form.get("new_password", ""))
    return redirect(HOME if opened.role else "/start", 303)


@bp.get("/leaving")
@allow.signed_in
def show_leaving(error: Refusal | None = None) -> str:
    """Ask what becomes of one's appeals, and show what is not sent, before signing out."""
    opened, settings = current_session(), current_app.config["CEC"]
    works = opened.role == Role.OPERATOR
    return render_template(
        "signing_in/leaving.html",
        error=error,
        held=returning.count_held(opened.employee) if works else 0,
        drafts=queries.unsent(opened.employee) if works else [],
        groups=[(option.value, option.label) for option in form_options.groups()],
        default_way=settings.leaving if settings.leaving != Held.KEEP or settings.leaving_keep else Held.RETURN,
        may_keep=settings.leaving_keep,
        name_of=feed.name_of,
    )


@bp.post("/leaving")
@allow.signed_in
@redrawn_by(show_leaving)
def leave() -> Response:
    """Sign out; an operator's appeals go back to their queues, wait for him, or go to a group, as he says."""
    leaving.leave(
        current_session(),
        request.form.get("held", Held.RETURN),
        group_id=_number(request.form.get("group_id")),
        may_keep=current_app.config["CEC"].leaving_keep,
        comment=i18n.gettext("Handed over at the end of work"),
    )
    response = make_response(redirect("/login", 303))
    session.forget(response)
    return response


@bp.get("/taken-over")
@allow.anyone
def show_taken_over() -> str:
    """Say that the person went on in another window."""
    return render_template("signing_in/taken_over.html")
