"""Guide 3.1, 3.2.1: an offer rings, is accepted, declined, missed."""

import datetime as dt

import cast
import pytest

from cec.appeals.models import Status
from cec.distribution import choosing, offering
from cec.distribution.models import Assignment


@pytest.fixture
def ringing(desk, db):
    """Give an assignment that rings at Anna's."""
    appeal = cast.an_appeal("Привезли не тот цвет стола")
    cast.at_work(cast.anna())
    choosing.distribute()
    return db.session.scalars(db.select(Assignment).where(Assignment.appeal_id == appeal.id)).one()


def test_an_offer_rings_over_the_end_of_the_list_with_its_reason(desk, ringing, words):
    part = desk.part("/worklist")

    assert 'role="alertdialog"' in part
    assert "Привезли не тот цвет стола" in words(part)
    assert "Почему вам:" in words(part)
    assert f'data-ring="{ringing.ring_until.isoformat(timespec="milliseconds")}"' in part


def test_accepting_opens_the_appeal(desk, ringing, words):
    part = desk.act(f"/offers/{ringing.id}/acceptance")

    assert desk.answer.headers["HX-Push-Url"] == f"/operator/appeals/{ringing.appeal_id}"
    assert '<hx-partial hx-target="#appeal"' in part
    assert "Взято в работу" in words(part)


def test_accepting_while_typing_elsewhere_opens_nothing(desk, ringing):
    part = desk.act(f"/offers/{ringing.id}/acceptance", stay="1")

    assert "HX-Push-Url" not in desk.answer.headers
    assert 'hx-target="#appeal" hx-swap="outerMorph"' not in part


def test_declining_needs_a_reason_of_the_list(desk, ringing, db):
    desk.act(f"/offers/{ringing.id}/refusal", status=422, reason="because")
    assert db.session.get(Assignment, ringing.id).released_at is None

    desk.act(f"/offers/{ringing.id}/refusal", reason="busy")

    assert db.session.get(Assignment, ringing.id).release_kind == "declined"


def test_an_offer_that_is_over_cannot_be_accepted(desk, ringing, clock, words):
    clock.forward(dt.timedelta(minutes=5))
    offering.miss_due()

    part = desk.act(f"/offers/{ringing.id}/acceptance", status=409)

    assert 'data-refusal="OfferOver"' in part
    assert "Предложение" in words(part)


def test_another_ones_offer_does_not_exist(desk, ringing, signed_in, db):
    igor = signed_in(cast.igor())

    assert igor.post(f"/operator/offers/{ringing.id}/acceptance").status_code == 404
    assert db.session.get(Assignment, ringing.id).accepted_at is None
    assert cast.reread(db.session.get_one(cast.Appeal, ringing.appeal_id)).status == Status.OFFERED
