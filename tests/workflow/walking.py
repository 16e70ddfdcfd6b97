"""Random walks: the stock engine and ours take the same steps; a restart of ours, on diagrams read anew, at each."""

import datetime as dt
from uuid import UUID

from cec.platform import clock
from cec.workflow import diagrams
from cec.workflow.spiff import reading, running, storing
from cec.workflow.spiff.expressions import plain
from tests.workflow.stock import Stock, active, parse


class Walk:
    """One instance in two engines."""

    def __init__(self, process, files, data, calls):
        self.process, self.calls = process, calls
        self.roots = {name: diagrams.read(text).root for name, text in files.items() if name.endswith(".bpmn")}
        self.stock_calls, self.our_calls = [], []
        with self._noting(self.stock_calls):
            self.stock = Stock(*parse(process, self.roots), plain(data))
        with self._noting(self.our_calls):
            self.ours = running.start(self._read(), plain(data), by="walker")
        self.largest = 0

    def _read(self):
        return reading.parse(self.process, self.roots)

    def _noting(self, place):
        return Noting(self.calls, place)

    def restart(self):
        """Store and restore both; ours on diagrams that this instance has never seen."""
        self.stock.restart()
        stored = storing.dump(self.ours)
        self.largest = max(self.largest, len(stored))
        self.ours = storing.load(stored, self._read(), by="walker")

    def compare(self):
        """Both must stand at the same places, with the same data, after the same calls."""
        ours, theirs = active(self.ours), active(self.stock.workflow)
        assert ours == theirs, (ours, theirs)
        assert self.our_calls == self.stock_calls
        ours, theirs = self.open()
        assert [(task.task_spec.name, task.data) for task in ours] == [
            (task.task_spec.name, task.data) for task in theirs
        ]
        assert self.ours.completed == self.stock.workflow.completed

    def open(self):
        """Give the open tasks of both, in the same order."""
        ours = [self.ours.get_task_from_id(task.token) for task in running.open_tasks(self.ours)]
        return sorted(ours, key=_rank), sorted(self.stock.ready(), key=_rank)

    def finish(self, index, answers):
        """Finish a task in both."""
        ours, theirs = self.open()
        with self._noting(self.stock_calls):
            self.stock.finish(theirs[index], plain(answers))
        with self._noting(self.our_calls):
            running.run_task(self.ours, ours[index].id, plain(answers))

    def send(self, message, payload):
        """Send a message to both."""
        awaited = any(wait.name == message for wait in running.subscriptions(self.ours) if wait.kind == "message")
        with self._noting(self.stock_calls):
            assert self.stock.send(message, payload) == awaited
        if awaited:
            with self._noting(self.our_calls):
                running.send(self.ours, message, payload)
        return awaited

    def let_time_pass(self, hands, by: dt.timedelta):
        """Turn the clock and let what is due ring in both."""
        hands.forward(by)
        with self._noting(self.stock_calls):
            self.stock.wake()
        due = [wait.token for wait in running.subscriptions(self.ours) if wait.due_at and wait.due_at <= clock.now()]
        with self._noting(self.our_calls):
            running.wake(self.ours, due)


class Noting:
    """Collects what is called meanwhile."""

    def __init__(self, calls, place):
        self.calls, self.place = calls, place

    def __enter__(self):
        self.calls.told.clear()

    def __exit__(self, *_):
        self.place += [(name, told) for name, _by, told in self.calls.told]
        self.calls.told.clear()


def _rank(task):
    return (task.task_spec.name, str(task.data.get("item")))


def restored(instance, specs):
    """Store an instance and restore it."""
    return storing.load(storing.dump(instance), specs, by="walker")


def by_element(instance, element) -> UUID:
    """Give the token of an open task."""
    return next(task.token for task in running.open_tasks(instance) if task.element == element)
