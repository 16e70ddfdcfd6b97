"""A catalogue of its own, in which service tasks remember that they were called."""

import inspect

import pytest

from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.workflow import catalogue, definitions, engine, inbox
from cec.workflow.models import ProcessInstance, UserTask, Wait


class Calls(list):
    """What was called, in order; an answer may be prepared, or a fault."""

    def __init__(self):
        super().__init__()
        self.answers = {}
        self.told = []

    def stand_in(self, name, like=None):
        """Make a service task that remembers."""

        def act(*, by, **told):
            """Remember."""
            self.append(name)
            self.told.append((name, by, told))
            answer = self.answers.get(name)
            if isinstance(answer, Exception):
                raise answer
            return answer(told) if callable(answer) else answer

        if like is not None:
            act.__signature__ = like
        return act


def _signature(takes):
    """Make the signature of a service task; what it may do without has a question mark."""
    kind, nothing = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty
    told = [
        inspect.Parameter(word.rstrip("?"), kind, default=None if word.endswith("?") else nothing)
        for word in [*takes.split(), "by"]
    ]
    return inspect.Signature(told)


@pytest.fixture
def calls(monkeypatch):
    """Stand-ins for every service task of the catalogue, and room for more."""
    calls = Calls()
    monkeypatch.setattr(definitions, "_sound", set())
    with catalogue.rehearsal(lambda task: calls.stand_in(task.name, inspect.signature(task.function))):
        yield calls


@pytest.fixture
def service(calls):
    """A function that adds a service task `test.<name>`; `takes` names its parameters."""

    def add(name, answer=None, takes=""):
        calls.answers[f"test.{name}"] = answer
        catalogue.register(f"test.{name}", calls.stand_in(f"test.{name}", _signature(takes)))

    return add


@pytest.fixture
def publish(db, calls):
    """A function that publishes a diagram and starts nothing."""

    def publish(text, process="errand", **called):
        files = {f"{process}.bpmn": text, **{f"{name}.bpmn": other for name, other in called.items()}}
        with unit_of_work():
            return definitions.publish(process, files, by="employee:1")

    return publish


class Desk:
    """What people and the world do to processes, each in a transaction of its own."""

    def start(self, process="errand", subject="errand:1", **data):
        """Start a process."""
        with unit_of_work():
            return engine.start(process, subject, by="employee:1", **data)

    def finish(self, outcome="close", subject="errand:1", element=None, **answers):
        """Finish the open task."""
        with unit_of_work():
            tasks = [task for task in inbox.list_open(subject) if element in {None, task.element}]
            engine.complete(tasks[0], outcome=outcome, by="employee:2", **answers)

    def send(self, message, subject="errand:1", **payload):
        """Send a message."""
        with unit_of_work():
            return engine.send(subject, message, by="client:1", **payload)

    def open(self, subject="errand:1"):
        """Name the open tasks."""
        database.session.rollback()
        return [task.element for task in inbox.list_open(subject)]

    def waits(self):
        """List what is waited for: kind, name."""
        database.session.rollback()
        return sorted(map(tuple, database.session.execute(database.select(Wait.kind, Wait.name))))

    def due(self):
        """List when timers ring."""
        database.session.rollback()
        return list(database.session.scalars(database.select(Wait.due_at).filter_by(kind="timer").order_by(Wait.id)))

    def instance(self, subject="errand:1"):
        """Give the newest instance."""
        database.session.rollback()
        database.session.expire_all()
        newest = database.select(ProcessInstance).filter_by(subject=subject).order_by(ProcessInstance.id.desc())
        return database.session.scalars(newest.limit(1)).one()

    def tasks(self, subject="errand:1"):
        """List all tasks there have ever been."""
        database.session.rollback()
        database.session.expire_all()
        return list(
            database.session.scalars(database.select(UserTask).filter_by(subject=subject).order_by(UserTask.id))
        )


@pytest.fixture
def desk(db, calls):
    """People and the world."""
    return Desk()
