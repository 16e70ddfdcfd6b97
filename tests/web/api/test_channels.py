"""The generic channel (SPEC 1C): messages in, checked at once; each is one message, however often it comes."""

import datetime as dt
import re

import cast
import orjson
import pytest

from cec.appeals import intake_door
from cec.appeals.models import Appeal, Message
from cec.channels.api import opening
from cec.channels.models import ChannelAccount, Inbound
from cec.integrations.models import Scope
from cec.platform import clock as clocks
from cec.platform import signatures, work
from cec.platform.db import unit_of_work
from tests.stories import answer, close

PATH = "/api/v1/channels/app/messages"
HELLO = {"external_id": "1", "sender": {"id": "42", "name": "Пётр"}, "text": "Где мой заказ?"}


@pytest.fixture
def hands_over(client, secret):
    """Give a function that hands a message over, signed."""

    def post(told, path=PATH, **more):
        body = told if isinstance(told, bytes) else orjson.dumps(told)
        signature = more.get("signature", signatures.sign(more.get("secret", secret), body))
        headers = {"X-CEC-Signature": signature, "Accept-Language": "en"}
        return client.post(path, data=body, content_type="application/json", headers=headers)

    return post


def test_a_message_is_taken_and_tells_where_it_stands(hands_over, asks, worked, db):
    answer = hands_over(HELLO)

    assert answer.status_code == 202
    assert answer.json == {"message_id": "in-1", "status_url": "/api/v1/channels/app/messages/in-1"}
    ask = asks(Scope.SEND_MESSAGES)
    assert ask("GET", "/channels/app/messages/in-1").json["state"] == "accepted"
    worked()
    appeal = db.session.scalars(db.select(Appeal)).one()
    told = ask("GET", "/channels/app/messages/in-1").json
    assert (told["state"], told["appeal"]["number"]) == ("taken", appeal.number)
    assert appeal.address.display == "Пётр"


def test_a_repeat_is_answered_the_same_and_stored_once(hands_over, db):
    first = hands_over(HELLO)

    again = [hands_over({**HELLO, "text": text}) for text in ("Где мой заказ?", "Что?")]

    assert [answer.status_code for answer in again] == [200, 200]
    assert {orjson.dumps(answer.json) for answer in again} == {orjson.dumps(first.json)}
    assert db.session.query(Inbound).count() == 1


def test_of_two_at_once_one_is_stored(app, hands_over, secret, at_once, worked, db):
    body = orjson.dumps(HELLO)
    headers = {"X-CEC-Signature": signatures.sign(secret, body)}
    db.session.commit()

    def post():
        return app.test_client().post(PATH, data=body, content_type="application/json", headers=headers).status_code

    assert sorted(at_once(*[post] * 4)) == [200, 200, 200, 202]
    worked()
    assert db.session.query(Message).count() == 1


@pytest.mark.parametrize("shift", [-301, 301])
def test_an_old_or_early_signature_is_refused(hands_over, secret, db, clock, shift):
    moment = clocks.now() + dt.timedelta(seconds=shift)
    signature = signatures.sign(secret, orjson.dumps(HELLO), at=moment)

    assert hands_over(HELLO, signature=signature).status_code == 401
    assert db.session.query(Inbound).count() == 0


def test_who_does_not_sign_and_has_no_key_leaves_nothing(hands_over, client, asks, db):
    other_account, _ = cast.an_api_channel("other")
    answers = [
        hands_over(HELLO, secret="wrong"),
        hands_over(HELLO, signature="nonsense"),
        client.post(PATH, json=HELLO),
        client.post(PATH, json=HELLO, headers={"Authorization": "Bearer cec_wrong"}),
        client.post(PATH, json=HELLO, headers={"Authorization": "Basic YTpi"}),
    ]
    strangers = [
        asks(Scope.READ_APPEALS)("POST", "/channels/app/messages", HELLO),
        asks(Scope.SEND_MESSAGES, account=other_account)("POST", "/channels/app/messages", HELLO),
    ]

    assert [answer.status_code for answer in answers] == [401] * 5
    assert [answer.status_code for answer in strangers] == [403] * 2
    assert {answer.mimetype for answer in answers + strangers} == {"application/problem+json"}
    assert answers[2].headers["WWW-Authenticate"] == "Bearer"
    assert db.session.query(Inbound).count() == 0


def test_unknown_channels_are_not_found(hands_over, asks, db):
    ask = asks()

    assert ask("POST", "/channels/nobody/messages", HELLO).status_code == 404
    # A mailbox is no door for programs.
    assert ask("POST", "/channels/shop/messages", HELLO).status_code == 404
    assert hands_over(HELLO, path="/api/v1/channels/nobody/messages").status_code == 404
    assert ask("POST", "/channels/%00/messages", HELLO).status_code == 404
    assert ask("GET", "/channels/app/messages/in-99").status_code == 404
    assert ask("GET", "/nothing").json["status"] == 404


