"""routing.*: the rule in an overload, by simulation, and a burst through the whole centre (CORE 10).

routing.overload: 90 operators, 4 lanes, eight hours of which two bring 1.6 times the usual, 30 seeds; the same
arrivals, handling times and patience for our rule and for strict priority, both by cec.distribution.rule.
routing.burst: 1,000 letters in a minute, 100 operators with capacity 5 and auto-accept, handled in 10 s.
"""

import dataclasses
import multiprocessing as mp
import random
import statistics
import threading
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from bench import furnishing
from cec.app import create_app
from cec.appeals import acting
from cec.appeals.models import Appeal, Resolution
from cec.channels import accounts, receiving
from cec.distribution.rule import Centre, Lane, Operator, Room
from cec.distribution.simulating import Arrival, Day, simulate
from cec.jobs import Worker
from cec.platform import clock, journal
from cec.platform.db import db, unit_of_work
from cec.platform.settings import Settings
from cec.staff.models import Branch, Employee, OperatorGroup

FIGURES = ("routing.overload", "routing.burst")
SEEDS = 30
HOURS = 8
HOUR = 3600.0
OPERATORS = 90
USUAL, OVERLOAD, PEAK = 0.95, 1.6, (3, 5)
LOAD = OPERATORS / 360 * 0.88
MISSED, WORST, FAIR = 1.2, 0.7, 1.1
# Name: target, mean handling, share of arrivals, mean patience (0: never gives up), weight, tier of the strict rule.
LANES: dict[str, tuple[float, float, float, float, float, int]] = {
    "chat": (60, 300, 0.45, 600, 4, 2),
    "messenger": (300, 420, 0.30, 3600, 2, 3),
    "mail": (14400, 480, 0.20, 0, 1, 4),
    "vip chat": (30, 300, 0.05, 600, 6, 1),
}
GROUPS = [((1, 2, 4), 40), ((2, 3), 20), ((1, 3), 15), ((1, 2, 3, 4), 15)]

LETTERS = 1000
MINUTE = 60.0
PEOPLE, CAP = 100, 5
SLOTS = PEOPLE * CAP
HANDLED = 10.0
WITHIN = 1.0
PATIENCE = 180.0
WORKERS = 2


def measure(settings: Settings) -> Iterator[dict[str, Any]]:
    """Simulate, then let a burst come."""
    yield _overload()
    yield _burst(settings)


# The overload.


def _overload() -> dict[str, Any]:
    ours, strict = _Total(), _Total()
    began = time.perf_counter()
    for seed in range(SEEDS):
        arrivals = list(_arrivals(random.Random(seed)))  # noqa: S311 - a simulation
        ours.add(simulate(_centre(strict=False), arrivals), arrivals)
        strict.add(simulate(_centre(strict=True), arrivals), arrivals)
    missed, worst = ours.missed / strict.missed, ours.worst / strict.worst
    fairness = ours.fairness()
    return {
        "name": "routing.overload",
        "value": round(100 * ours.missed / ours.total, 2),
        "unit": "% missed",
        "limit": round(100 * strict.missed / strict.total, 2),
        "ratio": round(missed, 2),
        "goal": MISSED,
        "holds": missed <= MISSED and worst <= WORST and fairness < FAIR,
        "note": f"worst wait {ours.worst:.1f} targets, strict {strict.worst:.1f}, ratio {worst:.2f} (at most {WORST});"
        f" busy time max/mean in a group {fairness:.3f} (under {FAIR}); {ours.total} appeals of {SEEDS} days"
        f" in {time.perf_counter() - began:.0f} s; limit: strict priority",
    }


def _arrivals(dice: random.Random) -> Iterator[Arrival]:
    at, number, names = 0.0, 0, list(LANES)
    while at < HOURS * HOUR:
        at += dice.expovariate(LOAD * 1.8)
        usual = OVERLOAD if PEAK[0] <= at / HOUR < PEAK[1] else USUAL
        if dice.random() >= usual / 1.8:
            continue
        name = dice.choices(names, [LANES[each][2] for each in names])[0]
        _target, handling, _share, patience, *_ = LANES[name]
        number += 1
        waits = dice.expovariate(1 / patience) if patience else None
        yield Arrival(number, at, names.index(name) + 1, dice.expovariate(1 / handling), waits)


