"""5.1: the administrator's calendars."""

import pytest
from cast import a_queue, story, vera

from cec.platform import journal
from cec.queues import calendar_directory
from cec.queues.models import Calendar

WEEK = {f"day-{number}": "9-18" for number in range(5)}


@pytest.fixture
def window(signed_in):
    vera().language = "en"
    return signed_in(vera())


def saved(window, **more):
    data = {"name": "Office", "zone": "Europe/Moscow", **WEEK, **more}
    return window.post("/centre/calendars/new", data=data)


def the_calendar():
    return calendar_directory.list_all()[0]


def test_a_calendar_is_written_as_people_write_hours(window):
    answer = saved(window, date=["2026-12-31", "2027-01-01", ""], hours=["9-12, 13-15", "—", ""])

    calendar = the_calendar()
    assert answer.status_code == 303
    assert calendar.week == [[["09:00", "18:00"]]] * 5 + [[], []]
    assert calendar.days == {"2026-12-31": [["09:00", "12:00"], ["13:00", "15:00"]], "2027-01-01": []}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"day-0": "nine to five"}, "day-0"),
        ({"day-6": "22-6"}, "day-6"),
        ({f"day-{n}": "" for n in range(7)}, "week"),
        ({"date": ["2026-12-31"], "hours": ["soon"]}, "line-0"),
        ({"date": ["", "yesterday"], "hours": ["", "9-12"]}, "line-1"),
        ({"date": [f"{1000 + n}-05-01" for n in range(501)], "hours": [""] * 501}, "days"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(window, data, field):
    answer = saved(window, **{"name": "My office", **data})

    assert answer.status_code == 422
    assert f'data-error="{field}"' in answer.text
    assert field == "name" or "My office" in answer.text
    assert calendar_directory.list_all() == []


def test_two_calendars_do_not_have_one_name(window):
    saved(window)

    assert 'data-error="name"' in saved(window).text


def test_a_calendar_is_copied_from_a_sample(window):
    saved(window, date="2027-01-01", hours="—")

    form = window.get(f"/centre/calendars/new?sample={the_calendar().id}").text

    assert 'value="Office (copy)"' in form
    assert "2027-01-01" in form
    assert "09:00–18:00" in form


def test_a_change_is_written_down_with_what_was_before(window):
    saved(window)
    calendar = the_calendar()

    window.post(f"/centre/calendars/{calendar.id}", data={"name": "Office", "zone": "Asia/Omsk", **WEEK})

    assert journal.history(f"calendar:{calendar.id}")[-1].facts["changed"] == {"zone": ["Europe/Moscow", "Asia/Omsk"]}
    window.post(f"/centre/calendars/{calendar.id}", data={"name": "Office", "zone": "Asia/Omsk", **WEEK})
    assert len(story(f"calendar:{calendar.id}")) == 2


def test_who_was_slower_is_told_and_keeps_what_he_typed(window):
    saved(window)
    calendar = the_calendar()

    answer = window.post(
        f"/centre/calendars/{calendar.id}", data={**WEEK, "name": "Mine", "zone": "UTC", "seen": "old"}
    )

    assert answer.status_code == 409
    assert "Somebody changed this" in answer.text
    assert 'value="Mine"' in answer.text
    assert the_calendar().name == "Office"


def test_a_calendar_that_a_queue_keeps_is_not_removed(window, db):
    saved(window)
    calendar_id = the_calendar().id
    a_queue().calendar_id = calendar_id

    assert window.post(f"/centre/calendars/{calendar_id}/removal").status_code == 409
    assert "General" in window.get("/centre/calendars").text

    a_queue().calendar_id = None
    assert window.post(f"/centre/calendars/{calendar_id}/removal").status_code == 303
    assert db.session.get(Calendar, calendar_id) is None


def test_the_list_says_the_week_in_a_few_words(window, words):
    assert "No calendars yet" in window.get("/centre/calendars").text
    saved(window)

    page = words(window.get("/centre/calendars").text)

    assert "Mon–Fri 09:00–18:00 Sat–Sun —" in page


def test_a_calendar_that_is_not_there_is_not_found(window):
    assert window.get("/centre/calendars/99").status_code == 404
    assert window.get("/centre/calendars/new?sample=99").status_code == 404