WRONG = [
    (b"{", [""]),
    (b"[]", [""]),
    (b"\xff", [""]),
    ({}, ["external_id", "sender"]),
    ({**HELLO, "sender": {}}, ["sender.id"]),
    ({**HELLO, "sender": {"id": 42}}, ["sender.id"]),
    ({**HELLO, "sender": "Pete"}, ["sender"]),
    ({**HELLO, "external_id": "x" * 201}, ["external_id"]),
    ({**HELLO, "nmae": 1}, ["nmae"]),
    ({**HELLO, "text": ""}, ["text"]),
    ({**HELLO, "text": "x" * 100_001}, ["text"]),
    ({**HELLO, "ts": "yesterday"}, ["ts"]),
    ({**HELLO, "ts": "2026-11-23T09:00:00"}, ["ts"]),
    ({**HELLO, "meta": {"x": "y" * 20_000}}, ["meta"]),
    ({**HELLO, "attachments": [{"name": "a"}]}, ["attachments[0]"]),
    ({**HELLO, "attachments": [{"base64": "AA==", "url": "http://x.example/"}]}, ["attachments[0]"]),
    ({**HELLO, "attachments": [{"base64": "AA=="}, {"url": "ftp://x"}]}, ["attachments[1].url"]),
    ({**HELLO, "attachments": [{"base64": "?"}]}, ["attachments[0].base64"]),
    ({**HELLO, "attachments": [{"url": "http://x.example/"}] * 21}, ["attachments"]),
    ({**HELLO, "attachments": {}}, ["attachments"]),
    ({**HELLO, "kind": "edit"}, ["kind"]),
    (b'{"a":' * 2000 + b"1" + b"}" * 2000, [""]),
]


@pytest.mark.parametrize(("told", "paths"), WRONG, ids=range(len(WRONG)))
def test_each_wrong_field_is_named_by_its_path(hands_over, db, told, paths):
    answer = hands_over(told)

    assert answer.status_code == 400
    assert [error["path"] for error in answer.json["errors"]] == paths
    assert all(error["message"] for error in answer.json["errors"])
    assert db.session.query(Inbound).count() == 0


def test_a_no_is_said_in_the_language_of_the_asker(client, secret):
    said = {
        language: client.post(PATH, json={}, headers={"Accept-Language": language}).json["detail"]
        for language in ("ru", "en-GB,en;q=0.9")
    }

    assert said["ru"].startswith("Передайте ключ")
    assert said["en-GB,en;q=0.9"].startswith("Send a key")


def test_thirty_megabytes_are_too_much(client, secret, db):
    answer = client.post(PATH, data=b"x" * 30 * 2**20, content_type="application/json")

    assert answer.status_code == 413
    assert answer.json["status"] == 413
    assert db.session.query(Inbound).count() == 0


def test_a_closed_conversation_is_refused_where_the_channel_wants_it_so(client, worked, db, clock):
    cast.a_centre()
    _account, secret = cast.an_api_channel("strict", closed="refuse")
    db.session.commit()

    def post(name):
        body = orjson.dumps({**HELLO, "external_id": name, "conversation_id": "c1"})
        headers = {"X-CEC-Signature": signatures.sign(secret, body)}
        return client.post("/api/v1/channels/strict/messages", data=body, headers=headers).status_code

    assert post("1") == 202
    worked()
    appeal = db.session.scalars(db.select(Appeal)).one()
    appeal.status, appeal.closed_at = "closed", clocks.now()
    db.session.commit()

    assert post("2") == 409
    assert post("1") == 200


def test_messages_of_one_conversation_go_in_as_they_came_whoever_works_first(hands_over, db):
    for number in range(3):
        hands_over({**HELLO, "external_id": str(number), "conversation_id": "c1", "text": f"№ {number}"})
    waiting = db.session.scalars(db.select(work.DueWork).order_by(work.DueWork.id.desc())).all()
    assert {(each.kind, each.payload["line"]) for each in waiting} == {("inbound_line", "c1")}

    for each in waiting:
        with unit_of_work():
            intake_door.take_in_next(**each.payload)

    assert db.session.scalars(db.select(Message.text).order_by(Message.id)).all() == ["№ 0", "№ 1", "№ 2"]


