"""Offer, accept, decline, miss (guide 3.1, 3.2.1)."""

import datetime as dt

import pytest
from sqlalchemy.exc import IntegrityError

from cec.appeals.models import Status
from cec.distribution import choosing, offering, queries, returning
from cec.distribution.models import Assignment, Capacity
from cec.platform import work
from cec.platform.db import db, unit_of_work
from cec.platform.errors import NotFound
from cec.staff import presence
from cec.staff.models import Presence
from tests import cast
from tests.stories import close


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    db.session.commit()


def ringing(employee):
    return queries.offers(employee)


def test_a_waiting_appeal_rings_at_an_operator_at_work():
    appeal = cast.an_appeal()
    cast.at_work(cast.anna())

    assert choosing.distribute() == 1

    (offer,) = ringing(cast.anna())
    assert offer.appeal.id == appeal.id
    assert cast.reread(appeal).status == Status.OFFERED
    assert offer.assignment.why["points"] == appeal.points


def test_nobody_at_work_and_the_appeal_waits():
    appeal = cast.an_appeal()

    assert choosing.distribute() == 0
    assert cast.reread(appeal).status == Status.QUEUED


def test_the_longest_idle_operator_is_next(clock):
    cast.at_work(cast.anna())
    clock.forward(dt.timedelta(minutes=1))
    cast.at_work(cast.igor())
    clock.forward(dt.timedelta(seconds=1))
    cast.an_appeal()

    choosing.distribute()
    assert len(ringing(cast.anna())) == 1
    cast.an_appeal("Второе")
    choosing.distribute()

    assert len(ringing(cast.igor())) == 1


def accept_all(employee):
    """Offers are accepted as they ring, one after another."""
    taken = []
    while choosing.distribute() or ringing(employee):
        (offer,) = ringing(employee)
        with unit_of_work():
            offering.accept(offer.assignment.id, by=employee)
        taken.append(offer)
    return taken


def test_one_offer_rings_at_a_time():
    cast.at_work(cast.anna())
    cast.an_appeal("Первое")
    cast.an_appeal("Второе")

    choosing.distribute()

    assert len(ringing(cast.anna())) == 1
    assert len(accept_all(cast.anna())) == 2


def test_an_operator_holds_no_more_than_his_cap():
    cast.at_work(cast.anna())
    for number in range(7):
        cast.an_appeal(f"Вопрос {number}")

    assert len(accept_all(cast.anna())) == 5


def test_the_database_refuses_a_load_over_the_cap():
    cast.at_work(cast.anna())

    with pytest.raises(IntegrityError):
        db.session.execute(db.update(Capacity).values(load=6))
    db.session.rollback()


def test_a_declined_offer_goes_back_to_its_place_and_not_to_the_same_operator_at_once():
    appeal = cast.an_appeal()
    cast.at_work(cast.anna())
    choosing.distribute()
    rank = cast.reread(appeal).rank_at

    with unit_of_work():
        offering.decline(ringing(cast.anna())[0].assignment.id, by=cast.anna(), reason="busy")

    appeal = cast.reread(appeal)
    assert (appeal.status, appeal.rank_at) == (Status.QUEUED, rank)
    assert choosing.distribute() == 0
    cast.at_work(cast.igor())
    assert choosing.distribute() == 1


def test_after_a_minute_a_declined_appeal_is_offered_again(clock):
    cast.an_appeal()
    cast.at_work(cast.anna())
    choosing.distribute()
    with unit_of_work():
        offering.decline(ringing(cast.anna())[0].assignment.id, by=cast.anna(), reason="busy")

    clock.forward(dt.timedelta(seconds=61))

    assert choosing.distribute() == 1


def test_two_misses_in_a_row_end_receiving(clock):
    cast.an_appeal()
    cast.at_work(cast.anna())
    for _ in range(2):
        choosing.distribute()
        clock.forward(dt.timedelta(seconds=31))
        assert offering.miss_due() == 1
        clock.forward(dt.timedelta(seconds=61))

    assert presence.current(cast.anna().id).status == Presence.NOT_ACCEPTING
    assert choosing.distribute() == 0


