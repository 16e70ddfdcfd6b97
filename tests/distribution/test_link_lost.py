"""The link to an operator is lost and found: nothing new comes, his appeals wait, then go back; once (guide 2.6)."""

import datetime as dt

import pytest

from cec.appeals.models import Status
from cec.distribution import choosing, offering, queries, resting, returning
from cec.distribution.models import Assignment, Capacity
from cec.platform import clock as clocks
from cec.platform import metrics, work
from cec.platform.db import db, unit_of_work
from cec.staff import links, presence, reasons, signing_in
from cec.staff.models import Link, OperatorStatus, Presence, Session
from cec.staff.presence import Choice
from tests import cast
from tests.stories import postpone, wait

LOST, GONE, ENDED = dt.timedelta(seconds=60), dt.timedelta(seconds=180), dt.timedelta(seconds=600)
SECONDS = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    db.session.commit()


def begins(employee):
    """He signs in and becomes active; his window beats."""
    with unit_of_work():
        session, _token = signing_in.sign_in(employee.login, cast.PASSWORD)
        place = signing_in.workplaces(employee.branch_id)[0]
        signing_in.choose(session, "operator", employee.branch_id, place.id, take_over=True)
    cast.at_work(employee)
    return session


@pytest.fixture
def window():
    """Anna's session."""
    return begins(cast.anna())


def beats(window):
    with unit_of_work():
        return links.beat(window.id, untouched=dt.timedelta(0))


def silence(clock, seconds):
    """Nothing is heard for so long; the worker looks every second second and does what is due."""
    clock.forward(seconds * SECONDS)
    done = (links.lose(LOST), links.give_up(GONE))
    settle()
    return done


def settle():
    while work.run_due():
        pass
    db.session.expire_all()


def status_of(employee):
    db.session.expire_all()
    return presence.current(employee.id).status


def intervals(employee):
    db.session.expire_all()
    rows = db.session.scalars(
        db.select(OperatorStatus).where(OperatorStatus.employee_id == employee.id).order_by(OperatorStatus.during)
    )
    return [(row.status, row.during.lower, row.during.upper) for row in rows]


def test_after_a_minute_of_silence_nothing_new_comes_and_colleagues_see_it(clock, window):
    silence(clock, 59)
    assert status_of(cast.anna()) == Presence.ACTIVE

    assert silence(clock, 1) == (1, 0)

    assert presence.current_of([cast.anna().id]) == {cast.anna().id: Presence.NO_LINK}
    cast.an_appeal()
    assert choosing.distribute() == 0
    assert silence(clock, 1) == (0, 0)


def test_the_interval_ends_at_the_last_heartbeat_and_not_when_it_was_noticed(clock, window):
    clock.forward(300 * SECONDS)
    beats(window)
    heard = clocks.now()

    silence(clock, 75)

    assert intervals(cast.anna())[-2:] == [
        ("active", intervals(cast.anna())[-2][1], heard),
        ("no_link", heard, None),
    ]


def test_who_comes_back_in_time_goes_on_as_he_was_with_his_appeals(clock, window):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    silence(clock, 61)
    assert status_of(cast.anna()) == Presence.NO_LINK
    clock.forward(100 * SECONDS)

    assert beats(window) == Link.LOST
    settle()

    assert status_of(cast.anna()) == Presence.ACTIVE
    assert cast.reread(appeal).status == Status.IN_WORK
    assert beats(window) == Link.LIVE
    cast.an_appeal("Второе")
    assert choosing.distribute() == 1


def test_a_break_that_was_to_follow_is_kept_over_the_silence(clock, window):
    cast.accepted(cast.an_appeal(), cast.anna())
    with unit_of_work():
        lunch = reasons.create(name="Обед", icon="coffee", by="test")
    with unit_of_work():
        resting.turn_when_done(cast.anna(), Choice(Presence.BREAK, lunch.id))
    silence(clock, 61)

    beats(window)
    settle()

    assert status_of(cast.anna()) == Presence.ACTIVE
    assert presence.next_of(cast.anna().id) == Choice(Presence.BREAK, lunch.id)
    assert not db.session.get_one(Capacity, cast.anna().id).receiving


