"""5.10, 5.11: the administrator's people."""

import re

import pytest
from cast import PASSWORD, a_group, anna, boris, vera

from cec.platform import journal
from cec.staff import employees, groups, skills
from cec.staff.models import Employee, Session


@pytest.fixture
def window(signed_in):
    vera().language = "en"
    return signed_in(vera())


def secret(page):
    return re.search(r'class="secret"[^>]*>([^<]+)<', page)[1]


def test_a_person_is_added_with_a_password_that_is_shown_once(window, app, db):
    answer = window.post("/centre/people", data={"name": "Олег Сомов", "login": "Oleg", "roles": ["operator"]})

    password = secret(answer.text)
    oleg = db.session.scalars(db.select(Employee).where(Employee.login == "oleg")).one()
    assert oleg.must_change_password
    assert answer.headers["Cache-Control"] == "no-store"
    assert password not in window.get("/centre/people").text
    assert app.test_client().post("/login", data={"login": "oleg", "password": password}).status_code == 303


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "", "login": "oleg", "roles": "operator"}, "name"),
        ({"name": "Олег", "login": "vera", "roles": "operator"}, "login"),
        ({"name": "Олег", "login": "VERA", "roles": "operator"}, "login"),
        ({"name": "Олег", "login": "a b", "roles": "operator"}, "login"),
        ({"name": "Олег", "login": "oleg"}, "roles"),
        ({"name": "Олег", "login": "oleg", "roles": "king"}, "roles"),
        ({"name": "Олег", "login": "oleg", "roles": "operator", "branch_id": "99"}, None),
    ],
)
def test_what_is_wrong_with_a_new_person_is_said_at_its_field(window, db, data, field):
    before = len(employees.list_all())

    answer = window.post("/centre/people", data=data)

    assert answer.status_code == 422
    assert field is None or f'data-error="{field}"' in answer.text
    assert len(employees.list_all()) == before


def test_a_reset_password_ends_the_windows_and_the_old_password(window, signed_in, app):
    old = signed_in(anna())

    password = secret(window.post(f"/centre/people/{anna().id}/password").text)

    assert old.get("/profile").location.startswith("/login")
    browser = app.test_client()
    assert browser.post("/login", data={"login": "anna", "password": PASSWORD}).status_code == 422
    assert browser.post("/login", data={"login": "anna", "password": password}).status_code == 303


def test_a_dismissed_person_is_out_at_once_and_can_come_back(window, signed_in, app):
    old = signed_in(anna())

    window.post(f"/centre/people/{anna().id}/dismissal")

    assert old.get("/profile").location.startswith("/login")
    assert app.test_client().post("/login", data={"login": "anna", "password": PASSWORD}).status_code == 422
    password = secret(window.post(f"/centre/people/{anna().id}/return").text)
    assert app.test_client().post("/login", data={"login": "anna", "password": password}).status_code == 303


def test_nobody_dismisses_himself(window):
    answer = window.post(f"/centre/people/{vera().id}/dismissal")

    assert answer.status_code == 409
    assert "Nobody can dismiss himself." in answer.text
    assert vera().is_active


def test_the_last_administrator_stays(db):
    with pytest.raises(employees.LastAdministrator):
        employees.dismiss(vera(), by=boris())


SETUP = {"name": "Анна Котова", "roles": "operator", "units": "5"}


def test_groups_of_a_person_are_set(window, db):
    first, second = a_group("first_line", boris()), a_group("second_line", boris())

    window.post(f"/centre/people/{anna().id}", data={**SETUP, "groups": [first.id, second.id]})
    window.post(f"/centre/people/{anna().id}", data={**SETUP, "groups": [second.id, "999", "x"]})

    assert [group.code for group in anna().groups] == ["second_line"]


def test_how_much_an_operator_holds_and_what_he_knows_are_set(window):
    english = skills.create(code="english", name="English", by="test")
    skills.create(code="vip", name="VIP", by="test")

    window.post(f"/centre/people/{anna().id}", data={**SETUP, "units": "7", "units-email": "0", "level-vip": "3"})
    window.post(
        f"/centre/people/{anna().id}",
        data={**SETUP, "units": "7", "units-email": "", "auto_accept": "1", "level-english": "5", "level-vip": "4"},
    )

    assert (anna().units, anna().channel_units, anna().auto_accept) == (7, {}, True)
    assert skills.levels(anna()) == {"english": 5, "vip": 4}
    assert skills.who_has(english) == [(anna(), 5)]
    assert journal.history(anna().key)[-1].facts["changed"] == {
        "channel_units": [{"email": 0}, {}],
        "auto_accept": [False, True],
        "skills": [{"vip": 3}, {"english": 5, "vip": 4}],
    }


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": " "}, "name"),
        ({"roles": ""}, "roles"),
        ({"units": "0"}, "units"),
        ({"units": "many"}, "units"),
        ({"units-email": "101"}, "units-email"),
        ({"level-english": "11"}, "level-english"),
        ({"level-english": "0"}, "level-english"),
        ({"branch_id": "99"}, None),
    ],
)
def test_what_is_wrong_with_an_operator_is_said_at_its_field(window, data, field):
    skills.create(code="english", name="English", by="test")

    answer = window.post(f"/centre/people/{anna().id}", data={**SETUP, "name": "Анна К.", **data})

    assert answer.status_code == 422
    assert field is None or f'data-error="{field}"' in answer.text
    assert anna().name == "Анна Котова"


def test_an_operator_whom_somebody_else_changed_meanwhile_is_not_overwritten(window):
    answer = window.post(f"/centre/people/{anna().id}", data={**SETUP, "name": "Анна К.", "seen": "before"})

    assert answer.status_code == 409
    assert 'value="Анна К."' in answer.text
    assert anna().name == "Анна Котова"


def test_the_last_administrator_keeps_his_role(window):
    answer = window.post(f"/centre/people/{vera().id}", data={"name": "Вера", "roles": "operator", "units": "5"})

    assert answer.status_code == 409
    assert vera().roles == ["business_admin"]


def test_group_codes_are_checked(db):
    a_group("first_line", boris())

    with pytest.raises(groups.GroupCodeUnfit):
        groups.create(code="First line", name="", by="test")
    with pytest.raises(groups.GroupCodeTaken):
        groups.create(code="first_line", name="", by="test")


@pytest.mark.parametrize("act", ["", "/password", "/dismissal", "/return"])
def test_people_who_are_not_there_are_not_found(window, act):
    path = f"/centre/people/99999{act}"

    assert (window.post(path) if act else window.get(path)).status_code == 404


def test_the_list_shows_who_works_here(window, db):
    anna().is_active = False
    db.session.commit()

    page = window.get("/centre/people").text

    assert "Dismissed" in page
    assert "Works here" in page
    assert db.session.scalar(db.select(db.func.count()).select_from(Session)) == 1