def test_accepting_when_the_ring_is_over_is_told():
    cast.an_appeal()
    cast.at_work(cast.anna())
    choosing.distribute()
    assignment = ringing(cast.anna())[0].assignment
    with unit_of_work():
        db.session.execute(db.update(Assignment).values(ring_until=assignment.offered_at))
    offering.miss_due()

    with pytest.raises(offering.OfferOver), unit_of_work():
        offering.accept(assignment.id, by=cast.anna())


def test_somebody_elses_offer_is_not_there():
    cast.an_appeal()
    cast.at_work(cast.anna())
    choosing.distribute()

    with pytest.raises(NotFound), unit_of_work():
        offering.accept(ringing(cast.anna())[0].assignment.id, by=cast.igor())


def test_accepting_at_the_moment_the_ring_ends_has_one_winner(at_once, clock):
    for _ in range(8):
        cast.at_work(cast.anna())
        cast.an_appeal()
        choosing.distribute()
        (offer,) = ringing(cast.anna())
        appeal, assignment_id = offer.appeal, offer.assignment.id
        clock.forward(dt.timedelta(seconds=31))

        def accept(assignment_id=assignment_id):
            with unit_of_work():
                offering.accept(assignment_id, by=cast.anna())

        accepted, _missed = at_once(accept, offering.miss_due)

        appeal = cast.reread(appeal)
        assert (accepted is None) == (appeal.status == Status.IN_WORK)
        assert appeal.status in {Status.IN_WORK, Status.QUEUED}
        if accepted is None:
            close(appeal, cast.anna())
        clock.forward(dt.timedelta(seconds=61))


def test_two_distributors_never_offer_an_appeal_twice(at_once):
    cast.at_work(cast.anna(), cast.igor())
    for number in range(6):
        cast.an_appeal(f"Вопрос {number}")

    at_once(choosing.distribute, choosing.distribute, choosing.distribute)

    db.session.expire_all()
    held = db.session.scalars(db.select(Assignment.appeal_id).where(Assignment.released_at.is_(None))).all()
    assert len(held) == len(set(held)) == 2
    assert sum(db.session.scalars(db.select(Capacity.load))) == 2


def test_a_break_returns_what_is_in_work_to_the_queue(clock):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    assert returning.count_held(cast.anna()) == 1

    with unit_of_work():
        presence.set_status(cast.anna(), Presence.BREAK, by=cast.anna().key, source="self")
    work.run_due()

    appeal = cast.reread(appeal)
    assert (appeal.status, appeal.operator_id) == (Status.QUEUED, None)
    assert db.session.get_one(Capacity, cast.anna().id).load == 0
    assert "appeal.returned" in cast.story(appeal.key)


def test_not_accepting_keeps_what_is_in_work():
    appeal = cast.accepted(cast.an_appeal(), cast.anna())

    with unit_of_work():
        presence.set_status(cast.anna(), Presence.NOT_ACCEPTING, by=cast.anna().key, source="self")
    work.run_due()

    assert cast.reread(appeal).status == Status.IN_WORK


def test_what_was_kept_for_somebody_who_does_not_come_is_released(clock):
    close(cast.accepted(cast.an_appeal(), cast.anna()), cast.anna())
    with unit_of_work():
        presence.set_status(cast.anna(), Presence.OFFLINE, by=cast.anna().key, source="self")
    appeal = cast.an_appeal("Снова я")
    assert appeal.preferred_operator_id == cast.anna().id
    cast.at_work(cast.igor())
    assert choosing.distribute() == 0

    clock.forward(dt.timedelta(seconds=61))
    with unit_of_work():
        assert choosing.release_kept() == 1

    assert choosing.distribute() == 1
    assert len(ringing(cast.igor())) == 1


def test_the_more_urgent_queue_goes_first(clock):
    cast.a_queue("payment", weight=4.0, target=dt.timedelta(minutes=5))
    db.session.commit()
    general = cast.an_appeal("Просто вопрос")
    clock.forward(dt.timedelta(seconds=30))
    payment = cast.an_appeal("Не прошла оплата")
    assert payment.queue.code == "payment"
    clock.forward(dt.timedelta(minutes=2))
    cast.at_work(cast.anna())

    first, second = accept_all(cast.anna())

    assert (first.appeal.id, second.appeal.id) == (payment.id, general.id)
    assert first.assignment.why["next_queue"] == "General"
