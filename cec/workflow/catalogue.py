"""The catalogue of what diagrams may call: `<area>.<function>` is `cec/<area>/service_tasks.py: <function>`."""

import datetime as dt
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class UnknownServiceTask(Exception):
    """A diagram calls what is not in the catalogue."""


@dataclass(frozen=True)
class ServiceTask:
    """One entry: its name, what it does, and what it wants to be told."""

    name: str
    function: Callable[..., Any]

    @property
    def about(self) -> str:
        """Say in a sentence what it does: the first line of its docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @cached_property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """Give what a diagram may tell it; who acts is always told."""
        signature = inspect.signature(self.function)
        return {name: parameter for name, parameter in signature.parameters.items() if name != "by"}

    @cached_property
    def required(self) -> frozenset[str]:
        """Name what a diagram must tell it."""
        return frozenset(
            name for name, parameter in self.parameters.items() if parameter.default is inspect.Parameter.empty
        )

    def call(self, arguments: Mapping[str, Any], *, by: str) -> Any:
        """Call it; null means the default where there is one."""
        told = {name: value for name, value in arguments.items() if value is not None or name in self.required}
        return self.function(**told, by=by)


_tasks: dict[str, ServiceTask] = {}


def service_task(function: Function) -> Function:
    """Put a function of an area's service_tasks.py into the catalogue under its address."""
    area = function.__module__.removesuffix(".service_tasks").rpartition(".")[2]
    register(f"{area}.{function.__name__}", function)
    return function


def register(name: str, function: Callable[..., Any]) -> None:
    """Put a function into the catalogue: it says what it does and takes `by`."""
    if not inspect.getdoc(function):
        raise TypeError(f"{name}: the business administrator reads the docstring, write one")
    if "by" not in inspect.signature(function).parameters:
        raise TypeError(f"{name}: every service task is told who acts, add the parameter by")
    _tasks[name] = ServiceTask(name, function)


@contextmanager
def rehearsal(stand_in: Callable[[ServiceTask], Callable[..., Any]]) -> Iterator[None]:
    """Let stand-ins act for all service tasks for a while; what is registered meanwhile is gone afterwards."""
    real = dict(_tasks)
    for name, task in real.items():
        _tasks[name] = ServiceTask(name, stand_in(task))
    try:
        yield
    finally:
        _tasks.clear()
        _tasks.update(real)


def get(name: str) -> ServiceTask:
    """Look a service task up.

    :raises UnknownServiceTask: when there is none of this name.
    """
    try:
        return _tasks[name]
    except KeyError:
        raise UnknownServiceTask(name) from None


def find(name: str) -> ServiceTask | None:
    """Look a service task up that may not be there."""
    return _tasks.get(name)


def list_all() -> list[ServiceTask]:
    """List the catalogue by name."""
    return [_tasks[name] for name in sorted(_tasks)]


def _moment(value: Any) -> dt.datetime:
    moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


# The types that a parameter of a diagram may declare. An empty choice of a form is no number and no moment.
TYPES: dict[str, Callable[[Any], Any]] = {
    "int": lambda value: None if value == "" else int(value),
    "number": lambda value: None if value == "" else value,
    "str": str,
    "bool": bool,
    "datetime": lambda value: None if value == "" else _moment(value),
    "dict": dict,
    "list": list,
}


def convert(value: Any, kind: str) -> Any:
    """Turn a value of the process into what the function expects."""
    return None if value is None else TYPES[kind](value)
