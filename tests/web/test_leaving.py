"""Guide 2.6: the page of leaving asks what becomes of appeals in work and shows what is not sent."""

import dataclasses

import cast
import pytest
from cast import anna

from cec.appeals.models import Draft, Status
from cec.platform import work
from cec.staff.models import Session


@pytest.fixture
def window(db, signed_in):
    """Anna at work with an appeal."""
    cast.a_centre()
    return signed_in(anna())


@pytest.fixture
def appeal(window):
    return cast.accepted(cast.an_appeal(), anna())


@pytest.fixture
def configured(app):
    """Give a function that changes settings for one story."""
    before = app.config["CEC"]
    yield lambda **settings: app.config.update(CEC=dataclasses.replace(before, **settings))
    app.config["CEC"] = before


def leave(window, **choice):
    answer = window.post("/leaving", data=choice)
    while work.run_due():
        pass
    return answer


def test_without_appeals_nothing_is_asked(window, words):
    page = window.get("/leaving").text

    assert "нет обращений, которые вернутся в очередь" in words(page)
    assert 'name="held"' not in page
    assert leave(window).location == "/login"


def test_with_appeals_the_ways_are_told(window, appeal, words):
    page = window.get("/leaving").text

    assert "У Вас 1 обращение" in words(page).replace("\xa0", " ")
    assert 'value="return" checked' in " ".join(page.split())
    assert 'value="group"' in page
    assert 'value="keep"' not in page


def test_the_centre_decides_what_is_proposed(window, appeal, configured):
    configured(leaving="keep", leaving_keep=True)
    assert 'value="keep" checked' in " ".join(window.get("/leaving").text.split())

    configured(leaving="keep", leaving_keep=False)
    page = " ".join(window.get("/leaving").text.split())
    assert 'value="return" checked' in page
    assert 'value="keep"' not in page


def test_kept_appeals_stay_where_the_centre_allows_it(window, appeal, configured):
    configured(leaving_keep=True)

    assert leave(window, held="keep").location == "/login"

    assert cast.reread(appeal).operator_id == anna().id


@pytest.mark.parametrize(
    "choice", [{"held": "keep"}, {"held": "burn"}, {"held": "group"}, {"held": "group", "group_id": "x"}]
)
def test_a_choice_that_is_not_there_is_told_and_nobody_leaves(window, appeal, db, choice):
    answer = leave(window, **choice)

    assert answer.status_code == 422
    assert "Выберите" in answer.text
    assert db.session.scalars(db.select(Session.ended_at)).one() is None
    assert cast.reread(appeal).status == Status.IN_WORK


def test_appeals_are_handed_to_a_group(window, appeal):
    group = cast.a_group()

    assert leave(window, held="group", group_id=group.id).location == "/login"

    assert cast.reread(appeal).status == Status.QUEUED
    assert "appeal.transferred" in cast.story(appeal.key)


def test_what_is_not_sent_is_listed_with_its_link(window, appeal, db, words):
    db.session.add_all([
        Draft(appeal_id=appeal.id, employee_id=anna().id, text="Здравств"),
        Draft(appeal_id=appeal.id, employee_id=anna().id, text="", is_note=True),
        Draft(appeal_id=appeal.id, employee_id=cast.igor().id, text="чужой"),
    ])  # fmt: skip
    db.session.commit()

    page = window.get("/leaving").text

    assert "Не отправлен 1 черновик" in words(page).replace("\xa0", " ")
    assert f'href="/operator/appeals/{appeal.id}"' in page


def test_somebody_who_serves_nobody_just_leaves(signed_in):
    window = signed_in(cast.vera())

    assert 'name="held"' not in window.get("/leaving").text
    assert leave(window).location == "/login"
