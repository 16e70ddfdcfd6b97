"""Web, worker and PostgreSQL are killed at random under load: nothing acknowledged is lost, nothing is done twice.

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

from cec.appeals import delivering
from cec.appeals.models import Appeal
from cec.platform.db import db
from tests.faults.centre import PATIENCE, SECONDS, Centre, Client, Operator, until

# A connection whose other end was killed is left to the collector by the mail and HTTP clients.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
SEED = int(os.environ.get("CEC_CHAOS_SEED", str(time.time_ns() % 10**6)))
POSTPONED = 12
HOUR = 3600
WHOM = ("backend", "postgres", "worker", "web", "web child")


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


def _kill(centre: Centre, chosen: random.Random, seconds: float) -> list[str]:
    done, end = [], time.monotonic() + seconds
    while time.monotonic() < end or len(done) < len(WHOM):
        # Each kind once before any comes again.
        whom = WHOM[len(done)] if len(done) < len(WHOM) else chosen.choice(WHOM)
        os.kill(until(lambda whom=whom: _victim(centre, whom), f"there is a {whom}"), signal.SIGKILL)
        done.append(whom)
        time.sleep(chosen.uniform(0.3, 2 if SECONDS else 1))
        until(centre.is_ready, f"the centre is back after {whom} was killed")
        time.sleep(chosen.uniform(0, 1.5 if SECONDS else 0.5))
    return done


def test_whatever_is_killed_nothing_acknowledged_is_lost_and_nothing_is_done_twice(
    built: Callable[..., Centre],
) -> None:
    print(f"seed {SEED}")
    centre, stop = built(CEC_CLOCK_SHIFT=HOUR), threading.Event()
    shifted = centre.environment.pop("CEC_CLOCK_SHIFT")
    centre.furnish(_postponed)
    centre.environment["CEC_CLOCK_SHIFT"] = shifted
    centre.up()
    clients = [Client(centre, range(first, first + 10_000), stop) for first in (10_000, 20_000, 30_000)]
    operators = [Operator(centre, login, stop) for login in ("anna", "igor")]
    for person in (*clients, *operators):
        person.start()

    killed = _kill(centre, random.Random(SEED), SECONDS)

    taken = _settle(centre, clients, stop, operators)
    print(f"killed {killed}; {len(taken)} letters, {sum(len(one.acknowledged) for one in operators)} answers")
    assert len(taken) > 10, centre.said()[-3000:]
    assert [trouble for person in operators for trouble in person.troubles] == []
    _check_letters(centre, taken)
    _check_answers(centre, [name for person in operators for name in person.acknowledged])
    _check_timers(centre)


def _settle(centre: Centre, clients: list[Client], stop: threading.Event, operators: list[Operator]) -> list[int]:
    """Let clients and operators end, and what is due be done."""
    until(lambda: all(one.acknowledged for one in operators), "both operators have answered")
    stop.set()
    for person in (*clients, *operators):
        person.join(timeout=60)
    if not SECONDS:
        centre.end_leases()
    until(lambda: centre.count("select count(*) from inbound where state = 'new'") == 0, "all letters are taken in")
    # What follows an answer whose worker died waits until nobody can be sending that any more.
    over = PATIENCE + delivering.LEASE.total_seconds()
    sent = "select count(*) from message where state = 'queued'"
    until(lambda: centre.count(sent) == 0, "all answers are out", patience=over)
    until(lambda: centre.count("select count(*) from wait where due_at <= now()") == 0, "all timers have fired")
    return [number for client in clients for number in client.taken]


def _check_letters(centre: Centre, taken: list[int]) -> None:
    came = dict(centre.ask("select provider_event_id, count(*) from message where direction = 'in' group by 1"))
    assert [number for number in taken if not any(f"{number}.faults@client" in one for one in came)] == []
    assert [one for one, times in came.items() if times > 1] == []
    assert centre.count("select count(*) from inbound where state = 'quarantined'") == 0
    # Every client of the load wrote once: an appeal each.
    per_client = "select count(*) from appeal group by address_id having count(*) > 1"
    assert centre.ask(per_client) == []


def _check_answers(centre: Centre, acknowledged: list[str]) -> None:
    rows = centre.ask("select client_uuid::text, state, provider_event_id from message where direction = 'out'")
    states = {name: state for name, state, _ in rows}
    assert [name for name in acknowledged if name not in states] == [], "an acknowledged answer is lost"
    assert set(states.values()) <= {"sent", "unknown", "sending"}, "on its way, out, or for a person to decide"
    sent = {identity for _, state, identity in rows if state == "sent"}
    assert {identity: centre.post.letters[identity] for identity in sent if centre.post.letters[identity] != 1} == {}
    assert [identity for identity, times in centre.post.letters.items() if times > 1] == []


def _check_timers(centre: Centre) -> None:
    fired = centre.ask(
        "select subject, count(*) from journal where name = 'appeal.resumed' and facts ->> 'cause' = 'timer' group by 1"
    )
    assert len(fired) == POSTPONED
    assert [subject for subject, times in fired if times > 1] == []
    assert centre.count("select count(*) from incident") == 0, centre.ask("select error from incident")