def test_after_three_minutes_his_appeals_go_back_higher_than_they_were(clock, window):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    points, rank = appeal.points, appeal.rank_at
    silence(clock, 61)

    assert silence(clock, 120) == (0, 1)

    appeal = cast.reread(appeal)
    assert (appeal.status, appeal.operator_id) == (Status.QUEUED, None)
    assert appeal.points == points + returning.OFFLINE_POINTS
    assert appeal.rank_at == rank - appeal.queue.target / 2
    assert appeal.verdicts["prioritization"]["rows"][-1]["outputs"] == {"points": returning.OFFLINE_POINTS}
    assert db.session.scalars(db.select(Assignment.release_kind)).one() == "returned_offline"
    assert status_of(cast.anna()) == Presence.OFFLINE
    assert db.session.get_one(Capacity, cast.anna().id).load == 0


def test_waiting_and_postponed_appeals_stay_with_him(clock, window):
    waiting = wait(cast.accepted(cast.an_appeal("Первое"), cast.anna()), cast.anna())
    postponed = postpone(cast.accepted(cast.an_appeal("Второе"), cast.anna()), cast.anna(), hours=5)

    silence(clock, 61)
    silence(clock, 120)

    assert cast.reread(waiting).operator_id == cast.anna().id
    assert cast.reread(postponed).operator_id == cast.anna().id


def test_who_comes_back_late_is_told_once_what_went_back_and_begins_anew(clock, window):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    silence(clock, 61)
    silence(clock, 120)

    assert beats(window) == Link.GONE
    settle()

    assert status_of(cast.anna()) == Presence.NOT_ACCEPTING
    assert [each.id for each in returning.untold(cast.anna())] == [appeal.id]
    with unit_of_work():
        returning.tell(cast.anna())
    assert returning.untold(cast.anna()) == []


def test_several_workers_lose_and_give_up_once(clock, window, at_once):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    clock.forward(61 * SECONDS)

    assert sum(at_once(*[lambda: links.lose(LOST)] * 4)) == 1
    clock.forward(120 * SECONDS)
    assert sum(at_once(*[lambda: links.give_up(GONE)] * 4)) == 1
    at_once(*[work.run_due] * 4)

    assert cast.story(appeal.key).count("appeal.returned") == 1
    assert cast.reread(appeal).points == returning.OFFLINE_POINTS
    assert cast.story(cast.anna().key).count("operator.status_changed") == 4


def test_a_heartbeat_at_the_very_moment_of_giving_up_leaves_one_truth(clock, window, at_once):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    for _ in range(6):
        silence(clock, 61)
        clock.forward(120 * SECONDS)

        at_once(lambda: links.give_up(GONE), lambda: beats(window), lambda: links.give_up(GONE))
        settle()

        beats(window)
        settle()
        appeal = cast.reread(appeal)
        if status_of(cast.anna()) == Presence.ACTIVE:
            assert appeal.status == Status.IN_WORK
        else:
            assert (status_of(cast.anna()), appeal.status) == (Presence.NOT_ACCEPTING, Status.QUEUED)
            appeal = cast.accepted(appeal, cast.anna())
        assert db.session.get_one(Session, window.id).link == Link.LIVE
        assert db.session.get_one(Capacity, cast.anna().id).load == 1


def test_a_heartbeat_at_the_very_moment_of_losing_leaves_him_as_he_was(clock, window, at_once):
    for _ in range(6):
        clock.forward(61 * SECONDS)

        at_once(lambda: links.lose(LOST), lambda: beats(window))
        settle()

        assert status_of(cast.anna()) == Presence.ACTIVE
        assert db.session.get_one(Session, window.id).link == Link.LIVE


def test_offers_that_he_could_not_see_do_not_count_as_missed(clock, window):
    appeal = cast.an_appeal()
    clock.forward(SECONDS)
    choosing.distribute()
    clock.forward(31 * SECONDS)
    offering.miss_due()
    assert cast.story(appeal.key)[-1] == "appeal.missed"
    silence(clock, 29)
    assert status_of(cast.anna()) == Presence.NO_LINK

    beats(window)
    settle()

    assert status_of(cast.anna()) == Presence.ACTIVE
    assert db.session.get_one(Capacity, cast.anna().id).misses == 0


def test_an_offer_that_rings_is_taken_back_too(clock, window):
    cast.an_appeal()
    silence(clock, 61)
    beats(window)
    settle()
    choosing.distribute()
    (offer,) = queries.offers(cast.anna())
    clock.forward(dt.timedelta(seconds=200))
    links.lose(LOST)
    links.give_up(GONE)
    settle()

    assert cast.reread(offer.appeal).status == Status.QUEUED
    assert [each.id for each in returning.untold(cast.anna())] == [offer.appeal.id]


