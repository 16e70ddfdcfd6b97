"""Something changes while an offer rings, a choice is made or claims run (issue: bad input and races)."""

import datetime as dt
import time

import psycopg2
import pytest

from cec.appeals import reranking, rerouting
from cec.appeals.models import Appeal, Status
from cec.distribution import choosing, offering, queries
from cec.distribution.models import Assignment, Capacity
from cec.jobs import WAITING
from cec.platform import clock as centre_clock
from cec.platform import journal, work
from cec.platform.db import db, unit_of_work
from cec.queues import prioritizing
from cec.queues.lanes import open_lane
from cec.queues.models import Queue
from cec.staff import presence
from cec.staff.models import Employee, EmployeeSkill, Presence, Skill
from tests import cast

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    db.session.commit()


def card(employee_id, **values):
    with unit_of_work():
        employee = db.session.get_one(Employee, employee_id)
        for name, value in values.items():
            setattr(employee, name, value)
        db.session.flush()
        journal.record("employee.changed", employee.key, by="test")


def accept(employee):
    (offer,) = queries.offers(employee)
    with unit_of_work():
        offering.accept(offer.assignment.id, by=employee)


def open_ones():
    db.session.expire_all()
    return db.session.scalars(db.select(Assignment).where(Assignment.released_at.is_(None))).all()


def test_an_operator_who_goes_offline_between_choice_and_offer_keeps_nothing(at_once, clock):
    anna = cast.anna().id
    cast.an_appeal()
    for _ in range(6):
        cast.at_work(cast.anna())
        db.session.commit()

        def leave():
            with unit_of_work():
                presence.set_status(db.session.get_one(Employee, anna), Presence.OFFLINE, by="test", source="self")

        results = at_once(choosing.distribute, leave)

        assert not [result for result in results if isinstance(result, Exception)]
        while work.run_due():
            pass
        assert open_ones() == []
        assert db.session.get_one(Capacity, anna).load == 0
        assert choosing.distribute() == 0
        clock.forward(dt.timedelta(seconds=61))


def test_a_capacity_lowered_while_claims_run_is_never_passed_by_them(at_once):
    card(cast.anna().id, auto_accept=True)
    cast.at_work(cast.anna())
    for number in range(6):
        cast.an_appeal(f"Вопрос {number}")
    anna = cast.anna().id
    db.session.commit()

    results = at_once(choosing.distribute, lambda: card(anna, units=2), choosing.distribute)

    assert not [result for result in results if isinstance(result, Exception)]
    room = db.session.get_one(Capacity, anna, populate_existing=True)
    assert (room.cap, room.load, room.over) == (2, len(open_ones()), max(0, room.load - 2))
    before = room.load
    choosing.distribute()
    assert len(open_ones()) == max(before, 2)


def test_a_skill_taken_away_while_an_offer_rings_leaves_the_offer_and_the_next_ones_do_not_come(clock):
    with unit_of_work():
        english = Skill(code="english", name="Английский")
        cast.anna().skills = [EmployeeSkill(skill=english, level=5)]
        db.session.flush()
        lane = open_lane(cast.a_queue(), "email", ["english"])
    appeals = [cast.an_appeal(f"Вопрос {number}") for number in range(2)]
    with unit_of_work():
        for appeal in appeals:
            appeal.lane_id = lane.id
    cast.at_work(cast.anna())
    assert choosing.distribute() == 1

    card(cast.anna().id, skills=[])

    accept(cast.anna())
    assert choosing.distribute() == 0
    assert [cast.reread(appeal).status for appeal in appeals] == [Status.IN_WORK, Status.QUEUED]


def test_a_group_left_while_an_offer_rings_leaves_the_offer_and_the_next_ones_do_not_come():
    appeals = [cast.an_appeal(f"Вопрос {number}") for number in range(2)]
    cast.at_work(cast.anna())
    assert choosing.distribute() == 1

    with unit_of_work():
        group = cast.a_group()
        group.members = [cast.igor()]
        journal.record("group.changed", f"group:{group.id}", by="test")

    accept(cast.anna())
    assert choosing.distribute() == 0
    assert [cast.reread(appeal).status for appeal in appeals] == [Status.IN_WORK, Status.QUEUED]


def test_an_offer_of_a_queue_that_closes_can_still_be_accepted_and_what_is_declined_moves_over():
    spare = cast.a_queue("spare")
    appeals = [cast.an_appeal(f"Вопрос {number}") for number in range(2)]
    cast.at_work(cast.anna(), cast.igor())
    assert choosing.distribute() == 2
    with unit_of_work():
        queue = cast.a_queue()
        spare.is_default, queue.is_default, queue.is_active = True, False, False
        db.session.flush()
        journal.record("queue.changed", f"queue:{queue.id}", by="test")

    accept(cast.anna())
    with unit_of_work():
        offering.decline(queries.offers(cast.igor())[0].assignment.id, by=cast.igor(), reason="busy")
        rerouting.look()
    while work.run_due():
        pass

    left = {cast.reread(appeal).status: cast.reread(appeal).queue.code for appeal in appeals}
    assert left == {Status.IN_WORK: "general", Status.QUEUED: "spare"}