def _centre(*, strict: bool) -> Centre:
    lanes = {
        number: Lane(number, target=target, weight=1.0 if strict else weight, tier=tier if strict else 1)
        for number, (target, _handling, _share, _patience, weight, tier) in enumerate(LANES.values(), 1)
    }
    operators: dict[int, Operator] = {}
    for served, count in GROUPS:
        for _ in range(count):
            number = len(operators) + 1
            operators[number] = Operator(number, 1, dict.fromkeys(served, (0, 0.0)), {"email": Room(1)})
    return Centre(lanes, operators)


class _Total:
    """Sums over the days."""

    def __init__(self) -> None:
        self.total, self.missed, self.worst = 0, 0, 0.0
        self.busy: dict[int, float] = {}

    def add(self, day: Day, arrivals: list[Arrival]) -> None:
        self.total += len(arrivals)
        for number, (target, *_) in enumerate(LANES.values(), 1):
            waits = day.waits[number]
            self.missed += sum(wait > target for wait in waits) + day.gave_up[number]
            self.worst = max([self.worst, *(wait / target for wait in waits)])
        for number, seconds in day.busy.items():
            self.busy[number] = self.busy.get(number, 0.0) + seconds

    def fairness(self) -> float:
        shares, first = [], 1
        for _served, count in GROUPS:
            group = [self.busy.get(number, 0.0) for number in range(first, first + count)]
            shares.append(max(group) / statistics.mean(group))
            first += count
        return max(shares)


# The burst.


