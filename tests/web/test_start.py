"""2.1: choose role, branch and workplace."""

import pytest
from cast import PASSWORD, a_branch, anna

from cec.staff import signing_in
from cec.staff.models import Branch, Session, Workplace


@pytest.fixture
def samara(db):
    """A second branch with two workplaces; Anna may also supervise."""
    anna().roles = ["operator", "supervisor"]
    anna().language = "en"
    branch = Branch(name="Самара")
    db.session.add_all([branch, Workplace(branch=branch, name="Возвраты"), Workplace(branch=branch, name="Продажи")])
    db.session.commit()
    return branch


@pytest.fixture
def window(client, samara):
    """Anna's browser after the password, before the choice."""
    answer = client.post("/login", data={"login": "anna", "password": PASSWORD}, query_string={"next": "/appeals"})
    assert answer.location == "/start?next=/appeals"
    return client


def choice(samara, **other):
    places = signing_in.workplaces(samara.id)
    return {"role": "supervisor", "branch_id": samara.id, "workplace_id": places[0].id, **other}


def test_what_has_several_choices_is_asked(window):
    page = window.get("/start").text

    assert 'value="operator"' in page
    assert 'value="supervisor"' in page
    assert "Самара" in page
    assert "Workplace" not in page
    assert "Возвраты" not in page


def test_the_workplaces_follow_the_branch(window, samara):
    page = window.get("/start", query_string={"branch_id": samara.id, "role": "supervisor"}).text

    assert "Возвраты" in page
    assert "Продажи" in page


def test_work_begins_as_chosen_and_where_it_was_wanted(window, samara, db):
    answer = window.post("/start?next=/appeals", data=choice(samara))

    assert answer.location == "/appeals"
    session = db.session.scalars(db.select(Session)).one()
    assert (session.role, session.branch.name, session.workplace.name) == ("supervisor", "Самара", "Возвраты")


def test_before_the_choice_pages_lead_to_it(window):
    assert window.get("/appeals").location == "/start?next=/appeals"
    assert window.post("/operator/status", data={"status": "active"}).location == "/start"
    assert window.get("/profile").status_code == 200


def test_the_last_choice_is_offered_next_time(window, samara, client):
    window.post("/start", data=choice(samara))
    window.post("/leaving")
    client.post("/login", data={"login": "anna", "password": PASSWORD})

    page = client.get("/start").text

    assert f'<option value="{samara.id}" selected>' in page.replace('selected=""', "selected")


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "marketer"},
        {"role": ""},
        {"branch_id": "99"},
        {"branch_id": "x"},
        {"branch_id": "1; drop table employee"},
        {"workplace_id": "999"},
        {"branch_id": "99999999999999999999"},
    ],
)
def test_made_up_choices_are_a_bad_request_and_begin_nothing(window, samara, db, wrong):
    answer = window.post("/start", data=choice(samara, **wrong))

    assert answer.status_code == 400
    assert db.session.scalars(db.select(Session.role)).one() is None


def test_a_workplace_of_the_other_branch_is_told_at_the_field(window, samara):
    answer = window.post("/start", data=choice(samara, workplace_id=signing_in.workplaces(a_branch().id)[0].id))

    assert answer.status_code == 422
    assert "Choose a workplace of this branch." in answer.text


def test_extra_fields_change_nothing(window, samara, db):
    window.post("/start", data=choice(samara, employee_id="1", is_active="0", login="king"))

    assert anna().login == "anna"
    assert anna().is_active


def test_the_second_window_is_asked_before_it_takes_over(window, samara, app):
    window.post("/start", data=choice(samara))
    second = app.test_client()
    second.post("/login", data={"login": "anna", "password": PASSWORD})

    asked = second.post("/start", data=choice(samara))
    taken = second.post("/start", data=choice(samara, take_over="1"))

    assert asked.status_code == 409
    assert "You already work in another window since 12:00." in asked.text
    assert 'name="take_over"' in asked.text
    assert taken.status_code == 303
    assert window.get("/profile").location == "/taken-over"