def test_what_has_not_gone_in_for_an_hour_holds_its_line_up_no_more(hands_over, clock, db):
    hands_over({**HELLO, "text": "Вчера"})
    clock.forward(dt.timedelta(hours=2))
    hands_over({**HELLO, "external_id": "2", "text": "Сегодня"})
    waiting = db.session.scalars(db.select(work.DueWork).order_by(work.DueWork.id)).first()

    with unit_of_work():
        intake_door.take_in_next(**waiting.payload)

    assert db.session.scalars(db.select(Message.text)).all() == ["Сегодня"]


def test_the_clients_mark_is_passed_on_once_his_appeal_is_closed(hands_over, asks, worked, db):
    hands_over(HELLO)
    worked()
    appeal = cast.accepted(db.session.scalars(db.select(Appeal)).one(), cast.anna())
    answer(appeal, cast.anna())
    ask, told = asks(Scope.SEND_MESSAGES), {"appeal_id": appeal.id, "mark": 4, "comment": "Быстро"}
    at = "/channels/app/ratings"

    assert ask("POST", at, told).status_code == 409, "it is not closed yet"
    close(appeal, cast.anna())
    assert ask("POST", at, {**told, "mark": 6}).status_code == 422
    assert ask("POST", at, {"mark": 4}).status_code == 400
    assert ask("POST", at, {**told, "appeal_id": 99}).status_code == 404
    assert ask("POST", at, told).json["mark"] == 4
    assert cast.reread(appeal).mark == 4


def test_hostile_names_and_words_are_only_words(hands_over, worked, db):
    names = ["../../etc/passwd", "a\u200b.htaccess", "a\x00b.exe", "x\r\nX-Evil: 1.txt", "и" * 300 + ".pdf"]
    words = "<script>alert(1)</script>\x00\u202e👋🏽"
    files = [{"base64": "AA==", "name": name, "mime": "text/html"} for name in names]

    assert hands_over({**HELLO, "text": words, "attachments": files}).status_code == 400
    clean = [file for file in files if len(file["name"]) <= 200]
    assert hands_over({**HELLO, "text": words, "attachments": clean}).status_code == 202
    worked()

    message = db.session.scalars(db.select(Message)).one()
    assert message.text == "<script>alert(1)</script>\u202e👋🏽".replace("\u202e", "") or "\x00" not in message.text
    shown = [attachment.name for attachment in message.attachments]
    assert shown[0] == "passwd"
    assert not any(sign in name for name in shown for sign in ("/", "\u200b", "\x00", "\r", "\n"))


def test_what_is_said_in_the_description_of_the_api_is_there(app, client):
    told = client.get("/api/v1/openapi.json").json
    written = {(path, method) for path, each in told["paths"].items() for method in each if method != "parameters"}
    routes = {
        (rule.rule.removeprefix("/api/v1").replace("<int:", "{").replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api_console.describe"
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert told["openapi"] == "3.1.0"
    assert written == routes
    named = set(re.findall(r"#/components/schemas/(\w+)", orjson.dumps(told).decode()))
    assert named <= set(told["components"]["schemas"])


def test_a_channel_that_is_closed_or_has_another_secret_is_so_at_once(hands_over, secret, db):
    assert hands_over(HELLO).status_code == 202
    account = db.session.scalars(db.select(ChannelAccount).where(ChannelAccount.code == "app")).one()
    with unit_of_work():
        other = opening.renew_secret(account, by="system")

    assert hands_over({**HELLO, "external_id": "2"}).status_code == 401
    assert hands_over({**HELLO, "external_id": "2"}, secret=other).status_code == 202
    with unit_of_work():
        account.is_active = False
    assert hands_over({**HELLO, "external_id": "3"}, secret=other).status_code == 404
    assert hands_over(HELLO, secret=other).status_code == 404
    assert db.session.query(Inbound).count() == 2


def test_that_a_client_wants_no_more_first_messages_is_heard_in_a_closed_conversation_too(client, worked, db):
    cast.a_centre()
    _account, secret = cast.an_api_channel("strict", closed="refuse")
    db.session.commit()

    def post(name, text):
        body = orjson.dumps({**HELLO, "external_id": name, "conversation_id": "c1", "text": text})
        headers = {"X-CEC-Signature": signatures.sign(secret, body)}
        return client.post("/api/v1/channels/strict/messages", data=body, headers=headers).status_code

    assert post("1", "Здравствуйте") == 202
    worked()
    appeal = db.session.scalars(db.select(Appeal)).one()
    appeal.status, appeal.closed_at = "closed", clocks.now()
    db.session.commit()

    assert post("2", "СТОП!") == 202
    worked()
    assert cast.reread(appeal).status == "closed"
    assert cast.story(appeal.key)[-2:] == ["message.received", "client.opted_out"]
