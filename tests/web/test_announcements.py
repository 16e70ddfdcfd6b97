"""2.2.7: announcements by the administrator or a supervisor."""

import cast
import pytest
from cast import anna, boris, igor, vera

from cec.notifications.models import Announcement
from cec.platform.db import unit_of_work

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
FORM = {
    "title": "Склад закрыт", "text": "До обеда", "kind": "warning", "audience": "everybody", "starts_at": "",
    "ends_at": "2026-11-24T18:00", "must_acknowledge": "1",
}  # fmt: skip


@pytest.fixture
def window(signed_in, db):
    anna(), igor()
    return signed_in(vera())


@pytest.fixture
def published(window, db):
    assert window.post("/announcements", data=FORM).status_code == 303
    return db.session.scalars(db.select(Announcement)).one()


def test_it_is_published_shown_and_acknowledged_and_the_author_sees_by_whom(window, published, signed_in, words):
    reader = signed_in(anna())
    bell = reader.get("/notifications/bell", headers=PART)
    assert "Склад закрыт" in words(bell.text)
    number = bell.text.split("/understood")[0].rpartition("/")[2]
    assert reader.post(f"/notifications/{number}/understood", headers=PART).status_code == 200

    page = words(window.get("/announcements").text)

    assert "1 из 2" in page
    assert "Подтвердили: Анна Котова" in page
    assert "Ещё нет: Игорь Лапшин" in page


def test_times_are_those_of_the_authors_branch(published):
    assert published.ends_at.isoformat() == "2026-11-24T15:00:00+00:00"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "Напишите, о чём объявление"),
        ("ends_at", "", "Укажите день и время."),
        ("ends_at", "tomorrow", "Укажите день и время."),
        ("ends_at", "2026-11-22T18:00", "Укажите конец позже начала"),
        ("starts_at", "9999-99-99T99:99", "Укажите день и время."),
        ("audience", "group:99", "Выберите из списка, кому объявление."),
        ("kind", "error", "Выберите вид из списка."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_the_typed_text_stays(window, db, words, field, value, sentence):
    answer = window.post("/announcements", data=FORM | {"text": "Очень важно", field: value})

    assert answer.status_code == 422
    assert sentence in words(answer.text)
    assert f'id="error-{field}"' in answer.text
    assert "Очень важно" in answer.text
    assert db.session.scalars(db.select(Announcement)).all() == []


def test_it_is_changed_and_withdrawn(window, published, db, words):
    changed = FORM | {"title": "Склад закрыт до вечера"}
    assert window.post(f"/announcements/{published.id}", data=changed).status_code == 303
    assert "Склад закрыт до вечера" in words(window.get("/announcements").text)

    assert window.post(f"/announcements/{published.id}/withdrawal").status_code == 303
    page = words(window.get("/announcements?withdrawn=1").text)
    assert "отозвано" in page

    late = window.post(f"/announcements/{published.id}", data=changed)
    assert late.status_code == 409
    assert "Объявление закончилось или отозвано" in words(late.text)


def test_a_supervisor_has_his_own_and_no_others(published, signed_in, db, words):
    with unit_of_work():
        cast.a_group("first_line").leader_id = boris().id
    window = signed_in(boris())

    assert window.get(f"/announcements/{published.id}").status_code == 404
    assert "Склад закрыт" not in words(window.get("/announcements").text)
    assert window.post("/announcements", data=FORM).status_code == 422
    group = cast.a_group("first_line").id
    assert window.post("/announcements", data=FORM | {"audience": f"group:{group}"}).status_code == 303
    assert "Склад закрыт" in words(window.get("/announcements").text)