def _burst(settings: Settings) -> dict[str, Any]:
    settings = dataclasses.replace(settings, smtp_port=0)
    app = create_app(settings)
    with app.app_context():
        _furnish()
    spawn = mp.get_context("spawn")
    stop = threading.Event()
    workers = [spawn.Process(target=_work, args=(settings,), daemon=True) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    closer = threading.Thread(target=_close, args=(app, stop))
    try:
        with app.app_context():
            _send(0, 20, 2.0)
            _await_assignments(20)
            closer.start()
            _send(20, LETTERS, MINUTE)
            _await_assignments(20 + LETTERS)
            queue, receipt = _delays(20)
    finally:
        stop.set()
        closer.join(timeout=30)
        for worker in workers:
            worker.terminate()
            worker.join(timeout=10)
    return _told(receipt, queue)


def _told(receipt: list[float], queue: list[float]) -> dict[str, Any]:
    p99 = _percentile(queue, 0.99)
    return {
        "name": "routing.burst",
        "value": round(p99, 3),
        "unit": "s, p99",
        "limit": WITHIN,
        "ratio": round(p99 / WITHIN, 2),
        "goal": WITHIN,
        "holds": p99 <= WITHIN and len(queue) == LETTERS,
        "note": "from the arrival in the queue, or from the slot that freed, to the offer;"
        f" p50 {_percentile(queue, 0.5):.3f} s,"
        f" worst {max(queue):.3f} s;"
        f" from the receipt of the letter, intake and all, p50 {_percentile(receipt, 0.5):.2f} s,"
        f" p99 {_percentile(receipt, 0.99):.2f} s; {len(queue)} of {LETTERS} offered; {WORKERS} workers",
    }


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _furnish() -> None:
    with unit_of_work():
        furnishing.fill()
    with unit_of_work():
        branch = db.session.scalars(db.select(Branch)).first()
        group = db.session.scalars(db.select(OperatorGroup).where(OperatorGroup.code == "first_line")).one()
        people = [
            Employee(login=f"burst{number}", name=f"Оператор {number}", roles=["operator"], branch=branch,
                     password_hash="", units=CAP, auto_accept=True) for number in range(PEOPLE)
        ]  # fmt: skip
        db.session.add_all(people)
        group.members = people
        db.session.flush()
        journal.record("group.changed", f"group:{group.id}", by="bench")
    furnishing.set_to_work(people)


def _work(settings: Settings) -> None:
    """Be the worker without a door: intake, engine, distribution."""
    Worker(create_app(settings)).run(with_door=False)


def _send(first: int, count: int, seconds: float) -> None:
    began = time.perf_counter()
    for number in range(count):
        time.sleep(max(0.0, began + number * seconds / count - time.perf_counter()))
        name = f"burst.{first + number}"
        letter = f"From: Клиент <{name}@bench.example>\nSubject: Вопрос\nMessage-ID: <{name}>\n"
        letter += "Content-Type: text/plain; charset=utf-8\n\nЗдравствуйте! Когда вы работаете?"
        with unit_of_work():
            account = accounts.list_active("email")[0]
            receiving.receive(account, name, letter.encode(), {"mail_from": f"{name}@bench.example"})


def _await_assignments(count: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = db.session.scalar(text("SELECT count(DISTINCT appeal_id) FROM assignment"))
        db.session.rollback()
        if found >= count:
            return
        time.sleep(0.5)


def _close(app: Any, stop: threading.Event) -> None:
    """Be the operators: close what has been in work for ten seconds, by the ordinary way."""
    with app.app_context():
        while not stop.wait(0.2):
            due = db.session.execute(_DUE, {"before": clock.now(), "length": HANDLED}).all()
            db.session.rollback()
            for appeal_id, employee_id in due:
                with unit_of_work():
                    _close_one(appeal_id, employee_id)


def _close_one(appeal_id: int, employee_id: int) -> None:
    appeal = db.session.get_one(Appeal, appeal_id)
    resolution = db.session.scalars(db.select(Resolution).where(Resolution.kind == "solved")).first()
    assert resolution is not None
    acting.act(
        appeal_id, "close", by=db.session.get_one(Employee, employee_id), expected_version=appeal.version,
        seen_message_id=appeal.last_message_id or 0, confirmed=True,
        answers={"resolution_id": resolution.id, "topic_id": _leaf(), "comment": ""},
    )  # fmt: skip


def _leaf() -> int:
    return int(db.session.scalar(text("SELECT id FROM topic WHERE parent_id IS NOT NULL ORDER BY id LIMIT 1")))


_DUE = text("""
    SELECT r.appeal_id, r.employee_id FROM assignment r
    WHERE r.state = 'accepted' AND r.released_at IS NULL AND r.accepted_at <= :before - :length * interval '1 second'
    ORDER BY r.accepted_at""")
_HISTORY = text("""
    SELECT r.offered_at, r.released_at, a.enqueued_at, i.received_at, i.id > :warm_up AS counts
    FROM assignment r
    JOIN appeal a ON a.id = r.appeal_id
    JOIN message m ON m.appeal_id = a.id AND m.direction = 'in'
    JOIN inbound i ON i.id = m.inbound_id
    ORDER BY r.offered_at, r.id""")


def _delays(warm_up: int) -> tuple[list[float], list[float]]:
    """Tell of each offer how long it took from the arrival in the queue, or from when a slot freed if all were taken.

    And how long from the receipt of the letter.
    """
    rows = db.session.execute(_HISTORY, {"warm_up": warm_up}).all()
    db.session.rollback()
    changes = [(row.released_at, -1, None) for row in rows if row.released_at]
    changes += [(row.offered_at, 1, row) for row in rows]
    held, freed_at = 0, None
    queue, receipt = list[float](), list[float]()
    for at, change, row in sorted(changes, key=lambda each: each[:2]):
        if held == SLOTS and change < 0:
            freed_at = at
        held += change
        if row is not None and row.counts:
            since = max(row.enqueued_at, freed_at) if freed_at else row.enqueued_at
            queue.append((at - since).total_seconds())
            receipt.append((at - row.received_at).total_seconds())
    return queue, receipt
