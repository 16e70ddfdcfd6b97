"""2.2.7, 3.8.1: the bell, its list, what stands in the window, the page."""

import datetime as dt

import cast
import pytest
from cast import anna, boris, igor

from cec.notifications import telling
from cec.notifications.models import Focus, Notification
from cec.platform.db import unit_of_work

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def appeal(db):
    cast.a_centre()
    cast.petrov()
    db.session.commit()
    return cast.accepted(cast.an_appeal(), anna())


@pytest.fixture
def window(appeal, signed_in):
    return signed_in(anna())


def tells(appeal, what, employee=None, **facts):
    with unit_of_work():
        telling.tell((employee or anna()).id, what, appeal.id, **facts)


def told(db):
    db.session.expire_all()
    return list(db.session.scalars(db.select(Notification).order_by(Notification.id)))


def test_every_workplace_has_the_bell_without_a_number_at_first(window, signed_in):
    for page in (window.get("/operator"), signed_in(boris()).get("/appeals")):
        assert 'id="bell"' in page.text
        assert 'aria-label="Уведомления"' in page.text


def test_the_bell_says_its_number_by_its_name(window, appeal):
    for n, what in enumerate(("client_wrote", "returned", "woke"), 1):
        tells(appeal, what)
        part = window.get("/notifications/bell", headers=PART).text
        assert f'data-unread="{n}"' in part

    assert 'aria-label="Уведомления, 3 непрочитанных"' in part


def test_what_rings_links_to_the_appeal_and_says_its_sound(window, appeal):
    tells(appeal, "client_wrote")

    part = window.get("/notifications/bell", headers=PART).text

    assert 'data-sound="message"' in part
    assert f'data-appeal="{appeal.id}"' in part


def test_an_appeal_that_is_no_longer_hers_is_told_without_a_link(window, appeal, signed_in):
    tells(appeal, "client_wrote", igor())

    part = signed_in(igor()).get("/notifications/bell", headers=PART).text

    assert "Клиент написал" in part
    assert "data-appeal" not in part


def test_errors_stand_in_the_window_one_after_another_until_they_are_dealt_with(window, appeal, db, words):
    tells(appeal, "delivery_failed", key="message:1", reason="550 no such user")
    tells(appeal, "delivery_unknown", key="message:2", reason="")
    bell = words(window.get("/notifications/bell", headers=PART).text)
    assert "Ответ не дошёл до клиента" in bell
    assert "550 no such user" in bell
    assert "ещё 1" in bell

    first, second = told(db)
    part = words(window.post(f"/notifications/{first.id}/understood", headers=PART).text)
    assert "Неизвестно, дошёл ли ответ" in part
    assert "ещё 1" not in part
    part = words(window.post(f"/notifications/{second.id}/understood", headers=PART).text)
    assert "Понятно" not in part


def test_others_notifications_do_not_exist_here(window, appeal, db):
    tells(appeal, "delivery_failed", igor(), key="message:1")

    assert window.post(f"/notifications/{told(db)[0].id}/understood", headers=PART).status_code == 404
    assert told(db)[0].dealt_at is None


def test_the_list_under_the_bell_groups_by_day_and_narrows(signed_in, appeal, clock, words):
    tells(appeal, "client_wrote")
    clock.forward(dt.timedelta(days=1))
    tells(appeal, "returned")
    window = signed_in(anna())

    menu = words(window.get("/notifications/menu", headers=PART).text)
    assert menu.index("Сегодня") < menu.index("вернулось в очередь") < menu.index("Раньше") < menu.index("написал")
    part = words(window.get("/notifications/latest?kind=warning", headers=PART).text)
    assert "вернулось в очередь" in part
    assert "написал" not in part
    assert "ничего не подходит" in words(window.get("/notifications/latest?kind=error", headers=PART).text)


def test_one_is_marked_as_read_and_the_bell_follows(window, appeal, db):
    tells(appeal, "client_wrote")
    tells(appeal, "returned")

    part = window.post("/notifications/reading", data={"id": told(db)[0].id, "unread": "1"}, headers=PART).text

    assert 'data-unread="1"' in part
    assert f'id="menu-notice-{told(db)[0].id}"' not in part
    assert [each.read_at is None for each in told(db)] == [False, True]


def test_all_are_marked_as_read_on_the_page(window, appeal, db):
    tells(appeal, "client_wrote")
    tells(appeal, "returned")

    answer = window.post("/notifications/reading", data={"kind": "warning"})

    assert (answer.status_code, answer.location) == (303, "/notifications?kind=warning")
    assert [each.read_at is None for each in told(db)] == [True, False]


def test_the_page_has_pages(window, appeal, clock, words):
    for n in range(53):
        tells(appeal, "client_wrote", key=f"n{n}", comment=f"весть-{n:02}")
        clock.forward(dt.timedelta(minutes=1))

    first = window.get("/notifications").text
    older = first.split('class="btn push" href="')[1].split('"')[0].replace("&amp;", "&")
    second = words(window.get(older).text)

    assert "весть-52" in words(first)
    assert "весть-02" not in words(first)
    assert all(f"весть-{n:02}" in second for n in range(3))
    assert "весть-03" not in second


@pytest.mark.parametrize(
    "before", ["x", "2026-11-23/1", "2026-11-23T09:00:00+00:00/x", "/", "2026-11-23T09:00:00+00:00/99999999999"]
)
def test_a_page_that_cannot_be_is_the_first_one(window, appeal, before, words):
    tells(appeal, "client_wrote")

    assert "Клиент написал" in words(window.get("/notifications", query_string={"before": before}).text)


def test_the_window_says_what_it_shows_and_that_it_looks_away(window, appeal, db):
    tells(appeal, "client_wrote")

    assert window.post("/notifications/focus", data={"appeal_id": appeal.id}).status_code == 204
    assert db.session.get_one(Focus, anna().id).appeal_id == appeal.id
    assert told(db)[0].read_at is not None

    window.post("/notifications/focus", data={"appeal_id": ""})
    assert db.session.get(Focus, anna().id) is None


@pytest.mark.parametrize("shown", ["999", "99999999999", "-1", "x"])
def test_an_appeal_that_is_not_hers_is_not_before_her_eyes(window, appeal, db, shown):
    assert window.post("/notifications/focus", data={"appeal_id": shown}).status_code == 204
    assert db.session.get(Focus, anna().id) is None


def test_words_of_people_are_words_in_a_notification(window, appeal):
    tells(appeal, "handed_to_you", who="<b>Борис</b>", comment="<script>alert(1)</script> {who} %s")

    for path in ("/notifications/bell", "/notifications/menu", "/notifications"):
        page = window.get(path).text
        assert "<b>Борис" not in page
        assert "<script>alert" not in page


def test_the_settings_of_a_person_reach_the_bell(window, appeal, clock):
    answer = window.post(
        "/profile/notices",
        data={"sounds": ["offer"], "volume": "30", "quiet_from": "11:00", "quiet_to": "13:00", "browser": "1"},
    )
    assert answer.status_code == 303

    part = window.get("/notifications/bell", headers=PART).text

    assert 'data-sounds="offer"' in part
    assert 'data-quiet="yes"' in part, "it is noon in Kazan"
    assert 'data-browser="on"' in part
    assert 'data-keys="off"' in window.get("/operator").text, "the box for keys was not ticked"


def test_settings_that_cannot_be_are_refused_at_the_field(window, words):
    answer = window.post("/profile/notices", data={"volume": "50", "quiet_from": "22:00"})

    assert answer.status_code == 422
    assert "Укажите оба времени тихих часов" in words(answer.text)
