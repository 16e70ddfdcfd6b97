"""Guide 5.6: the administrator writes automatic answers."""

import datetime as dt
import email
import email.policy

import pytest

from cec.appeals.models import Message
from cec.clients import addresses
from cec.platform.db import db, unit_of_work
from cec.replies.models import AutoReply
from tests import cast

AT = "/centre/auto-replies"
MINUTE = dt.timedelta(minutes=1)
FIELDS = {"name": "Приняли", "event": "arrived", "text": "Номер {{appeal.number}}", "channel": "email", "queue_id": "",
          "calendar_id": "", "is_active": "1"}  # fmt: skip


@pytest.fixture
def vera(signed_in):
    cast.a_centre()
    return signed_in(cast.vera())


def test_an_automatic_answer_is_added_and_changed_and_its_history_told(vera, words):
    assert vera.post(f"{AT}/new", data=FIELDS).status_code == 303
    reply = db.session.scalars(db.select(AutoReply)).one()
    seen = vera.get(f"{AT}/{reply.id}").text.partition('name="seen" value="')[2].partition('"')[0]
    changed = {**FIELDS, "text": "Иначе", "event": "closed", "seen": seen}
    del changed["is_active"]
    assert vera.post(f"{AT}/{reply.id}", data=changed).status_code == 303
    assert vera.post(f"{AT}/{reply.id}", data=changed).status_code == 409, "somebody was faster"

    db.session.refresh(reply)
    assert (reply.text, reply.is_active) == ("Иначе", False)
    page = words(vera.get(f"{AT}/{reply.id}").text)
    assert "Номер {{appeal.number}}" in page, "what it was"
    assert "Поступило новое обращение" in page
    assert "Приняли" in vera.get(AT).text
    assert "000123" in vera.post(f"{AT}/preview", data=FIELDS).text


def test_the_page_tells_what_became_of_the_last_ones(vera, words):
    vera.post(f"{AT}/new", data=FIELDS)
    sent = cast.an_appeal()
    kept = cast.an_appeal("Я в отпуске", sender="x@client.example", Auto_Submitted="auto-replied")
    reply = db.session.scalars(db.select(AutoReply)).one()

    page = words(vera.get(f"{AT}/{reply.id}").text)

    assert f"{sent.number} Отправлено" in page
    assert f"{kept.number} Не отправлен: написала машина или рассылка" in page


WAITS = {**FIELDS, "event": "waits_long", "after": "10 мин", "times": "3", "repeat": "20 мин"}
WRONG = [
    (FIELDS, {"name": "", "text": "{{appeal.colour}}", "event": "never", "queue_id": "99", "segment": "gold",
              "language": "fr", "most_a_day": "0", "delay": "25 ч"}),
    (WAITS, {"after": "скоро", "times": "11", "repeat": "5 мин", "most_a_day": "много"}),
    (WAITS, {"after": "31 день", "repeat": ""}),
    ({**FIELDS, "event": "closed"}, {"text": "Вы {{queue.position}}-й."}),
    ({**FIELDS, "event": "works", "begins_at": "2026-11-23T20:00"},
     {"begins_at": "вечером", "ends_at": "2026-11-23T19:00"}),
    ({**FIELDS, "event": "works", "text": "До {{works.until}}"}, {"ends_at": "завтра"}),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "wrong"), WRONG)
def test_what_is_wrong_is_said_at_its_field_and_stays_typed(vera, fields, wrong):
    for field, value in wrong.items():
        answer = vera.post(f"{AT}/new", data={**fields, field: value})
        assert answer.status_code == 422
        assert f'error-{field}"' in answer.text, (field, value)
        assert value in answer.text or field in ("event", "queue_id", "segment", "language")
    assert db.session.scalars(db.select(AutoReply)).all() == []


def test_when_it_answers_is_kept_shown_and_told_in_the_history(vera, words):
    cast.petrov().segment = "vip"
    assert (
        vera.post(f"{AT}/new", data={**WAITS, "segment": "vip", "most_a_day": "4", "delay": "5 мин"}).status_code == 303
    )

    reply = db.session.scalars(db.select(AutoReply)).one()
    kept = (reply.after, reply.repeat, reply.times, reply.most_a_day, reply.segment, reply.delay)
    assert kept == (10 * MINUTE, 20 * MINUTE, 3, 4, "vip", 0 * MINUTE), "what does not matter for the event is dropped"
    assert "Оно долго ждёт в очереди: через 10 мин, 3 раза, каждые 20 мин" in words(vera.get(AT).text)
    cast.petrov().segment = None
    page = vera.get(f"{AT}/{reply.id}").text
    assert 'value="20\xa0мин"' in page
    changed = {**FIELDS, "segment": "vip", "delay": "1 ч"}
    assert vera.post(f"{AT}/{reply.id}", data=changed).status_code == 303, "the segment of before may stay"
    db.session.refresh(reply)
    assert (reply.after, reply.times, reply.delay, reply.most_a_day) == (None, 1, 60 * MINUTE, 5)
    assert "Поступило новое обращение: на 1 ч позже" in words(vera.get(AT).text)
    assert "Через сколько 10 мин" in words(vera.get(f"{AT}/{reply.id}").text)


