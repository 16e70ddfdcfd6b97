"""The way of an appeal on its diagram: where it stands, what it passed, what it waits for (guide 2.3)."""

import datetime as dt
from dataclasses import dataclass

import orjson
from flask import Blueprint, Response, render_template, url_for

from cec.appeals import history, queries
from cec.appeals.models import Appeal
from cec.platform import audit, clock, i18n
from cec.platform.db import db
from cec.platform.errors import NotFound
from cec.platform.i18n import gettext, mark
from cec.staff import roles
from cec.staff.roles import Right, Role
from cec.web import actors
from cec.web.guards import allow
from cec.web.operator import drawing, feed, own
from cec.web.session import current_employee, current_reader
from cec.workflow import tracing
from cec.workflow.tracing import Step, Trace

bp = Blueprint("life", __name__, url_prefix="/life/<int:appeal_id>")

KINDS = {
    "fact": ("history", mark("What happened")),
    "person": ("user", mark("Tasks of people")),
    "work": ("settings", mark("Automatic steps")),
    "choice": ("affiliate", mark("Decisions")),
    "event": ("clock", mark("Events and waiting")),
}
_KIND_OF = {"userTask": "person", "manualTask": "person", "exclusiveGateway": "choice", "parallelGateway": "choice"}
# What a process can be told, in the words of people.
_MESSAGES = {"client_wrote": mark("a message from the client"), "recalled": mark("somebody takes it back")}


@dataclass(frozen=True)
class Line:
    """A line of the table."""

    kind: str
    at: dt.datetime
    what: str
    who: str
    detail: str = ""


@bp.get("")
@allow(Right.HANDLE_APPEALS, Right.SEE_APPEALS)
def show(appeal_id: int) -> str:
    """Draw the way of an appeal: its diagram, and the same as a table; a page of its own for those who only look."""
    appeal = find(appeal_id)
    trace = tracing.trace(appeal.key)
    alone, reader = not drawing.is_part(), current_employee()
    if alone and appeal.operator_id != reader.id:
        audit.opened(appeal.key, by=reader.key)
    names = actors.names({step.by for step in (*trace.earlier, *trace.steps)}, reader)
    return render_template(
        "life/page.html" if alone else "life/show.html",
        back=_back(appeal) if alone else "",
        appeal=appeal,
        trace=trace,
        lines=_lines(appeal, trace, names),
        kinds={kind: (icon, gettext(word)) for kind, (icon, word) in KINDS.items()},
        waits=[(wait.kind, gettext(_MESSAGES.get(wait.name, wait.name)), wait.due_at) for wait in trace.waits],
        marks=orjson.dumps(_marks(trace, names)).decode(),
    )


@bp.get("/diagrams/<process>")
@allow(Right.HANDLE_APPEALS, Right.SEE_APPEALS)
def draw(appeal_id: int, process: str) -> Response:
    """Give a diagram of the version that the appeal follows."""
    return Response(tracing.draw(find(appeal_id).key, process), mimetype="application/xml")


def find(appeal_id: int) -> Appeal:
    """Find an appeal that the reader may see: his own, a client's of his, or of the queues he looks after.

    :raises NotYoursNow: when he held it, and it went on.
    :raises NotFound: for others' appeals as for none.
    """
    employee, role = current_employee(), current_reader().role
    if roles.may(role, [Right.HANDLE_APPEALS]):
        try:
            return history.get_readable(appeal_id, of=employee)
        except NotFound:
            return own.get(appeal_id, of=employee)
    appeal = db.session.get(Appeal, appeal_id)
    if appeal is None or (role == Role.SUPERVISOR and appeal.queue_id not in queries.queues_of_supervisor(employee)):
        raise NotFound
    return appeal


def _back(appeal: Appeal) -> str:
    whose = "appeal.show" if roles.may(current_reader().role, [Right.HANDLE_APPEALS]) else "appeals_list.show_appeal"
    return url_for(whose, appeal_id=appeal.id)


def _marks(trace: Trace, names: dict[str, str]) -> dict[str, dict[str, object]]:
    """Tell the viewer what to mark, by diagram: where it stands, how often, when and by whom last it passed."""
    found: dict[str, dict[str, object]] = {}
    for process in trace.diagrams:
        passed: dict[str, tuple[int, str]] = {}
        for step in trace.steps:
            if step.process == process:
                times = passed.get(step.element, (0, ""))[0] + 1
                passed[step.element] = (times, f"{i18n.day(step.at, now=clock.now())} · {names[step.by]}")
        here = [standing.element for standing in trace.here if standing.process == process]
        found[process] = {"here": here, "passed": passed}
    return found


def _lines(appeal: Appeal, trace: Trace, names: dict[str, str]) -> list[Line]:
    """Put facts and steps in one order; the newest are first."""
    told = feed.lines(appeal, [], queries.events(appeal), reader=current_employee(), new_from=None)
    facts = [Line("fact", line.at, line.text, "", line.detail) for line in told if line.kind == "event"]
    steps = [_line(step, names) for step in (*trace.earlier, *trace.steps)]
    return sorted([*steps, *facts], key=lambda line: line.at)[::-1]


def _line(step: Step, names: dict[str, str]) -> Line:
    kind = _KIND_OF.get(step.kind) or ("event" if step.kind.endswith("Event") or "Based" in step.kind else "work")
    return Line(kind, step.at, gettext(step.name) if step.name else gettext("Crossing"), names[step.by])
