"""Leaving: appeals go back, wait for their operator, or go to a group, as he says (guide 2.6)."""

import pytest

from cec.appeals.models import Status
from cec.distribution import choosing, leaving, queries
from cec.distribution.models import Capacity
from cec.platform import work
from cec.platform.db import db, unit_of_work
from cec.queues import lanes
from cec.staff import groups, presence, signing_in
from cec.staff.models import Presence, Session
from tests import cast
from tests.stories import close, wait


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    db.session.commit()


@pytest.fixture
def session():
    """Anna's session."""
    return signs_in(cast.anna())


def signs_in(employee):
    with unit_of_work():
        session, _token = signing_in.sign_in(employee.login, cast.PASSWORD)
        place = signing_in.workplaces(employee.branch_id)[0]
        signing_in.choose(session, "operator", employee.branch_id, place.id)
    return session


def leaves(session, how, *, group_id=None, may_keep=False):
    with unit_of_work():
        leaving.leave(
            db.session.get_one(Session, session.id), how, group_id=group_id, may_keep=may_keep, comment="Конец смены"
        )
    while work.run_due():
        pass


def test_appeals_go_back_to_their_old_places(session):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    rank = appeal.rank_at

    leaves(session, "return")

    appeal = cast.reread(appeal)
    assert (appeal.status, appeal.operator_id, appeal.rank_at) == (Status.QUEUED, None, rank)
    assert presence.current(cast.anna().id).status == Presence.OFFLINE


def test_kept_ones_wait_for_him_and_are_his_when_he_comes_back(session):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())

    leaves(session, "keep", may_keep=True)
    cast.at_work(cast.igor())
    assert choosing.distribute() == 0
    again = signs_in(cast.anna())

    appeal = cast.reread(appeal)
    assert (appeal.status, appeal.operator_id) == (Status.IN_WORK, cast.anna().id)
    assert db.session.get_one(Capacity, cast.anna().id).load == 1
    assert close(appeal, cast.anna()).status == Status.CLOSED
    assert again.id != session.id


def test_an_offer_that_rings_goes_back_even_when_the_others_are_kept(session):
    cast.at_work(cast.anna())
    cast.an_appeal()
    choosing.distribute()
    (offer,) = queries.offers(cast.anna())

    leaves(session, "keep", may_keep=True)

    assert cast.reread(offer.appeal).status == Status.QUEUED


def test_nothing_is_kept_where_the_centre_does_not_allow_it(session):
    cast.accepted(cast.an_appeal(), cast.anna())

    with pytest.raises(leaving.NoSuchWay):
        leaves(session, "keep")
    db.session.rollback()

    assert db.session.get_one(Session, session.id).ended_at is None


def test_appeals_go_to_the_group_with_a_comment(session):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    group = cast.a_group("payments", cast.igor())
    cast.a_queue("payment", group)
    db.session.commit()

    leaves(session, "group", group_id=group.id)

    appeal = cast.reread(appeal)
    assert (appeal.status, appeal.operator_id) == (Status.QUEUED, None)
    assert lanes.group_skill("payments") in appeal.lane.skills
    assert "appeal.transferred" in cast.story(appeal.key)
    cast.at_work(cast.igor())
    assert choosing.distribute() == 1


def test_a_group_without_an_open_queue_is_refused_and_he_is_still_here(session):
    group = cast.a_group("nobody", cast.igor())
    db.session.commit()

    for group_id in (group.id, None, 999):
        with pytest.raises(leaving.NoSuchGroup):
            leaves(session, "group", group_id=group_id)
        db.session.rollback()

    assert presence.current(cast.anna().id).status == Presence.NOT_ACCEPTING


def test_a_group_that_closes_meanwhile_sends_appeals_back_to_their_queue(session):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    group = cast.a_group("payments", cast.igor())
    queue = cast.a_queue("payment", group)
    db.session.commit()
    with unit_of_work():
        leaving.leave(
            db.session.get_one(Session, session.id), "group", group_id=group.id, may_keep=False, comment="Конец смены"
        )
    with unit_of_work():
        queue.is_active = False

    work.run_due()

    appeal = cast.reread(appeal)
    assert (appeal.status, appeal.queue.code) == (Status.QUEUED, "general")


def test_waiting_ones_stay_his_whatever_he_chooses(session):
    appeal = wait(cast.accepted(cast.an_appeal(), cast.anna()), cast.anna())

    leaves(session, "return")

    assert cast.reread(appeal).operator_id == cast.anna().id


def test_a_handed_over_appeal_that_moved_on_is_left_alone(session):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    group = cast.a_group("payments", cast.igor())
    cast.a_queue("payment", group)
    db.session.commit()
    close(appeal, cast.anna())

    with unit_of_work():
        leaving.hand_over_one(appeal.id, cast.anna().id, "test", group.id, "Конец смены")

    assert cast.reread(appeal).status == Status.CLOSED
    assert groups.list_all()
