"""engine.*: starting and completing through our service layer, beside SpiffWorkflow as it comes (CORE 10); loops.

The diagram has the meaning of the floor's. What counts: one data commit and at most one NOTIFY, SQL statements, CPU.
Set CEC_FLOOR to another program to be measured against: it is called with `appeal N DSN 1`.
"""

import datetime as dt
import functools
import inspect
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import event

from cec.app import create_app
from cec.platform import clock, collector, shipped
from cec.platform.db import connect_apart, db, unit_of_work
from cec.platform.live import CHANNEL
from cec.platform.settings import Settings
from cec.rulebook import files
from cec.workflow import catalogue, definitions, engine, inbox
from cec.workflow.models import ProcessInstance, UserTask

HERE = Path(__file__).parent
COUNT = 1000
WARM = 50
ROUNDS = 5
GOAL = 0.35
MOST_SQL = 8
MOST_CPU = 3.0
LOOPS = 200
EDGE = 30
STEADY = 1.3
FAR = "2099-01-01T00:00:00Z"


def measure(settings: Settings) -> list[dict[str, Any]]:
    """Measure on an empty, migrated database."""
    app = create_app(settings)
    with app.app_context(), _rehearsal():
        with unit_of_work():
            definitions.ship(HERE / "processes", shipped.folder("forms"))
            definitions.ship(shipped.folder("processes"), shipped.folder("forms"))
            files.ship(shipped.folder("rules"))
        # As the worker does.
        collector.calm()
        return [*_rates(settings), _loops()]


@contextmanager
def _rehearsal() -> Iterator[None]:
    """Let service tasks do nothing for a while: the engine is measured, not what it calls."""
    with catalogue.rehearsal(lambda task: _stand_in(task.name, inspect.signature(task.function))):
        for name in ("bench.classify", "bench.close", "bench.note"):
            catalogue.register(name, _stand_in(name, inspect.signature(_nothing)))
        yield


def _nothing(*, by: str) -> None:
    """Do nothing: who acts is all that it is told."""


ANSWERS: dict[str, Any] = {
    "bench.classify": 50,
    "bench.close": True,
    "appeals.gather_facts": {"queue_chosen": True},
    "appeals.enqueue": {"escalate_at": FAR},
}


def _stand_in(name: str, signature: inspect.Signature) -> Callable[..., Any]:
    def act(**_told: Any) -> Any:
        """Do nothing."""
        return ANSWERS.get(name)

    act.__signature__ = signature  # type: ignore[attr-defined]
    return act


# Rates.


def _rates(settings: Settings) -> Iterator[dict[str, Any]]:
    """Take turns with the floor, so that both see the same weather; the ratio is that of the median turn."""
    ours: dict[str, list[float]] = {"start": [], "complete": []}
    floor: dict[str, list[float]] = {"start": [], "complete": []}
    cpu: dict[str, list[float]] = {"start": [], "complete": []}
    _start(WARM, 0)
    _complete(_open_tasks())
    share = COUNT // ROUNDS
    for turn in range(1, ROUNDS + 1):
        for name, rate in _floor(settings, share).items():
            floor[name].append(rate)
        for name in ("start", "complete"):
            act = (
                functools.partial(_start, share, turn)
                if name == "start"
                else functools.partial(_complete, _open_tasks())
            )
            rate, seconds = _timed(act, share)
            ours[name].append(rate)
            cpu[name].append(1e3 * seconds)
    for name, rates in ours.items():
        yield _figure(name, rates, floor[name], min(cpu[name]))


def _figure(name: str, ours: list[float], floor: list[float], burden: float) -> dict[str, Any]:
    sql, commits, notices = _counted(name)
    ratio = statistics.median(value / limit for value, limit in zip(ours, floor, strict=True))
    frugal = sql <= MOST_SQL and burden <= MOST_CPU and commits == 1 and notices <= 1
    return {
        "name": f"engine.{name}",
        "value": round(statistics.median(ours)),
        "unit": "/s",
        "limit": round(statistics.median(floor)),
        "ratio": round(ratio, 2),
        "goal": GOAL,
        "holds": ratio >= GOAL and frugal,
        "note": f"{sql} SQL, {burden:.2f} ms CPU (the calmest turn), {commits} commit, {notices} NOTIFY; "
        "limit: the stock engine on bare psycopg2; both know their tasks beforehand",
    }


def _start(count: int, turn: int) -> None:
    for number in range(count):
        with unit_of_work():
            engine.start("bench_appeal", f"bench:{turn}.{number}", by="bench", appeal_id=number)
        db.session.remove()


def _open_tasks() -> list[UserTask]:
    """Know the tasks beforehand, as the floor knows its instances."""
    tasks = list(db.session.scalars(db.select(UserTask).filter_by(process="bench_appeal", closed_at=None)))
    db.session.remove()
    return tasks


def _complete(tasks: list[UserTask]) -> None:
    for task in tasks:
        with unit_of_work():
            engine.complete(task, outcome="close", by="bench")
        db.session.remove()


