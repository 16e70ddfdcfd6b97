"""Administrator: channels and how they are, keys that are shown once, receivers of events with their log."""

import datetime as dt
import re

import cast
import pytest

from cec.channels.models import ChannelAccount
from cec.integrations import events, posting
from cec.integrations.models import ApiKey, Event, Receiver
from cec.platform import clock as clocks
from cec.platform.db import unit_of_work


@pytest.fixture
def desk(signed_in):
    cast.a_centre()
    return signed_in(cast.vera())


def shown_once(page):
    (secret,) = re.findall(r'<code class="secret"[^>]*>([^<]+)</code>', page)
    return secret


def test_a_channel_is_opened_and_its_secret_is_shown_once(desk, db, words):
    answer = desk.post("/centre/channels", data={"name": "Приложение", "code": "app", "closed": "refuse"})

    secret = shown_once(answer.text)
    account = db.session.scalars(db.select(ChannelAccount).where(ChannelAccount.code == "app")).one()
    page = desk.get(f"/centre/channels/{account.id}").text
    assert secret not in page
    assert secret.encode() not in account.secrets
    assert "/api/v1/channels/app/messages" in words(page)
    other = shown_once(desk.post(f"/centre/channels/{account.id}/secret").text)
    assert other != secret


def test_wrong_fields_are_told_where_they_are_and_what_was_typed_stays(desk, words):
    typed = {"name": "Приложение", "code": "Ap p", "url": "https://x.example/"}

    refused = [
        desk.post("/centre/channels", data=typed),
        desk.post("/centre/channels", data={**typed, "code": "app", "url": "file:///x"}),
        desk.post("/centre/keys", data={"name": "CRM"}),
        desk.post("/centre/keys", data={"name": "CRM", "scopes": "appeals:write"}),
        desk.post("/centre/receivers", data={"name": "CRM", "url": "crm", "events": "appeal.closed"}),
        desk.post("/centre/receivers", data={"name": "CRM", "url": "https://crm.example/"}),
    ]

    assert [answer.status_code for answer in refused] == [422] * 6
    for answer, field in zip(refused, ["code", "url", "scopes", "employee_id", "url", "events"], strict=True):
        assert f'id="error-{field}"' in answer.text
        assert "Приложение" in answer.text or "CRM" in answer.text


def test_how_each_channel_is_stands_in_the_list(desk, db, words):
    with unit_of_work():
        mailbox = cast.a_mailbox()
        mailbox.silent_since, mailbox.out_error = clocks.now(), "The mail server could not be reached."
        account, _secret = cast.an_api_channel()
        account.probed_at = clocks.now() - dt.timedelta(hours=1)

    page = words(desk.get("/centre/channels").text)

    assert "Молчит дольше обычного" in page
    assert "Исходящая: Почтовый сервер недоступен." in page or "Почтовый сервер" in page
    assert "не дошла" in page


def test_a_key_is_shown_once_and_opens_until_it_is_revoked(desk, client, db):
    page = desk.post(
        "/centre/keys", data={"name": "CRM", "scopes": ["appeals:read", "appeals:write"], "employee_id": cast.anna().id}
    ).text
    token = shown_once(page)
    asked = {"Authorization": f"Bearer {token}"}

    key = db.session.scalars(db.select(ApiKey)).one()
    assert token not in desk.get("/centre/keys").text
    assert token not in key.token_sha256
    assert client.get("/api/v1/appeals", headers=asked).status_code == 200
    assert desk.post(f"/centre/keys/{key.id}/revocation").status_code == 303
    assert client.get("/api/v1/appeals", headers=asked).status_code == 401
    assert desk.post(f"/centre/keys/{key.id}/revocation").status_code == 409


def test_the_log_of_a_receiver_shows_what_was_told_and_sends_it_again(desk, db, program, words):
    page = desk.post("/centre/receivers", data={"name": "CRM", "url": program.url, "events": ["message.created"]}).text
    assert shown_once(page)
    cast.an_appeal("Где мой заказ?")
    events.gather()
    program.answers = [418]
    posting.post_due()
    receiver = db.session.scalars(db.select(Receiver)).one()

    log = words(desk.get(f"/centre/receivers/{receiver.id}").text)
    assert "Где мой заказ?" in log
    assert "418" in log

    event = db.session.scalars(db.select(Event)).one()
    with unit_of_work():
        db.session.get_one(Event, event.id).state = "delivered"
    assert desk.post(f"/centre/receivers/{receiver.id}/events/{event.id}/replay").status_code == 303
    posting.post_due()
    assert program.heard[0] == program.heard[1]


def test_the_console_offers_every_operation(desk, words):
    page = words(desk.get("/centre/console").text)

    for operation in ("POST /channels/{code}/messages", "POST /appeals/{appeal_id}/closing", "GET /clients"):
        assert operation in page


QUIET = {"quiet": "1", "quiet_from": "21:00", "quiet_to": "08:30", "quiet_zone": "Asia/Yekaterinburg"}


def test_quiet_hours_of_a_channel_are_switched_on_refused_and_switched_off(desk, db, words):
    with unit_of_work():
        account, _secret = cast.an_api_channel()
    door, typed = f"/centre/channels/{account.id}", {"name": "Приложение", "is_active": "1"}
    page = desk.get(door).text
    assert 'value="22:00"' in page
    assert 'value="09:00"' in page
    assert 'value="Europe/Moscow"' in page
    assert 'name="quiet"\n           value="1">' in page, "off by default"

    answer = desk.post(door, data={**typed, **QUIET, "quiet_from": "21", "quiet_zone": "Екб"})
    assert answer.status_code == 422
    assert 'id="error-quiet_from"' in answer.text
    assert 'id="error-quiet_zone"' in answer.text
    assert 'value="Екб"' in answer.text, "what was typed stays"
    assert desk.post(door, data={**typed, **QUIET}).status_code == 303

    assert 'value="08:30"' in desk.get(door).text
    db.session.expire_all()
    assert account.config["quiet"] == {"from": "21:00", "to": "08:30", "zone": "Asia/Yekaterinburg"}
    desk.post(door, data=typed)
    db.session.expire_all()
    assert "quiet" not in account.config
