"""Administrator: scenarios of a decision table, green or red, to be changed and removed (guide 5.2)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.platform import changes
from cec.platform.errors import Refusal
from cec.rulebook import inputs, scenarios
from cec.rulebook.models import RulesScenario
from cec.rulebook.scenarios import Wanted
from cec.staff.roles import Right
from cec.web.business_admin import rules_form, rules_text
from cec.web.business_admin.rules_form import ANSWER, FACT
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("rules_scenarios", __name__, url_prefix="/admin/rules/<name>/scenarios")


@bp.get("")
@allow(Right.MANAGE_CENTRE)
def show(name: str, error: Refusal | None = None, **_of: int) -> str:
    """Run all scenarios and list them, the red ones with what came instead."""
    written = rules_text.of(name)
    outcomes = scenarios.run(name, written.text)
    return render_template(
        "business_admin/rules/scenarios/list.html",
        error=error,
        name=name,
        table=rules_text.title(name),
        written=written,
        outcomes=outcomes,
        red=sum(outcome.is_red for outcome in outcomes),
        removed=scenarios.find_removed(name, request.args.get("removed", type=int)),
        answers=inputs.of(name).gives,
        shown=scenarios.shown,
    )


@bp.get("/new")
@allow(Right.MANAGE_CENTRE)
def show_new(name: str, error: Refusal | None = None) -> str:
    """Draw an empty form."""
    return _form(name, None, error)


@bp.post("/new")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_new)
def add(name: str) -> Response:
    """Add a scenario."""
    scenarios.create(name, _wanted(name), by=current_employee().key)
    return redirect(url_for("rules_scenarios.show", name=name, saved=1), 303)


@bp.get("/<int:scenario_id>")
@allow(Right.MANAGE_CENTRE)
def show_one(name: str, scenario_id: int, error: Refusal | None = None) -> str:
    """Draw the form of one scenario, and what the table makes of it."""
    return _form(name, scenarios.get(name, scenario_id), error)


@bp.post("/<int:scenario_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_one)
def change(name: str, scenario_id: int) -> Response:
    """Change a scenario."""
    scenario = scenarios.get(name, scenario_id)
    scenarios.change(scenario, _wanted(name), by=current_employee().key, seen=request.form.get("seen", ""))
    return redirect(url_for("rules_scenarios.show", name=name, saved=1), 303)


@bp.post("/<int:scenario_id>/removal")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def remove(name: str, scenario_id: int) -> Response:
    """Remove a scenario; the list offers to bring it back."""
    scenarios.remove(scenarios.get(name, scenario_id), by=current_employee().key)
    return redirect(url_for("rules_scenarios.show", name=name, removed=scenario_id), 303)


@bp.post("/<int:scenario_id>/return")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def bring_back(name: str, scenario_id: int) -> Response:
    """Bring a removed scenario back."""
    scenarios.bring_back(scenarios.get(name, scenario_id, removed=True), by=current_employee().key)
    return redirect(url_for("rules_scenarios.show", name=name, saved=1), 303)


def _form(name: str, scenario: RulesScenario | None, error: Refusal | None) -> str:
    terms, written = inputs.of(name), rules_text.of(name)
    return render_template(
        "business_admin/rules/scenarios/scenario.html",
        error=error,
        name=name,
        table=rules_text.title(name),
        scenario=scenario,
        title=scenarios.title_of(scenario) if scenario else "",
        outcome=scenarios.run_one(scenario, written.text) if scenario else None,
        written=written,
        facts=rules_form.fields(terms.takes, scenario.given if scenario else {}, FACT),
        answers=rules_form.fields(terms.gives, scenario.expected if scenario else {}, ANSWER),
        seen=changes.mark_of(scenarios.values(scenario)) if scenario else "",
    )


def _wanted(name: str) -> Wanted:
    terms = inputs.of(name)
    given = rules_form.read(terms.takes, FACT)
    return Wanted(request.form.get("title", ""), given, rules_form.read(terms.gives, ANSWER))