def test_of_two_windows_the_one_touched_last_counts(clock, window):
    with unit_of_work():
        links.beat(window.id, untouched=dt.timedelta(seconds=2))
    with unit_of_work():
        links.beat(window.id, untouched=dt.timedelta(minutes=9))

    db.session.expire_all()
    assert db.session.get_one(Session, window.id).input_at == clocks.now() - dt.timedelta(seconds=2)


def test_a_new_sign_in_after_the_silence_asks_nobody_and_ends_the_old_session(clock, window):
    silence(clock, 61)
    silence(clock, 120)

    again = begins(cast.anna())

    db.session.expire_all()
    old = db.session.get_one(Session, window.id)
    assert (old.ended_by, old.ended_at) == ("taken_over", old.seen_at)
    assert again.id != old.id


def test_a_session_that_nobody_uses_ends_at_its_last_heartbeat(clock, window):
    heard = clocks.now()
    clock.forward(dt.timedelta(hours=8))

    with unit_of_work():
        assert signing_in.end_unused() == 1

    assert intervals(cast.anna())[-1][:2] == ("offline", heard)


def test_who_stays_away_for_ten_minutes_signs_in_again_and_worked_until_he_was_last_heard(clock, window):
    clock.forward(90 * SECONDS)
    beats(window)
    heard = clocks.now()
    silence(clock, 61)
    silence(clock, 120)
    assert links.end(ENDED) == 0

    clock.forward(419 * SECONDS)
    assert links.end(ENDED) == 1
    assert links.end(ENDED) == 0

    db.session.expire_all()
    session = db.session.get_one(Session, window.id)
    assert (session.ended_by, session.ended_at) == ("expired", heard)
    assert beats(window) is None
    assert [(status, since) for status, since, _ in intervals(cast.anna())[-2:]] == [
        ("no_link", heard), ("offline", heard + 181 * SECONDS),
    ]  # fmt: skip


def test_a_supervisor_who_closed_his_window_is_not_asked_for_it_elsewhere(clock):
    boris = cast.boris()
    with unit_of_work():
        first, token = signing_in.sign_in(boris.login, cast.PASSWORD)
        signing_in.choose(first, "supervisor", boris.branch_id, signing_in.workplaces(boris.branch_id)[0].id)
    clock.forward(600 * SECONDS)

    assert links.end(ENDED) == 1

    with unit_of_work():
        assert signing_in.find(token) is None
        second, _ = signing_in.sign_in(boris.login, cast.PASSWORD)
        assert not signing_in.works_elsewhere(second)
        signing_in.choose(second, "supervisor", boris.branch_id, signing_in.workplaces(boris.branch_id)[0].id)
    assert presence.current(boris.id) is None


def test_who_has_not_chosen_a_role_yet_has_no_window_that_beats(clock):
    with unit_of_work():
        _, token = signing_in.sign_in(cast.anna().login, cast.PASSWORD)
    clock.forward(600 * SECONDS)

    assert links.end(ENDED) == 0
    with unit_of_work():
        assert signing_in.find(token) is not None


def test_a_heartbeat_at_the_very_moment_of_the_end_leaves_one_truth(clock, window, at_once):
    clock.forward(600 * SECONDS)

    _, heard, _ = at_once(lambda: links.end(ENDED), lambda: beats(window), lambda: links.end(ENDED))
    settle()

    ended = db.session.get_one(Session, window.id).ended_at
    assert (heard is None) == (ended is not None)


def test_a_heartbeat_of_an_ended_session_changes_nothing(clock, window):
    with unit_of_work():
        signing_in.sign_out(db.session.get_one(Session, window.id))
    seen = db.session.get_one(Session, window.id).seen_at
    clock.forward(SECONDS)

    assert beats(window) is None

    assert db.session.get_one(Session, window.id).seen_at == seen


def test_a_heartbeat_is_one_statement_and_no_fact(clock, window):
    session = db.session.get_one(Session, window.id)
    before = len(cast.story(cast.anna().key))
    with metrics.counting() as count:
        links.beat(session.id, untouched=dt.timedelta(0))

    assert count.sql == 1
    db.session.commit()
    assert len(cast.story(cast.anna().key)) == before
