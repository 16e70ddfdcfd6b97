"""Operator: outcomes of the open task, whatever the diagram offers; pulling back; reopening (guide 3.7)."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from cec.appeals import acting, form_options, lifecycle, opening, queries, queueing
from cec.appeals.models import Appeal, Status
from cec.platform import clock, i18n
from cec.platform.errors import Invalid, NotFound
from cec.platform.i18n import gettext as _
from cec.staff.models import Employee
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import drawing, moments, own
from cec.web.session import current_employee
from cec.workflow import forms
from cec.workflow.fields import Field, Option
from cec.workflow.forms import Form
from cec.workflow.inbox import Outcome

bp = Blueprint("finishing", __name__, url_prefix="/operator/appeals/<int:appeal_id>")


class NoSuchChoice(Invalid):
    """Choose one of the buttons."""

    field = "then"


@bp.get("/outcomes/<outcome_id>")
@allow(Right.HANDLE_APPEALS)
def show_form(appeal_id: int, outcome_id: str) -> str:
    """Draw the form of an outcome in place of the composer."""
    employee = current_employee()
    appeal = own.get(appeal_id, of=employee)
    outcome, form = _asked(appeal, outcome_id)
    if form is None:
        raise NotFound
    lists = form_options.Lists(appeal, employee)
    return sheet(appeal, outcome, form, lists, client_waits=queueing.client_waits(appeal))


def sheet(
    appeal: Appeal, outcome: Outcome, form: Form, lists: Mapping[str, list[Option]], *, client_waits: bool
) -> str:
    """Draw a form with the choices of its lists."""
    return render_template(
        "operator/sheet.html",
        appeal=appeal,
        outcome=outcome,
        form=form,
        choices={item.key: _choices(item, lists) for item in form.fields},
        values=_first_values(appeal, form.fields),
        presets=moments.presets(),
        client_waits=client_waits,
    )


@bp.post("/outcomes/<outcome_id>")
@allow(Right.HANDLE_APPEALS)
def act(appeal_id: int, outcome_id: str) -> Response:
    """Finish with an outcome; then the next appeal of the list opens."""
    employee = current_employee()
    appeal = own.get(appeal_id, of=employee)
    lifecycle.must_be_current(appeal, _number("expected_version"))
    outcome, form = _asked(appeal, outcome_id)
    done = acting.act(
        appeal.id,
        outcome.id,
        by=employee,
        expected_version=_number("expected_version"),
        seen_message_id=_number("seen_message_id"),
        confirmed="confirmed" in request.form,
        answers=form.read(request.form, form_options.Lists(appeal, employee)) if form else {},
    )
    return _on_to_the_next(done, employee)


@bp.post("/recall")
@allow(Right.HANDLE_APPEALS)
def recall(appeal_id: int) -> Response:
    """Pull an appeal back from waiting or postponement: to work or to its queue."""
    employee, then = current_employee(), request.form.get("then", "")
    if then not in {"work", "queue"}:
        raise NoSuchChoice
    appeal = acting.recall(appeal_id, by=employee, back_to=then, expected_version=_number("expected_version"))
    return _stay_or_leave(appeal, employee)


@bp.delete("/closing")
@allow(Right.HANDLE_APPEALS)
def reopen(appeal_id: int) -> Response:
    """Take a closing back within a minute."""
    employee = current_employee()
    return _stay_or_leave(acting.undo_closing(appeal_id, by=employee), employee)


def _asked(appeal: Appeal, outcome_id: str) -> tuple[Outcome, Form | None]:
    """Find an outcome that the appeal offers now, and its form if it asks something."""
    task, outcome = acting.find_outcome(appeal, outcome_id)
    return outcome, forms.load(task, outcome.form) if outcome.form else None


def _number(name: str) -> int:
    return request.form.get(name, 0, type=int)


def _choices(item: Field, lists: Mapping[str, list[Option]]) -> list[Option]:
    """Names of the directory are shown as typed, words of the form in the reader's language."""
    choices = item.choices(lists)
    return choices if item.options_key else [Option(choice.value, _(choice.label)) for choice in choices]


def _first_values(appeal: Appeal, fields: Iterable[Field]) -> dict[str, Any]:
    """Begin with what is known: the topic, the defaults of the form, the queue's patience."""
    values: dict[str, Any] = {item.key: item.default for item in fields}
    if appeal.topic_id:
        values["topic_id"] = appeal.topic_id
    if "on_silence" in values and appeal.queue:
        values["until"] = f"{i18n.local(clock.now() + appeal.queue.wait_for_client):%Y-%m-%dT%H:%M}"
    return values


def _on_to_the_next(done: Appeal, employee: Employee) -> Response:
    found = queries.worklist(employee)
    following = opening.opened(found.in_work[0].id, by=employee) if found.in_work else None
    parts = drawing.opened_parts(following, employee)
    parts |= drawing.list_parts(employee, open_id=following.id if following else None, found=found)
    parts["toast"] = render_template(
        "operator/toast.html", appeal=done, words=_words(done), undo_until=drawing.undo_until(done)
    )
    response = make_response(drawing.together("appeal", parts))
    response.headers["HX-Push-Url"] = f"/operator/appeals/{following.id}" if following else "/operator"
    return response


def _words(done: Appeal) -> str:
    words = {
        Status.CLOSED: _("Appeal {number} is closed."),
        Status.POSTPONED: _("Appeal {number} is postponed."),
        Status.WAITING: _("Appeal {number} waits for the client."),
        Status.SPAM: _("Appeal {number} is marked as spam."),
    }
    return words.get(Status(done.status), _("Appeal {number} is handed over.")).format(number=done.number)


def _stay_or_leave(appeal: Appeal, employee: Employee) -> Response:
    if appeal.operator_id != employee.id:
        return _on_to_the_next(appeal, employee)
    parts = drawing.appeal_part(
        opening.opened(appeal.id, by=employee), employee, **drawing.kept()
    ) | drawing.list_parts(employee, open_id=appeal.id)
    return make_response(drawing.together("appeal", parts))