def _timed(act: Callable[[], None], count: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return count / (time.perf_counter() - wall), (time.process_time() - cpu) / count


def _floor(settings: Settings, count: int) -> dict[str, float]:
    dsn = settings.database_url.replace("+psycopg2", "")
    other = os.environ.get("CEC_FLOOR")
    if not other:
        program = [sys.executable, str(HERE / "spiff_floor.py"), str(count), dsn]
        return dict(orjson.loads(subprocess.run(program, check=True, capture_output=True).stdout))  # noqa: S603
    program = [sys.executable, other, "appeal", str(count), dsn, "1"]
    said = subprocess.run(program, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return {name: float(re.search(rf"{name} (\d+)/s", said)[1]) for name in ("start", "complete")}  # type: ignore[index]


def _counted(name: str) -> tuple[int, int, int]:
    """Count statements, data commits and notices of one operation."""
    said: list[str] = []
    with unit_of_work():
        engine.start("bench_appeal", f"bench:counted {name}", by="bench")
    task = inbox.get_open(f"bench:counted {name}")
    db.session.commit()
    db.session.remove()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    def committed(_connection: Any) -> None:
        said.append("COMMIT")

    hearing = connect_apart("bench")
    hearing.cursor().execute(f"listen {CHANNEL}")
    event.listen(db.engine, "before_cursor_execute", note)
    event.listen(db.engine, "commit", committed)
    try:
        with unit_of_work():
            if name == "start":
                engine.start("bench_appeal", "bench:counted again", by="bench")
            else:
                engine.complete(task, outcome="close", by="bench")
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
        event.remove(db.engine, "commit", committed)
    # What was said stands in the line before this answer.
    hearing.cursor().execute("select 1")
    hearing.poll()
    heard, commits = len(hearing.notifies), said.count("COMMIT")
    hearing.close()
    return len(said) - commits, commits, heard


# Loops.


def _loops() -> dict[str, Any]:
    kinds = {kind: _loop(kind, act) for kind, act in LOOP.items()}
    slowest, largest = max(each[0] for each in kinds.values()), max(each[1] for each in kinds.values())
    told = ", ".join(f"{kind} {time_:.2f}x/{size:.2f}x" for kind, (time_, size) in kinds.items())
    worst = max(slowest, largest)
    return {
        "name": "engine.loops",
        "value": round(worst, 2),
        "unit": "x of first",
        "limit": STEADY,
        "ratio": round(worst / STEADY, 2),
        "goal": STEADY,
        "holds": worst <= STEADY,
        "note": f"the last {EDGE} of {LOOPS} loops beside the first {EDGE} of another, time/size: {told}",
    }


def _loop(kind: str, act: Callable[[str], None]) -> tuple[float, float]:
    """Go through a loop; give how much longer and larger the last turns are than the first.

    The first turns of a second instance take turns with the last ones of the first: both see the same weather.
    """
    process = "bench_letters" if kind == "wrote again" else "appeal_handling"
    old, new = f"loop:old {kind}", f"loop:new {kind}"
    with unit_of_work():
        numbers = {old: engine.start(process, old, by="bench", appeal_id=1)}
    for _ in range(LOOPS - EDGE):
        act(old)
        db.session.remove()
    with unit_of_work():
        numbers[new] = engine.start(process, new, by="bench", appeal_id=2)
    turns = [(subject, _turn(act, subject, numbers[subject])) for _ in range(EDGE) for subject in (old, new)]
    last, first = ([turn for subject, turn in turns if subject == which] for which in (old, new))
    seconds = statistics.median(turn[0] for turn in last) / statistics.median(turn[0] for turn in first)
    return seconds, statistics.median(turn[1] for turn in last) / statistics.median(turn[1] for turn in first)


def _turn(act: Callable[[str], None], subject: str, instance: int) -> tuple[float, int]:
    begun = time.process_time()
    act(subject)
    seconds = time.process_time() - begun
    db.session.remove()
    size = db.session.scalar(db.select(db.func.length(ProcessInstance.state)).where(ProcessInstance.id == instance))
    db.session.remove()
    return seconds, size or 0


def _finish(subject: str, outcome: str, **answers: Any) -> None:
    with unit_of_work():
        engine.complete(inbox.get_open(subject), outcome=outcome, by="employee:1", **answers)


def _tell(subject: str, message: str, **payload: Any) -> None:
    with unit_of_work():
        assert engine.send(subject, message, by="client:1", **payload)


def _transfer(subject: str) -> None:
    _finish(subject, "transfer", target="queue", queue_id="1", operator_id=None, group_id=None, comment="Нужна помощь")


def _wake(subject: str) -> None:
    until = clock.now() + dt.timedelta(hours=1)
    _finish(subject, "postpone", until=until, reason="other", comment="", return_to="me")
    with clock.stopped(until):
        assert engine.run_due() == 1


def _written(subject: str) -> None:
    _finish(subject, "postpone", until=FAR, reason="other", comment="", return_to="me")
    _tell(subject, "client_wrote", message_id=1)


def _recalled(subject: str) -> None:
    _finish(subject, "postpone", until=FAR, reason="other", comment="", return_to="me")
    _tell(subject, "recalled", back_to="work")


def _waited(subject: str) -> None:
    _finish(subject, "wait", until=FAR, on_silence="close", comment="")
    _tell(subject, "client_wrote", message_id=1)


LOOP = {
    "transfer": _transfer,
    "postpone": _wake,
    "woken by message": _written,
    "recall": _recalled,
    "wait": _waited,
    "wrote again": lambda subject: _tell(subject, "client_wrote", message_id=1),
}
