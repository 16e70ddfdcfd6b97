"""The next status: a break begins by itself when the last appeal has left its operator (guide 2.2.2)."""

import pytest

from cec.appeals.models import Status
from cec.distribution import choosing, offering, queries, resting
from cec.distribution.models import Capacity
from cec.platform import work
from cec.platform.db import db, unit_of_work
from cec.staff import presence, reasons
from cec.staff.models import Presence
from cec.staff.presence import Choice
from tests import cast
from tests.stories import close, postpone


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    db.session.commit()


@pytest.fixture
def lunch():
    with unit_of_work():
        return Choice(Presence.BREAK, reasons.create(name="Обед", icon="coffee", by="test").id)


def when_done(employee, choice):
    with unit_of_work():
        resting.turn_when_done(employee, choice)


def status_of(employee):
    db.session.expire_all()
    running = presence.current(employee.id)
    return running.status, running.reason_id


def test_nothing_new_arrives_and_lunch_begins_after_the_last_appeal(lunch):
    first = cast.accepted(cast.an_appeal("Первое"), cast.anna())

    when_done(cast.anna(), lunch)
    cast.an_appeal("Второе")
    assert choosing.distribute() == 0
    assert status_of(cast.anna()) == ("active", None)
    close(first, cast.anna())
    work.run_due()

    assert status_of(cast.anna()) == ("break", lunch.reason_id)
    assert choosing.distribute() == 0


def test_with_two_appeals_it_waits_for_the_second(lunch):
    first = cast.accepted(cast.an_appeal("Первое"), cast.anna())
    second = cast.accepted(cast.an_appeal("Второе"), cast.anna())
    when_done(cast.anna(), lunch)

    close(first, cast.anna())
    work.run_due()
    assert status_of(cast.anna())[0] == "active"
    postpone(second, cast.anna(), hours=2)
    work.run_due()

    assert status_of(cast.anna())[0] == "break"


def test_it_waits_for_an_offer_that_still_rings(lunch):
    cast.an_appeal()
    cast.at_work(cast.anna())
    choosing.distribute()

    when_done(cast.anna(), lunch)
    (offer,) = queries.offers(cast.anna())
    with unit_of_work():
        offering.decline(offer.assignment.id, by=cast.anna(), reason="leaving")
    work.run_due()

    assert status_of(cast.anna())[0] == "break"


def test_with_nothing_held_it_begins_at_once(lunch):
    cast.at_work(cast.anna())

    when_done(cast.anna(), lunch)

    assert status_of(cast.anna()) == ("break", lunch.reason_id)


def test_a_cancelled_break_lets_appeals_come_again(lunch):
    first = cast.accepted(cast.an_appeal("Первое"), cast.anna())
    when_done(cast.anna(), lunch)
    cast.an_appeal("Второе")

    with unit_of_work():
        presence.cancel_next(cast.anna(), by=cast.anna().key)
    assert choosing.distribute() == 1
    close(first, cast.anna())
    work.run_due()

    assert status_of(cast.anna())[0] == "active"


def test_another_status_forgets_what_was_to_follow(lunch):
    first = cast.accepted(cast.an_appeal(), cast.anna())
    when_done(cast.anna(), lunch)

    with unit_of_work():
        resting.turn(cast.anna(), Choice(Presence.NOT_ACCEPTING))
    close(first, cast.anna())
    work.run_due()

    assert status_of(cast.anna())[0] == "not_accepting"


def test_choosing_the_running_status_again_cancels_too(lunch):
    cast.accepted(cast.an_appeal(), cast.anna())
    when_done(cast.anna(), lunch)

    cast.at_work(cast.anna())

    assert presence.next_of(cast.anna().id) is None
    assert db.session.get_one(Capacity, cast.anna().id).receiving


def test_a_break_now_returns_only_as_many_as_were_confirmed(lunch):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())

    with pytest.raises(resting.WouldReturn) as refused, unit_of_work():
        resting.turn(cast.anna(), lunch)
    assert refused.value.held == 1
    assert "1 обращение" in refused.value.sentence()
    with unit_of_work():
        resting.turn(cast.anna(), lunch, confirmed=1)
    work.run_due()

    assert cast.reread(appeal).status == Status.QUEUED


def test_the_last_appeal_leaves_at_the_moment_the_break_is_chosen(lunch, at_once):
    for number in range(8):
        appeal = cast.accepted(cast.an_appeal(f"Вопрос {number}"), cast.anna())

        results = at_once(lambda appeal=appeal: close(appeal, cast.anna()), lambda: when_done(cast.anna(), lunch))
        while work.run_due():
            pass

        assert not [result for result in results if isinstance(result, Exception)]
        assert status_of(cast.anna())[0] == "break"


def test_an_operator_without_a_status_has_nothing_to_follow(lunch):
    with unit_of_work():
        presence.choose_next(cast.anna(), lunch, by="test")

    assert presence.next_of(cast.anna().id) is None
