"""Expressions of diagrams are FEEL, their clock is ours, and nothing of their data reaches a log."""

import datetime as dt
import logging
import time
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson
import SpiffWorkflow.bpmn.specs.event_definitions.timer as spiff_timer
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.workflow import Workflow

from cec.feel.compiling import Expression, FeelError, FeelSyntaxError, compile_expression
from cec.platform import clock

# Every transition would build a dictionary with all data of the task for the log, even when nothing is logged.
for _logging in (Task, Workflow, BpmnSubWorkflow):
    _logging.collect_log_extras = lambda _self, extra=None: extra or {}
logging.getLogger("spiff").setLevel(logging.WARNING)


def _set_state(task: Any, value: int) -> None:
    """Change the state of a task without a word to the log."""
    if value != task._state:
        task._state, task.last_state_change = value, time.time()


Task._set_state = _set_state


class _Clock(dt.datetime):
    """The time of SpiffWorkflow's timers is the time of the centre."""

    @classmethod
    def now(cls, _zone: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
        return clock.now()


spiff_timer.datetime = _Clock


class BrokenStep(Exception):
    """A step of a process cannot be worked out: the diagram is wrong, not the person."""


def plain(value: Any) -> Any:
    """Give a value as it will come back from the database: the data of a process is always JSON."""
    return orjson.loads(orjson.dumps(value, default=_plain_number, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC))


def _plain_number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} cannot be kept in a process")


@lru_cache(maxsize=20_000)
def _compiled(text: str) -> Expression:
    return compile_expression(text)


class _NoPython(BasePythonScriptEngineEnvironment):
    """Stands where SpiffWorkflow would evaluate Python."""

    def evaluate(self, expression: str, *_: Any) -> Any:
        """Refuse."""
        raise BrokenStep(f"Python is not run: {expression}")

    execute = evaluate


class FeelEngine(PythonScriptEngine):
    """Works out the expressions of diagrams in FEEL; never runs Python."""

    def __init__(self) -> None:
        super().__init__(_NoPython())

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        """Work an expression out over the data of a task; a condition (with a context) holds only if it is true."""
        value = _worked_out(task, expression, task.data)
        if external_context is not None:
            return value is True
        return _iso(value) if isinstance(value, dt.datetime | dt.timedelta) else value

    def evaluate_parameter(self, task: Any, expression: str) -> Any:
        """Work out what a service task is told; what the process does not know is null: the service has defaults."""
        unknown = dict.fromkeys(_compiled(expression).names - task.data.keys())
        return _worked_out(task, expression, {**task.data, **unknown})


def _worked_out(task: Any, expression: str, data: dict[str, Any]) -> Any:
    try:
        return _compiled(expression)(data)
    except (FeelError, FeelSyntaxError) as error:
        raise BrokenStep(f"{task.workflow.spec.name}/{task.task_spec.bpmn_id}: {expression}: {error}") from error


def _iso(value: dt.datetime | dt.timedelta) -> str:
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).isoformat()
    return f"P{value.days}DT{value.seconds}S"
