"""routing.rejudge: 50,000 who wait get other points after a table has changed, and claims go on meanwhile (issue 4).

Three changes one after the other, each of them moves everybody: a table that asks three facts of few values (480
cases); the shipped one, which asks the words, and everybody's words are his own; then one row of that alone, of which
every fourth hears. The limit is one bare UPDATE of the places of all.
"""

import multiprocessing as mp
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text

from bench import furnishing
from cec import jobs
from cec.app import create_app
from cec.appeals import rejudging
from cec.distribution import choosing, lanes
from cec.platform import clock, collector
from cec.platform.db import db, unit_of_work
from cec.platform.settings import Settings
from cec.queues.lanes import open_lane
from cec.queues.models import Queue
from cec.rulebook import files
from cec.staff.models import Branch, Employee, OperatorGroup

FIGURES = ("routing.rejudge",)
# What works beside each other in a worker.
STREAMS = [act for name, act, _breath, _abreast in jobs.STREAMS if name in {"work", jobs.WAKES_TOO["work"]}]
MANY = 50_000
OPERATORS, CAP = 50, 100
PAUSE = 0.02
WITHIN = 2.0
BY = "employee:1"
SHIPPED = Path(__file__).parent.parent / "rules" / "prioritization"
_ROW = "<rule id='r{at}'>{cells}<outputEntry id='a{at}'><text>{points}</text></outputEntry></rule>"
_CELL = "<inputEntry id='c{at}_{column}'><text>{text}</text></inputEntry>"
COLUMNS = ("segment", "hour", "days_since_closed")
FEW = [('"vip"', "-", "-", 20), ("-", "[9..12]", "-", 3), ("-", "-", "&lt; 3", 5), ("-", "-", "-", 1)]


def measure(settings: Settings) -> Iterator[dict[str, Any]]:
    """Publish three tables and let all be judged anew after each, beside one who claims."""
    app = create_app(settings)
    collector.calm()
    with app.app_context():
        _furnish()
        _wait(MANY)
        few, claims = _judged(app, _table_of_few())
        own, more = _judged(app, _shipped("<text>1</text>"))
        some, _claims = _judged(app, _shipped("<text>1</text>").replace("<text>20</text>", "<text>30</text>"))
        bare = _bare()
    claims += more
    yield {
        "name": "routing.rejudge", "value": round(few, 2), "unit": "s", "limit": round(bare, 2),
        "ratio": round(few / bare, 2), "goal": WITHIN, "holds": few <= WITHIN,
        "note": f"{MANY} wait, all move; 480 cases; {own:.2f} s when the table asks the words of each;"
        f" {some:.2f} s when every fourth moves; claims meanwhile p95"
        f" {1e3 * statistics.quantiles(claims, n=20)[-1]:.0f} ms, worst {1e3 * max(claims):.0f} ms of {len(claims)};"
        " limit: one bare UPDATE of all",
    }  # fmt: skip


def _judged(app: Flask, table: str) -> tuple[float, list[float]]:
    """Publish a table, let all be judged anew; gives how long that took, and each claim meanwhile, in seconds."""
    _vacuum()
    with unit_of_work():
        files.publish("prioritization", table, by=BY)
    spawn = mp.get_context("spawn")
    told: Any = spawn.Queue()
    stop = spawn.Event()
    claiming = spawn.Process(target=_claim, args=(app.config["CEC"], stop, told), daemon=True)
    claiming.start()
    assert told.get(timeout=60) == "ready"
    began = time.perf_counter()
    with unit_of_work():
        rejudging.begin(by=BY)
    workers = [threading.Thread(target=_work, args=(app, act)) for act in STREAMS]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    lasted = time.perf_counter() - began
    stop.set()
    claims = told.get(timeout=60)
    claiming.join(timeout=10)
    return lasted, claims


def _work(app: Flask, act: Callable[[], int]) -> None:
    """Be one of a worker's streams until those who wait are judged anew."""
    with app.app_context():
        while _goes_on():
            act()


def _goes_on() -> bool:
    with unit_of_work():
        last = rejudging.last()
    return last is None or last.moved is None


def _claim(settings: Settings, stop: Any, told: Any) -> None:
    """Be who claims, again and again, with a pause."""
    app = create_app(settings)
    with app.app_context():
        ids = list(db.session.scalars(text("SELECT employee_id FROM capacity ORDER BY random()")))
        db.session.rollback()
        assert choosing.claim(ids[0]) is not None
        told.put("ready")
        times = list[float]()
        while not stop.wait(PAUSE):
            at = time.perf_counter()
            assert choosing.claim(ids[len(times) % len(ids)]) is not None
            times.append(time.perf_counter() - at)
        told.put(times)
        told.close()
        told.join_thread()