def test_a_clock_that_jumps_back_or_far_ahead_loses_nothing(clock):
    appeal = cast.an_appeal()
    cast.at_work(cast.anna())

    clock.forward(-dt.timedelta(hours=2))
    assert choosing.distribute() == 1
    assert offering.miss_due() == 0
    accept(cast.anna())
    second = cast.an_appeal("Второе")
    clock.forward(dt.timedelta(days=400))

    choosing.distribute()
    (held,) = queries.offers(cast.anna())
    assert held.appeal.id == second.id
    assert cast.reread(appeal).status == Status.IN_WORK
    clock.forward(-dt.timedelta(days=400))
    assert offering.miss_due() == 0
    accept(cast.anna())


def many_wait(count):
    first = cast.an_appeal()
    db.session.commit()
    db.session.execute(
        db.text("""
            INSERT INTO appeal (number, channel, channel_account_id, address_id, subject, status, status_since, version,
                queue_id, lane_id, rank_at, enqueued_at, points, verdicts, created_at, transfers, postponements,
                escalation, seen_message_id)
            SELECT 'many-' || n, channel, channel_account_id, address_id, 'Заказ ' || n, status, status_since, 1,
                queue_id, lane_id, enqueued_at + n * interval '1 ms' - :target * (0.05 * (n % 10)),
                enqueued_at + n * interval '1 ms', n % 10, '{}', created_at, 0, 0, 0, 0
            FROM appeal, generate_series(1, :count) n WHERE id = :id"""),
        {"count": count - 1, "id": first.id, "target": first.queue.target},
    )
    db.session.commit()
    return first


def test_fifty_thousand_get_new_places_as_fast_as_they_are_written_and_claims_go_on_meanwhile(at_once):
    queue_id = many_wait(50_000).queue_id
    card(cast.anna().id, auto_accept=True, units=50)
    card(cast.igor().id, auto_accept=True, units=50)
    cast.at_work(cast.anna(), cast.igor())
    db.session.execute(db.text("ANALYZE appeal"))
    with unit_of_work():
        queue = db.session.get_one(Queue, queue_id)
        queue.target *= 3
        db.session.flush()
        journal.record("queue.changed", f"queue:{queue_id}", by="test")
    people = [cast.anna().id, cast.igor().id]
    db.session.commit()

    def rerank():
        began = time.perf_counter()
        while work.run_due():
            pass
        return time.perf_counter() - began

    def claims():
        taken = []
        for number in range(60):
            began = time.perf_counter()
            assert choosing.claim(people[number % 2]) is not None
            taken.append(time.perf_counter() - began)
        return taken

    lasted, taken = at_once(rerank, claims)

    began = time.perf_counter()
    with unit_of_work():
        db.session.execute(db.text("UPDATE appeal SET rank_at = rank_at WHERE status = 'queued' AND points > 0"))
    floor = time.perf_counter() - began
    print(f"re-ranked in {lasted:.2f} s, a bare UPDATE {floor:.2f} s; slowest claim {max(taken) * 1000:.0f} ms")  # noqa: T201
    assert lasted < 3 * floor, "as fast as the machine writes so many rows"
    assert max(taken) < SLOW
    amiss = db.session.scalar(reranking._ANY, {"queue": queue_id, **prioritizing.OF_PLACE})  # noqa: SLF001
    assert not amiss


# A machine may be busy; what hangs takes far longer.
SLOW = 5


def test_a_long_report_keeps_no_claim_waiting_and_is_seen(settings, at_once):
    cast.at_work(cast.anna(), cast.igor())
    cast.an_appeal()
    report = psycopg2.connect(settings.database_url.replace("+psycopg2", ""))
    try:
        with report.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT count(*) FROM appeal")
            began = time.perf_counter()
            assert choosing.distribute() == 1
            assert time.perf_counter() - began < SLOW
            sql = next(sql for name, _help, sql in WAITING if name == "cec_oldest_snapshot_seconds")
            assert db.session.scalar(db.text(sql), {"now": centre_clock.now()}) > 0
            db.session.rollback()
            cursor.execute("SELECT status FROM appeal")
            assert cursor.fetchall() == [("queued",)], "the report sees what was when it began"
    finally:
        report.close()


def test_our_own_connections_hold_no_view_for_long():
    assert db.session.scalar(db.text("SHOW idle_in_transaction_session_timeout")) == "1min"
    assert db.session.scalar(db.text("SHOW statement_timeout")) == "5min"


def test_appeals_are_claimed_by_many_at_once_each_by_one(at_once):
    for who in (cast.anna(), cast.igor()):
        card(who.id, auto_accept=True)
    cast.at_work(cast.anna(), cast.igor())
    for number in range(12):
        cast.an_appeal(f"Вопрос {number}")
    people = [cast.anna().id, cast.igor().id] * 3
    db.session.commit()

    at_once(*[lambda who=who: [choosing.claim(who) for _ in range(6)] for who in people])
    choosing.distribute()

    held = open_ones()
    assert len({each.appeal_id for each in held}) == len(held) == 10
    assert db.session.scalar(db.select(db.func.count()).where(Appeal.status == Status.QUEUED)) == 2
