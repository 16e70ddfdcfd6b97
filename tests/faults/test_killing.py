"""Web, worker, PostgreSQL and mail server break at random under load: nothing is lost, nothing is done twice.

QUALITY R1, R2, R10, R16. Each once; CEC_CHAOS_SECONDS (`make chaos`) kills for longer, CEC_CHAOS_SEED repeats a run.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cast
import pytest
import stories

from bench import books
from cec.appeals import delivering
from cec.appeals.models import Appeal
from cec.platform.db import db
from tests.faults.centre import PATIENCE, SECONDS, SILENT, Centre, Client, Operator, until

# A connection whose other end was killed is left to the collector by the mail and HTTP clients.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
SEED = int(os.environ.get("CEC_CHAOS_SEED", str(time.time_ns() % 10**6)))
POSTPONED = 12
HOUR = 3600
# Beside the one of `cec up`, which is killed and stopped.
MORE_WORKERS = 2
WHOM = ("backend", "postgres", "worker", "web", "web child", "worker that stands still")
# How often something breaks and how long it stands still, in seconds; how many clients write, and how many letters at
# least. `make chaos` has the figures of the goal: 10,000 appeals.
BETWEEN, STILL = ((5, 40), 60) if SECONDS else ((0.3, 1.5), 2)
CLIENTS, PAUSE, LETTERS = (6, 0.04, 10_000) if SECONDS else (3, 0.2, 10)


def _postponed() -> None:
    """Anna has put appeals aside for half an hour."""
    for number in range(POSTPONED):
        appeal = cast.accepted(cast.an_appeal(f"Позже {number}", sender=f"later{number}@client.example"), cast.anna())
        stories.postpone(appeal, cast.anna(), hours=0.5, return_to="queue")
    assert db.session.scalar(db.select(db.func.count()).select_from(Appeal)) == POSTPONED


def _victim(centre: Centre, whom: str) -> int:
    if whom == "web child":
        children = Path(f"/proc/{centre.pid('web')}/task/{centre.pid('web')}/children").read_text().split()
        return int(children[0]) if children else 0
    if whom == "backend":
        return centre.count("select pid from pg_stat_activity where backend_type = 'client backend' and"
                            " application_name = 'cec' order by query_start desc limit 1")  # fmt: skip
    return centre.pid(whom)


def _break(centre: Centre, chosen: random.Random, seconds: float, clients: list[Client]) -> list[str]:
    done, end = [], time.monotonic() + seconds
    while time.monotonic() < end or len(done) < len(WHOM) or sum(len(each.taken) for each in clients) < LETTERS:
        # Each kind once before any comes again.
        whom = WHOM[len(done)] if len(done) < len(WHOM) else chosen.choice(WHOM)
        _hurt(centre, whom)
        done.append(whom)
        until(centre.is_ready, f"the centre is back after {whom}")
        time.sleep(chosen.uniform(*BETWEEN))
    return done


def _hurt(centre: Centre, whom: str) -> None:
    if whom != WHOM[-1]:
        os.kill(until(lambda: _victim(centre, whom), f"there is a {whom}"), signal.SIGKILL)
        return
    worker = until(lambda: _victim(centre, "worker"), "there is a worker")
    os.kill(worker, signal.SIGSTOP)
    time.sleep(STILL)
    os.kill(worker, signal.SIGCONT)


def test_whatever_breaks_nothing_acknowledged_is_lost_and_nothing_is_done_twice(built: Callable[..., Centre]) -> None:
    """Processes are killed or stand still; the server of the other side takes, refuses, falls silent, hangs up."""
    print(f"seed {SEED}")
    centre, stop = built(CEC_CLOCK_SHIFT=HOUR), threading.Event()
    shifted = centre.environment.pop("CEC_CLOCK_SHIFT")
    centre.furnish(_postponed)
    centre.environment["CEC_CLOCK_SHIFT"] = shifted
    centre.up()
    for _ in range(MORE_WORKERS):
        centre.start_beside("worker", "--no-door")
    centre.post.chance = random.Random(SEED)
    firsts = range(100_000, 100_000 * (CLIENTS + 1), 100_000)
    clients = [Client(centre, range(first, first + 100_000), stop, PAUSE) for first in firsts]
    operators = [Operator(centre, login, stop) for login in ("anna", "igor")]
    for person in (*clients, *operators):
        person.start()

    broken = _break(centre, random.Random(SEED), SECONDS, clients)

    taken = _settle(centre, clients, stop, operators)
    acknowledged = [name for person in operators for name in person.acknowledged]
    print(f"{broken}; {dict(centre.post.moods)}; {len(taken)} letters, {len(acknowledged)} answers")
    assert [trouble for person in operators for trouble in person.troubles] == []
    assert books.wrong(centre.server.url()) == {}
    _check_letters(centre, taken)
    _check_answers(centre, acknowledged)
    _check_timers(centre)


def _settle(centre: Centre, clients: list[Client], stop: threading.Event, operators: list[Operator]) -> list[int]:
    """Let clients and operators end, and what is due be done."""
    until(lambda: all(one.acknowledged for one in operators), "both operators have answered")
    stop.set()
    for person in (*clients, *operators):
        person.join(timeout=60)
    centre.post.chance = None
    # Who is being sent a letter just now hears how it ended.
    time.sleep(SILENT + 1)
    centre.end_rests()
    if not SECONDS:
        centre.end_leases()
    left = books.settle(centre.server.url(), patience=PATIENCE + (delivering.LEASE.total_seconds() if SECONDS else 0))
    assert left == {}, centre.said()[-3000:]
    return [number for client in clients for number in client.taken]


def _check_letters(centre: Centre, taken: list[int]) -> None:
    came = dict(centre.ask("select provider_event_id, count(*) from message where direction = 'in' group by 1"))
    numbers = {int(one.strip("<").split(".")[0]) for one in came if one.endswith(".faults@client>")}
    assert set(taken) - numbers == set()
    # Every client of the load wrote once: an appeal each.
    assert centre.ask("select address_id from appeal group by 1 having count(*) > 1") == []


def _check_answers(centre: Centre, acknowledged: list[str]) -> None:
    """Each is there once: out, refused, or for a person to decide, and who wrote it is told of that."""
    rows = centre.ask("select client_uuid::text, state, provider_event_id from message where direction = 'out'")
    states = {name: state for name, state, _ in rows}
    assert [name for name in acknowledged if name not in states] == [], "an acknowledged answer is lost"
    assert set(states.values()) <= {"sent", "unknown", "failed"}
    sent = {identity for _, state, identity in rows if state == "sent"}
    assert {identity: centre.post.letters[identity] for identity in sent if centre.post.letters[identity] != 1} == {}
    assert [identity for identity, times in centre.post.letters.items() if times > 1] == []
    for state in ("unknown", "failed"):
        told = centre.count("select count(*) from journal where name = %s", f"message.{state}")
        assert told == sum(one == state for _, one, _ in rows), state
    assert sum(one == "failed" for _, one, _ in rows) <= centre.post.moods["never wants it"]


def _check_timers(centre: Centre) -> None:
    fired = centre.ask(
        "select subject, count(*) from journal where name = 'appeal.resumed' and facts ->> 'cause' = 'timer' group by 1"
    )
    assert len(fired) == POSTPONED
    assert [subject for subject, times in fired if times > 1] == []
