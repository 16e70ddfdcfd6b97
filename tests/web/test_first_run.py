"""The first run: an administrator, a queue, people and a mailbox."""

import re

import pytest
from cast import vera

from cec.appeals.models import Resolution
from cec.platform.db import unit_of_work
from cec.queues.models import Queue
from cec.staff import employees
from cec.staff.models import Employee

VERA = {
    "place": "Казань",
    "zone": "Europe/Moscow",
    "name": "Вера Орлова",
    "login": "vera",
    "new_password": "correct horse",
}


@pytest.fixture
def founded(client, db):
    """Vera's browser in a centre that she has just founded, in English."""
    client.set_cookie("cec_language", "en")
    answer = client.post("/setup", data=VERA)
    assert answer.location == "/centre/queues", answer.text
    return client


@pytest.mark.parametrize("path", ["/", "/appeals", "/operator", "/profile", "/centre/people", "/login"])
def test_every_page_of_an_empty_centre_leads_to_the_first_step(client, path):
    assert client.get(path).location == "/setup"


def test_the_administrator_is_made_and_signed_in(founded, db):
    page = founded.get("/centre/queues").text

    administrator = db.session.scalars(db.select(Employee)).one()
    assert administrator.roles == ["business_admin"]
    assert administrator.branch.name == "Казань"
    assert not administrator.must_change_password
    assert administrator.language == "en"
    assert 'aria-current="step"' in page
    assert {"Solved", "Duplicate"} <= set(db.session.scalars(db.select(Resolution.name)))


@pytest.mark.parametrize(
    ("field", "value"),
    [("zone", "Mars/North"), ("name", " "), ("login", "a"), ("login", "two words"), ("new_password", "short")],
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_stays(client, db, field, value):
    answer = client.post("/setup", data={**VERA, field: value})

    assert answer.status_code == 422
    assert f'data-error="{field}"' in answer.text
    assert "Казань" in answer.text
    assert "correct horse" not in answer.text
    assert not employees.is_anybody_here()


def test_a_centre_is_founded_once(founded, app):
    stranger = app.test_client()

    assert stranger.get("/setup").status_code == 409
    assert stranger.post("/setup", data={**VERA, "login": "stranger"}).status_code == 409
    assert stranger.get("/").location == "/login?next=/"


def test_two_founders_at_once_make_one_administrator(db, at_once):
    def found(login):
        with unit_of_work():
            employees.found(place="", zone="Europe/Moscow", name="Вера", login=login, password="correct horse")

    results = at_once(lambda: found("vera"), lambda: found("olga"))

    assert sorted(type(result).__name__ for result in results) == ["AlreadyFounded", "NoneType"]
    assert db.session.scalar(db.select(db.func.count()).select_from(Employee)) == 1


def test_step_by_step_to_a_centre_that_works(founded, app, db):
    founded.post("/centre/queues", data={"name": "Общие вопросы", "code": "general", "groups": "own"})
    queue = db.session.scalars(db.select(Queue)).one()
    group = queue.groups[0]
    added = founded.post(
        "/centre/people", data={"name": "Анна Котова", "login": "Anna", "roles": "operator", "groups": group.id}
    )
    password = re.search(r'class="secret"[^>]*>([^<]+)<', added.text)[1]
    founded.post(
        "/centre/mailboxes",
        data={"name": "Магазин", "code": "shop", "address": "shop@centre.example", "smtp_host": "localhost",
              "smtp_port": "2525", "smtp_tls": "none"},
    )  # fmt: skip

    page = founded.get("/centre/people").text
    window = app.test_client()
    window.post("/login", data={"login": "anna", "password": password})
    window.post("/password", data={"old_password": password, "new_password": "another fine staple"})
    begun = window.post("/start", data=_offered(window))

    assert queue.is_default
    assert not queue.topic_required
    assert "First steps" not in page
    assert password not in page
    assert begun.location == "/"
    assert window.get("/").location == "/operator"


def _offered(window):
    page = window.get("/start").text
    return dict(re.findall(r'name="(\w+)"\s+value="(\w+)"', page))


def test_the_steps_show_what_is_done(founded, words):
    assert words(founded.get("/centre/queues").text).count("done") == 1
    founded.post("/centre/queues", data={"name": "Общие вопросы", "code": "general", "groups": "own"})
    assert words(founded.get("/centre/queues").text).count("done") == 2


def test_a_working_centre_shows_no_steps_to_others(signed_in):
    assert signed_in(vera()).get("/setup").status_code == 409