def _bare() -> float:
    _vacuum()
    began = time.perf_counter()
    with unit_of_work():
        db.session.execute(text("UPDATE appeal SET rank_at = rank_at + interval '1 ms' WHERE status = 'queued'"))
    return time.perf_counter() - began


def _vacuum() -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE appeal, message"))


# Tables.


def _table_of_few() -> str:
    head = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="https://d">'
    columns = "".join(
        f"<input id='i{name}'><inputExpression id='e{name}'><text>{name}</text></inputExpression></input>"
        for name in COLUMNS
    )
    rows = "".join(
        _ROW.format(at=at, points=points, cells="".join(
            _CELL.format(at=at, column=column, text=cell) for column, cell in enumerate(cells)
        )) for at, (*cells, points) in enumerate(FEW)
    )  # fmt: skip
    facts = "".join(f'<inputData id="f{name}" name="{name}"/>' for name in COLUMNS)
    table = f'<decisionTable id="t" hitPolicy="COLLECT" aggregation="SUM">{columns}<output id="o" name="points"/>{rows}'
    return f'{head}<decision id="p" name="Prioritization">{table}</decisionTable></decision>{facts}</definitions>'


def _shipped(points: str) -> str:
    """Give the shipped table with points for everybody."""
    newest = max(SHIPPED.glob("v*.dmn"), key=lambda path: int(path.stem[1:]))
    written = newest.read_text(encoding="utf-8")
    columns = written.count("<input id=")
    row = "<rule id='everybody'>{}<outputEntry id='everybody_points'>{}</outputEntry></rule>"
    cells = "".join(_CELL.format(at="e", column=column, text="-") for column in range(columns))
    return written.replace("</decisionTable>", row.format(cells, points) + "</decisionTable>")


# Furnishing.


def _furnish() -> None:
    with unit_of_work():
        furnishing.fill()
    with unit_of_work():
        branch = db.session.scalars(db.select(Branch)).first()
        group = OperatorGroup(code="bench", name="Bench")
        group.members = [
            Employee(login=f"bench{number}", name=f"Оператор {number}", roles=["operator"], branch=branch,
                     password_hash="", units=CAP, auto_accept=True) for number in range(OPERATORS)
        ]  # fmt: skip
        queue = Queue(code="bench", name="Bench", groups=[group])
        db.session.add_all([group, queue])
        db.session.flush()
        open_lane(queue, "email", [])
        lanes.refresh()
    furnishing.set_to_work(db.session.scalars(db.select(Employee).where(Employee.login.like("bench%"))).all())


_APPEALS = """
    INSERT INTO appeal (number, channel, channel_account_id, address_id, subject, status, status_since, version,
        queue_id, lane_id, rank_at, enqueued_at, points, verdicts, facts, created_at, transfers, postponements,
        escalation, seen_message_id)
    SELECT 'wait-' || n, 'email', 1, 1000000 + n % 10000, 'Заказ ' || n, 'queued', :now, 1, l.queue_id, l.id,
        CAST(:now AS timestamptz) - n * interval '0.2 s',
        CAST(:now AS timestamptz) - n * interval '0.2 s' - interval '1 h',
        0, '{"routing": {"version": 1, "rows": [], "outputs": {}},
             "prioritization": {"version": 1, "rows": [], "outputs": {"points": 0}}}',
        jsonb_build_object(
            'queue', 'bench', 'channel', 'email', 'account', 'mail', 'kind', 'private', 'alphabet', 'cyrillic',
            'attachments', 0, 'auto', false, 'repeat', false, 'last_mark', NULL, 'topic', NULL, 'returned', false,
            'transfers', 0, 'working_time', true, 'weekday', 'monday',
            'segment', (ARRAY['vip', 'gold', 'usual', NULL])[n % 4 + 1], 'hour', n / 4 % 24,
            'days_since_closed', n / 96 % 5),
        :now, 0, 0, 0, 0
    FROM generate_series(1, CAST(:count AS int)) n, lane l JOIN queue q ON q.id = l.queue_id WHERE q.code = 'bench'"""
_MESSAGES = """
    INSERT INTO message (appeal_id, direction, state, channel_account_id, text, subject, headers, created_at, attempts,
        undelivered)
    SELECT id, 'in', 'received', 1, 'Здравствуйте! Где мой ' || subject || '? ' || repeat('Жду уже неделю. ', 20)
        || E'\n--\nКлиент ' || id, '', '{}', created_at, 0, '{}'
    FROM appeal WHERE number LIKE 'wait-%'"""


def _wait(count: int) -> None:
    with unit_of_work():
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
        db.session.execute(text(furnishing.ADDRESSES))
        db.session.execute(text(_APPEALS), {"now": clock.now(), "count": count})
        db.session.execute(text(_MESSAGES))
