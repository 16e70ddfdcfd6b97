"""A worker dies in the middle of something: of its work, of a distribution (SPEC part 5, 6)."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterator

import cast
import psycopg2
import pytest

from cec.channels import receiving
from cec.platform import journal, work
from cec.platform.db import unit_of_work
from tests.faults.centre import SECONDS, Centre, free_ports, until

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
LETTERS = 12
OPERATORS = 12


def _letters_and_poison() -> None:
    """Clients have written; beside their letters lies work that no worker survives."""
    for number in range(LETTERS):
        letter = cast.a_letter(f"Письмо {number}", sender=f"client{number}@client.example")
        with unit_of_work():
            receiving.receive(cast.a_mailbox(), letter["Message-ID"], letter.as_bytes(), {})
            if number == LETTERS // 2:
                work.enqueue("poison")


def test_work_that_kills_every_worker_is_given_up_and_holds_up_nobody(built: Callable[..., Centre]) -> None:
    """The attempt counts before it begins; each worker is started when the lease of the one before is over.

    Three die; `make chaos` lets all of them die that may.
    """
    centre = built()
    centre.furnish(_letters_and_poison)
    centre.environment["DATABASE_URL"] = centre.server.url()
    tries = "select attempts from due_work where kind = 'poison'"

    deaths = work.ATTEMPTS if SECONDS else 3
    for death in range(1, deaths + 1):
        centre.environment["CEC_CLOCK_SHIFT"] = str(int(work.LEASE.total_seconds()) * death)
        worker = centre.start("worker", "--no-door", module="tests.faults.poisoned")
        assert worker.wait(timeout=60) == -signal.SIGKILL, centre.said()[-2000:]
        assert centre.count(tries) == death
    assert centre.count("select count(*) from appeal") == LETTERS, "all the others are done while it is tried"

    centre.ask("update due_work set attempts = %s where kind = 'poison'", work.ATTEMPTS)
    centre.environment["CEC_CLOCK_SHIFT"] = str(int(work.LEASE.total_seconds()) * (deaths + 1))
    last = centre.start("worker", "--no-door", module="tests.faults.poisoned")
    until(lambda: centre.count("select count(*) from due_work where dead_at is not null"), "it is given up")
    assert "WorkerDied" in centre.ask("select error from due_work")[0][0]
    assert last.poll() is None


def _everybody_waits_for_everybody() -> None:
    """As many appeals wait as operators have come to work, and one more."""
    for number in range(OPERATORS + 1):
        cast.an_appeal(f"Вопрос {number}", sender=f"client{number}@client.example")
    people = [cast.an_operator(f"operator{number}", f"Оператор {number}") for number in range(OPERATORS)]
    with unit_of_work():
        group = cast.a_group()
        group.members = people
        journal.record("group.changed", f"group:{group.id}", by="test")
    cast.at_work(*people)


@contextlib.contextmanager
def _held(centre: Centre, statement: str, *values: object) -> Iterator[None]:
    """Hold a row that somebody will need."""
    connection = psycopg2.connect(centre.server.url())
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            assert cursor.rowcount == 1
            yield
    finally:
        connection.close()


def test_a_worker_killed_in_mid_distribution_leaves_nobody_out_and_offers_nothing_twice(
    built: Callable[..., Centre],
) -> None:
    """It dies within the offer to the fifth operator, half of it written; two others go on."""
    centre = built()
    centre.furnish(_everybody_waits_for_everybody)
    centre.environment["DATABASE_URL"] = centre.server.url()
    [(fifth,)] = centre.ask("select employee_id from capacity order by idle_since, employee_id offset 4 limit 1")
    stuck = "select count(*) from pg_stat_activity where application_name = 'cec' and wait_event_type = 'Lock'"

    with _held(centre, "select from channel_capacity where employee_id = %s for update", fifth):
        worker = centre.start("worker", "--no-door")
        until(lambda: centre.count(stuck), "the distributor is in the middle of an offer")
        assert centre.count("select count(*) from assignment") == 4
        worker.kill()
        worker.wait()
    for _ in range(2):
        centre.environment["CEC_METRICS_PORT"] = str(free_ports(1)[0])
        centre.start("worker", "--no-door")
    until(lambda: centre.count("select count(*) from assignment") >= OPERATORS, "the others have gone on")
    time.sleep(1.5)

    offers = centre.ask("select appeal_id, employee_id from assignment where state = 'offered'")
    assert (len(offers), centre.count("select count(*) from assignment")) == (OPERATORS, OPERATORS)
    assert (len({appeal for appeal, _ in offers}), len({who for _, who in offers})) == (OPERATORS, OPERATORS)
    assert centre.ask("select status, count(*) from appeal group by 1 order by 1") == [
        ("offered", OPERATORS), ("queued", 1),
    ]  # fmt: skip
    assert centre.ask("select distinct load from capacity union select distinct load from channel_capacity") == [(1,)]
    told = "select count(*), count(distinct subject) from journal where name = 'appeal.offered'"
    assert centre.ask(told) == [(OPERATORS, OPERATORS)]