def test_works_are_kept_from_when_until_when_and_told(vera, words):
    works = {**FIELDS, "event": "works", "text": "До {{works.until}}", "begins_at": "2026-11-23T20:00"}
    missing = vera.post(f"{AT}/new", data={**works, "ends_at": ""})
    assert missing.status_code == 422
    assert 'error-ends_at"' in missing.text
    assert "2026-11-23T20:00" in missing.text, "what is typed stays"
    assert vera.post(f"{AT}/new", data={**works, "ends_at": "2026-11-24T06:30"}).status_code == 303

    reply = db.session.scalars(db.select(AutoReply)).one()
    told = "с 23 ноября 2026, 20:00, до 24 ноября 2026, 06:30"
    assert f"Клиент пишет, когда идут технические работы, {told}" in words(vera.get(AT).text)
    page = vera.get(f"{AT}/{reply.id}").text
    assert 'value="2026-11-24T06:30"' in page
    assert "24 ноября 2026, 06:30" in words(page), "among what was changed"


def test_a_place_in_the_queue_is_for_automatic_answers_only(vera):
    shown = vera.post(f"{AT}/preview", data={"text": "Вы {{queue.position}}-й, ждать {{queue.wait}}."}).text
    assert "Вы 4-й, ждать около 15 минут." in shown.replace("</b>", "").replace("<b>", "")
    refused = vera.post("/centre/templates/preview", data={"text": "Вы {{queue.position}}-й."}).text
    assert "queue.position" in refused


@pytest.fixture
def reply(vera, post_office):
    cast.a_mailbox().config = {"smtp": {"host": "127.0.0.1", "port": post_office.port, "tls": "none"}}
    vera.post(f"{AT}/new", data={**FIELDS, "text": "Номер {{appeal.number}}, {{operator.first_name}}"})
    return db.session.scalars(db.select(AutoReply)).one()


def a_test(vera, reply, to="vera@home.example", account_id=None):
    return vera.post(f"{AT}/{reply.id}/test", data={"to": to, "account_id": account_id or cast.a_mailbox().id})


def test_a_test_goes_out_as_a_letter_that_says_so_and_is_recorded(vera, reply, post_office, words):
    answer = a_test(vera, reply)

    assert answer.status_code == 303
    (path,) = post_office.folder.glob("*.eml")
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (letter["To"], letter["Auto-Submitted"]) == ("vera@home.example", "auto-replied")
    assert letter["Subject"] == "Проверка: автоответ «Приняли»"
    assert letter.get_body(("plain",)).get_content().strip() == "Номер 2026-000123, Вера"
    page = words(vera.get(answer.location).text)
    assert page.count("Проверка отправлена на v…@home.example") == 2, "what came of it, and among the last ones"
    assert 'name="is_active" value="1" checked' in " ".join(vera.get(answer.location).text.split())
    assert "отправлено на проверку" in vera.get("/centre/audit").text
    assert db.session.scalars(db.select(Message)).all() == [], "it belongs to no appeal"


@pytest.mark.parametrize(
    ("event", "placeholder", "told"),
    [
        ("files_refused", "files.refused", "чек.pdf"),
        ("works", "works.until", "23 ноября 2026"),
        ("rating", "rating.link", "http://127.0.0.1:8000/rating/example"),
    ],
)
def test_the_words_of_each_event_are_tried_out_with_a_sample(vera, reply, post_office, event, placeholder, told):
    seen = vera.get(f"{AT}/{reply.id}").text.partition('name="seen" value="')[2].partition('"')[0]
    changed = {**FIELDS, "event": event, "text": f"{{{{{placeholder}}}}}", "ends_at": "2026-11-24T06:30", "seen": seen}
    assert vera.post(f"{AT}/{reply.id}", data=changed).status_code == 303
    assert a_test(vera, reply).status_code == 303

    (path,) = post_office.folder.glob("*.eml")
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert told in letter.get_body(("plain",)).get_content()


def test_a_test_that_is_not_taken_is_told_with_the_reason(vera, reply, words):
    cast.a_mailbox().config = {"smtp": {"host": "127.0.0.1", "port": 9, "tls": "none"}}

    page = words(vera.get(a_test(vera, reply).location).text)

    assert "Проверка на v…@home.example не ушла: " in page


def test_a_test_goes_neither_astray_nor_to_ourselves_nor_without_end(vera, reply, post_office):
    with unit_of_work():
        addresses.remember("email", "gone@client.example")
        addresses.mark_unreachable("email", {"gone@client.example": "No such user"})
    for to in ("", "vera", "a@b, c@d", cast.MAILBOX.upper(), "Gone@client.example"):
        answer = a_test(vera, reply, to)
        assert answer.status_code == 422
        assert 'error-to"' in answer.text, to
        assert f'value="{to}"' in answer.text
        assert 'name="is_active" value="1" checked' in " ".join(answer.text.split()), "the answer stays as it is"
    assert 'error-account_id"' in a_test(vera, reply, account_id=99).text
    assert [a_test(vera, reply).status_code for _again in range(6)] == [303] * 5 + [409]
    assert len(list(post_office.folder.glob("*.eml"))) == 5


def test_without_a_mailbox_the_way_to_one_is_shown(vera, reply, words):
    cast.a_mailbox().is_active = False

    assert "Добавить ящик" in vera.get(f"{AT}/{reply.id}").text


def test_others_may_not(signed_in):
    assert signed_in(cast.anna()).get(AT).status_code == 403
