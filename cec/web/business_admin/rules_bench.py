"""Administrator: the test bench of a decision table: type an appeal or pick a real one, see what hits (guide 5.2).

The drawer stands beside the table on a page of its own and is fetched by any page that has a place for it; what was hit
is told to the page as `rules:hits` (rules_bench.js).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.appeals import trying_out
from cec.appeals.trying_out import Picked, Result
from cec.dmn import reading
from cec.dmn.boxes import Row
from cec.platform.errors import Refusal
from cec.platform.i18n import gettext as _
from cec.rulebook import inputs, scenarios
from cec.rulebook.scenarios import Wanted
from cec.rulebook.trying import Tried
from cec.staff.roles import Right
from cec.web.business_admin import rules_form, rules_text
from cec.web.business_admin.rules_form import FACT, Field
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("rules_bench", __name__, url_prefix="/admin/rules/<name>/bench")

# On the page of the bench so many rows are drawn beside it; a longer table is read in the editor.
MOST_ROWS = 300
LONGEST_TITLE = 100


@dataclass(frozen=True)
class Bench:
    """What the drawer is drawn from."""

    name: str
    title: str
    # Of the text that is tried: the draft, or version n.
    text_title: str
    # What the columns ask about, and what else the table could be asked about.
    asked: list[Field]
    more: list[Field]
    picked: Picked | None
    newest: Sequence[Any]


@bp.get("")
@allow(Right.MANAGE_CENTRE)
def show(name: str, error: Refusal | None = None) -> str:
    """Draw the bench beside its table; ?number= picks an appeal, ?scenario= takes the facts of one."""
    return _page(name, error=error)


@bp.get("/drawer")
@allow(Right.MANAGE_CENTRE)
def show_drawer(name: str) -> str:
    """Draw the drawer alone, for a page that has a place for it."""
    return render_template("business_admin/rules/bench/drawer.html", error=None, result=None, **_drawn(name))


@bp.post("")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def try_facts(name: str) -> str:
    """Judge what is typed; a part of the page gets the answer alone."""
    given, picked = _typed(name)
    result = trying_out.try_on(name, rules_text.of(name).text, given, picked)
    if request.headers.get("HX-Request"):
        return render_template("business_admin/rules/bench/result.html", **_said(name, result))
    return _page(name, result=result)


@bp.post("/scenario")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def keep(name: str) -> str | Response:
    """Keep what is typed as a scenario that expects what was answered; its name can be changed in the list."""
    given, _picked = _typed(name)
    tried = trying_out.try_on(name, rules_text.of(name).text, given).tried
    wanted = Wanted(request.form.get("title", "").strip() or _title(tried), given, tried.outputs)
    scenario = scenarios.create(name, wanted, by=current_employee().key)
    if request.headers.get("HX-Request"):
        return render_template("business_admin/rules/bench/kept.html", name=name, scenario=scenario)
    return redirect(url_for("rules_scenarios.show", name=name, saved=1), 303)


def _typed(name: str) -> tuple[dict[str, Any], Picked | None]:
    number = request.form.get("number", "")
    return rules_form.read(inputs.of(name).takes, FACT), trying_out.pick(name, number) if number else None


def _page(name: str, *, result: Result | None = None, error: Refusal | None = None) -> str:
    drawn = _drawn(name)
    if result is None and drawn["bench"].picked:
        picked = drawn["bench"].picked
        result = trying_out.try_on(name, rules_text.of(name).text, picked.given, picked)
    said = _said(name, result) if result else {"result": None}
    table = reading.read(rules_text.of(name).text).main(name).table
    rows: Sequence[Row] = table.rows[:MOST_ROWS] if table else ()
    drawing = {
        "table": table,
        "rows": rows,
        "hit": {hit.row for hit in result.tried.hits} if result else set(),
        "bench_answers": {term.name: term.word for term in inputs.of(name).gives},
    }
    return render_template("business_admin/rules/bench/show.html", error=error, **drawn, **said, **drawing)


def _drawn(name: str) -> dict[str, Any]:
    terms, written = inputs.of(name), rules_text.of(name)
    number, scenario_id = request.values.get("number", "").strip(), request.args.get("scenario", type=int)
    picked = trying_out.pick(name, number) if number and request.method == "GET" else None
    values: dict[str, Any] = picked.given if picked else {}
    if scenario_id:
        values = scenarios.get(name, scenario_id).given
    columns = trying_out.asked(written.text)
    fields = rules_form.fields(terms.takes, values, FACT)
    bench = Bench(
        name,
        rules_text.title(name),
        written.title,
        [field for field in fields if field.term.name in columns],
        [field for field in fields if field.term.name not in columns],
        picked,
        trying_out.newest(),
    )
    return {"bench": bench, "number": number}


def _said(name: str, result: Result) -> dict[str, Any]:
    terms = inputs.of(name)
    return {
        "result": result,
        "answers": [(term, result.tried.outputs.get(term.name)) for term in terms.gives],
        "adds_up": [term.name for term in terms.gives] == ["points"],
        "shown": scenarios.shown,
    }


def _title(tried: Tried) -> str:
    """Name a scenario by the reasons of its rows."""
    reasons = " + ".join(_(hit.reason) for hit in tried.hits if hit.reason)
    return (reasons or _("No row hits"))[:LONGEST_TITLE]
