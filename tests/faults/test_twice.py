"""What happens twice or at once is done once (QUALITY R11, R12, R13, R16; SPEC part 5, 2 and 6).

A client who writes while his appeal is closed, postponed or left waiting: tests/appeals/test_races.py.
"""

import datetime as dt
import time
import uuid
from collections import Counter

import cast
import pytest
import stories

from cec.appeals import conversation
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Message, Status
from cec.distribution import choosing, offering
from cec.distribution.models import Assignment, Capacity
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.platform.errors import Refusal
from cec.platform.journal import Journal
from cec.workflow import engine
from cec.workflow.models import Incident, ProcessInstance
from tests.faults.centre import SECONDS

TIMERS = 10_000 if SECONDS else 100
# One row of a table again for every appeal, with what differs.
AGAIN = """
    insert into {table} select (jsonb_populate_record(one, jsonb_build_object({differs}))).*
    from {table} one, generate_series(2, :last) as n where {which} order by n"""
# What an appeal that waits consists of: table, which rows, what is different in a copy.
ROWS = [
    ("address", "one.id = :address", "'id', :address + n, 'value', n || one.value, 'normalised', n || one.normalised"),
    ("appeal", "one.id = 1", "'id', n, 'number', 'copy ' || n, 'address_id', :address + n"),
    ("process_instance", "one.subject = 'appeal:1'", """'id', one.id + n, 'subject', 'appeal:' || n, 'state',
     convert_to(replace(convert_from(one.state, 'UTF8'), '"appeal_id"\\:1', '"appeal_id"\\:' || n), 'UTF8')"""),
    ("wait", "one.kind = 'timer'", "'id', one.id + 10 * n, 'instance_id', one.instance_id + n"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    db.session.commit()


def _count(entity, *conditions):
    return database.session.scalar(database.select(database.func.count()).select_from(entity).where(*conditions))


def test_an_answer_sent_twice_over_a_weak_network_is_one_message(at_once):
    """R11: a double click, or a browser that did not hear the answer and asks again."""
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    name, seen, by = uuid.uuid4(), appeal.last_client_message_id, cast.anna()

    def send():
        with unit_of_work():
            here = database.session.get_one(Appeal, appeal.id)
            undo = dt.timedelta(seconds=5)
            return conversation.send(
                here, by=by, letter=Letter("Да"), client_uuid=name, seen_message_id=seen, undo=undo
            ).id

    numbers = at_once(*[send] * 4)

    assert len(set(numbers)) == 1, numbers
    assert _count(Message, Message.direction == "out") == 1


def test_an_offer_accepted_twice_at_once_has_one_owner_and_two_distributors_offer_it_once(at_once):
    """R12: two distributors and two windows at the same moment."""
    appeal = cast.an_appeal()
    cast.at_work(cast.anna(), cast.igor())

    at_once(choosing.distribute, choosing.distribute, choosing.distribute)

    ring = database.session.scalars(database.select(Assignment)).one()
    owner = database.session.get_one(type(cast.anna()), ring.employee_id)

    def accept():
        with unit_of_work():
            return offering.accept(ring.id, by=owner).id

    met = at_once(accept, accept)
    assert [one for one in met if isinstance(one, Exception) and not isinstance(one, Refusal)] == []
    assert (cast.reread(appeal).status, cast.reread(appeal).operator_id) == (Status.IN_WORK, owner.id)
    assert _count(Assignment) == 1
    assert _count(Journal, Journal.name == "appeal.accepted") == 1


def test_what_waits_goes_to_whoever_frees_up_or_comes_and_nobody_gets_more_than_he_can_hold(at_once):
    """R13: seven wait, Anna holds five at most; with each one that she closes she is offered another."""
    waiting = [cast.an_appeal(f"Вопрос {number}", sender=f"c{number}@client.example") for number in range(7)]
    anna = cast.anna()
    cast.at_work(anna)
    for _ in waiting:
        at_once(choosing.distribute, choosing.distribute)
        ring = database.session.scalars(database.select(Assignment).filter_by(state="offered")).one_or_none()
        if ring is None:
            break
        with unit_of_work():
            offering.accept(ring.id, by=anna)
        database.session.expire_all()
    room = database.session.get_one(Capacity, anna.id)
    assert room.load == room.cap == _count(Appeal, Appeal.status == Status.IN_WORK)

    stories.close(database.session.scalars(database.select(Appeal).filter_by(status=Status.IN_WORK)).first(), anna)
    assert choosing.distribute() == 1, "she has room again"
    cast.at_work(cast.igor())
    assert choosing.distribute() == 1, "and he has come"
    assert _count(Appeal, Appeal.status == Status.QUEUED) == 7 - room.cap - 2


def _copy(appeal, last):
    """Let as many appeals wait as are wanted: the first has been lived through, the others are copies of its rows."""
    with unit_of_work():
        for table, which, differs in ROWS:
            statement = database.text(AGAIN.format(table=table, which=which, differs=differs))
            database.session.execute(statement, {"last": last, "address": appeal.address_id})


def test_timers_that_were_due_while_everything_was_down_fire_once_each_on_two_workers(at_once, clock):
    """R16, SPEC part 5, 6: two days of downtime; `make chaos` has ten thousand of them."""
    anna = cast.anna()
    _copy(stories.wait(cast.accepted(cast.an_appeal(), anna), anna, days=1), TIMERS)
    clock.forward(dt.timedelta(hours=48))

    def work():
        while engine.run_due():
            database.session.remove()

    began = time.monotonic()
    assert at_once(work, work, patience=TIMERS) == [None, None]
    print(f"{TIMERS} timers in {time.monotonic() - began:.1f} s")

    ended = database.session.scalars(
        database.select(Journal).filter_by(name="appeal.closed").order_by(Journal.id)
    ).all()
    assert Counter(entry.subject for entry in ended) == {f"appeal:{number}": 1 for number in range(1, TIMERS + 1)}
    assert _count(Appeal, Appeal.status == Status.CLOSED) == TIMERS
    assert _count(ProcessInstance, ProcessInstance.ended_at.is_(None)) == _count(Incident) == 0
    assert engine.run_due() == 0
