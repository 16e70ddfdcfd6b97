"""The doors of the web chat: who may ask, how often, and what hostile visitors and sites get."""

import base64
import dataclasses
import datetime as dt
import gzip
import json
import re
import uuid
from pathlib import Path

import pytest

from cec.app import create_app
from cec.appeals.models import Attachment, Message
from cec.channels.models import Inbound
from cec.channels.models import Visitor as Row
from cec.channels.webchat import founding, uploads, visitors
from cec.channels.webchat.looks import Looks, Words
from cec.platform import storage
from cec.platform.db import db as database
from cec.web.webchat import door
from tests import cast
from tests.visitor import CODE, SHOP, Visitor, a_webchat, everything_is_done, wrong_fields

LARGEST = 30 * 1000
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'--></title><svg/onload=alert(3)>{{7*7}}"


@pytest.fixture
def visitor(db, client):
    cast.a_centre()
    a_webchat()
    return Visitor(client)


def count(table):
    return database.session.scalar(database.select(database.func.count()).select_from(table))


def test_only_sites_on_the_list_and_the_centre_itself_may_ask(visitor, client):
    for origin in (
        "https://evil.example",
        "https://shop.example.evil.example",
        "http://shop.example",
        "null",
        SHOP + "/",
    ):
        visitor.origin = origin
        for method, path in (("GET", "settings"), ("GET", "widget.js"), ("POST", "messages"), ("OPTIONS", "messages")):
            answer = visitor.ask(method, path, {} if method == "POST" else None)
            assert answer.status_code == 403, (origin, path)
            assert "Access-Control-Allow-Origin" not in answer.headers
    for origin in (SHOP, "http://localhost"):
        visitor.origin = origin
        answer = visitor.ask("GET", "settings")
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" in answer.headers["Vary"]


def test_a_browser_is_told_beforehand_what_it_may(visitor):
    answer = visitor.ask("OPTIONS", f"/live/webchat/{CODE}", known=False)

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


def test_without_a_token_of_this_chat_nothing_is_told_and_nothing_kept(visitor, client):
    other = Visitor(client, code=a_webchat("other").code)
    for token in ("", "x", other.token, visitor.token[:-1]):
        bearer = {"Authorization": f"Bearer {token}"}
        for method, path in (
            ("POST", "messages"), ("POST", "pulse"), ("POST", "rating"), ("POST", "transcript"),
            ("GET", "conversation"),
            ("GET", f"/live/webchat/{CODE}"),
        ):  # fmt: skip
            body = {"id": str(uuid.uuid4()), "text": "а"} if method == "POST" else None
            assert visitor.ask(method, path, body, **bearer).status_code == 401, path

    assert (count(Inbound), count(Row)) == (0, 0)


def test_chats_that_are_not_there_are_not_found(visitor, client):
    mailbox = cast.a_mailbox()
    for code in ("nobody", mailbox.code, "'", "%00"):
        assert visitor.ask("GET", f"/webchat/{code}/settings").status_code == 404
    founding.change(a_webchat(), name="Чат", looks=Looks(), is_active=False, by="system")
    database.session.commit()
    assert visitor.ask("GET", "settings").status_code == 404


def test_what_cannot_be_understood_is_refused(visitor):
    for body in ("", "{", "[]", '"a"', "1" * 70_000):
        headers = {"Authorization": f"Bearer {visitor.token}", "Origin": SHOP, "Accept": "application/json"}
        answer = visitor.browser.post(f"/webchat/{CODE}/messages", data=body, headers=headers)
        assert answer.status_code == 400
        assert answer.headers["Access-Control-Allow-Origin"] == SHOP


def test_twenty_messages_in_a_row_are_enough_then_one_in_two_seconds_and_a_repeat_is_none(visitor, clock):
    name = str(uuid.uuid4())
    assert visitor.writes("раз", id=name).status_code == 202
    for number in range(visitors.MOST - 1):
        assert visitor.writes(f"слово {number}").status_code == 202

    refused = visitor.writes("слишком")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) == 2
    assert refused.json["detail"] == "You write faster than we can read. The next message goes out by itself in 2 s."
    assert visitor.writes("раз", id=name).status_code == 202
    clock.forward(visitors.EVERY)
    assert visitor.writes("теперь").status_code == 202
    assert visitor.writes("и ещё").status_code == 429
    assert count(Inbound) == visitors.MOST + 1

    clock.forward(visitors.MOST * visitors.EVERY)
    begun = [visitor.writes(f"потом {number}").status_code for number in range(visitors.MOST + 1)]
    assert begun == [*[202] * visitors.MOST, 429]


def test_a_clock_that_is_set_back_silences_no_visitor(visitor, clock):
    assert visitor.writes("раз").status_code == 202
    clock.forward(dt.timedelta(hours=-1))
    assert visitor.writes("два").status_code == 202


def test_many_new_visitors_of_one_network_are_stopped(visitor, client, monkeypatch):
    monkeypatch.setattr(visitors, "MOST_NEW", 3)
    begun = [Visitor(client).writes().status_code for _ in range(4)]

    assert begun == [202, 202, 202, 429]


def test_another_visitor_can_take_nobodys_name_for_a_message(visitor, client):
    name, other = str(uuid.uuid4()), Visitor(client)
    visitor.writes("мой", id=name)
    other.writes("чужой", id=name)
    everything_is_done()

    assert (visitor.lines(), other.lines()) == (["> мой"], ["> чужой"])


def test_what_is_asked_before_the_first_message_is_asked_by_the_centre_too(visitor, client):
    looks = Looks(origins=(SHOP,), asks={"name": "must", "email": "may", "phone": "no"},
                  words={"ru": Words(consent="Согласен на обработку данных")})  # fmt: skip
    founding.change(a_webchat(), name="Чат", looks=looks, is_active=True, by="system")
    database.session.commit()
    ivan = Visitor(client)

    refused = ivan.writes(told={"email": "ivan"})
    assert refused.status_code == 422
    assert wrong_fields(refused) == {"name", "email", "agreed"}
    assert ivan.writes(told={"name": "Иван", "email": "ivan@client.example", "agreed": True}).status_code == 202
    row = database.session.scalars(database.select(Row)).one()
    assert (row.name, row.email, row.agreed_at is not None) == ("Иван", "ivan@client.example", True)


@pytest.fixture
def with_file(visitor):
    """Ivan has sent a picture and a page that calls itself one."""
    refs = [visitor.attaches("полка.png", PICTURE, "image/png").json]
    refs.append(visitor.attaches("../../a\u200bb.png", b"<script>alert(1)</script>", "image/png").json)
    assert visitor.writes("", files=refs).status_code == 202
    everything_is_done()
    return visitor


def test_files_are_what_their_bytes_are_and_are_never_shown_as_pages(with_file, client):
    picture, page = with_file.sees()["lines"][0]["files"]
    assert (picture["picture"], page["picture"]) == (True, False)
    assert page["name"] == "ab.png"

    shown, saved = (client.get(file["url"], buffered=True) for file in (picture, page))
    assert (shown.mimetype, shown.data) == ("image/png", PICTURE)
    assert saved.mimetype == "application/octet-stream"
    assert saved.headers["Content-Disposition"].startswith("attachment")
    for answer in (shown, saved):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_file_is_only_at_the_address_that_its_visitor_was_told(with_file, client):
    url = with_file.sees()["lines"][0]["files"][0]["url"]
    number = int(re.search(r"/files/(\d+)/", url)[1])
    a_webchat("other")

    assert client.get(url[:-5] + ("a" if url[-5] != "a" else "b") + url[-4:]).status_code == 404
    assert client.get(url.replace(f"/{number}/", f"/{number + 1}/")).status_code == 404
    assert client.get(url.replace(CODE, "other")).status_code == 404


def test_a_visitor_cannot_send_what_others_put_here_or_what_he_only_says_is_here(visitor, client):
    ref, other = visitor.attaches("а.txt", b"mine").json, Visitor(client)

    assert other.writes("", files=[ref]).status_code == 422
    for change in ({"sha256": "0" * 64}, {"name": "b.txt"}, {"size": 1}, {"type": "image/png"}, {"signature": "x"}):
        assert visitor.writes("", files=[{**ref, **change}]).status_code == 422
    assert visitor.writes("", files=[ref]).status_code == 202


def test_a_file_whose_message_never_comes_goes_after_a_day(visitor, clock):
    ref, other = visitor.attaches("а.txt", b"never sent").json, visitor.attaches("б.txt", b"sent").json
    assert visitor.writes("", files=[other]).status_code == 202

    clock.forward(uploads.PATIENCE + dt.timedelta(minutes=1))

    assert uploads.forget() >= 2, "what others have laid aside goes too"
    refused = visitor.writes("", files=[ref])
    assert (refused.status_code, wrong_fields(refused)) == (422, {"files"})
    everything_is_done()
    assert [len(line["files"]) for line in visitor.sees()["lines"]] == [1]


def test_files_have_limits(visitor, monkeypatch):
    monkeypatch.setattr(storage, "largest", lambda: 10)
    refused = visitor.attaches("а.txt", b"12345678901")
    assert refused.status_code == 422
    assert wrong_fields(refused) == {"files"}
    assert count(Attachment) == 0


def test_what_a_visitor_writes_is_words_wherever_it_is_shown(visitor, signed_in):
    visitor.writes(HOSTILE, told={"name": HOSTILE}, page='https://shop.example/"><script>', title=HOSTILE)
    ref = visitor.attaches(HOSTILE + ".txt", b"x").json
    visitor.writes("с файлом", files=[ref])
    everything_is_done()
    message = database.session.scalars(database.select(Message).order_by(Message.id)).first()
    boris = signed_in(cast.boris())
    lists = [boris.get(path).text for path in ("/appeals", f"/appeals/{message.appeal_id}")]
    cast.accepted(message.appeal, cast.anna())
    anna = signed_in(cast.anna())
    pages = [anna.get(path).text for path in ("/operator", f"/operator/appeals/{message.appeal_id}",
                                              f"/operator/appeals/{message.appeal_id}/history")]  # fmt: skip

    for page in [*lists, *pages]:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<svg/onload" not in page
    assert "&lt;img src=x" in pages[1]


def test_the_stream_begins_with_what_was_missed_and_says_nothing_twice(visitor, app):
    visitor.writes("раз")
    everything_is_done()
    path = f"/live/webchat/{CODE}"

    first = visitor.ask("GET", path)
    event = next(iter(first.response))
    first.close()
    fields = dict(line.split(": ", 1) for line in event.decode().splitlines() if ": " in line)
    again = visitor.ask("GET", path, **{"Last-Event-ID": fields["id"]})
    quiet = next(iter(again.response))
    again.close()

    assert [line["text"] for line in json.loads(fields["data"])["lines"]] == ["раз"]
    assert b"data" not in quiet
    poll = visitor.ask("GET", "conversation", **{"If-None-Match": f'"{fields["id"]}"'})
    assert poll.status_code == 304


def test_a_visitor_holds_few_streams(visitor, app):
    visitor.writes("раз")
    opened = [visitor.ask("GET", f"/live/webchat/{CODE}") for _ in range(7)]
    for each in opened:
        each.close()

    assert [each.status_code for each in opened] == [200] * 6 + [503]


def test_the_widget_says_what_the_chat_says_in_the_language_of_the_visitor(visitor):
    looks = Looks(origins=(SHOP,), words={"en": Words(title="Lind")}, languages=("en",), color="#ffcc00")
    founding.change(a_webchat(), name="Чат", looks=looks, is_active=True, by="system")
    database.session.commit()

    settings = visitor.ask("GET", "settings", language="ru").json
    assert (settings["language"], settings["texts"]["title"], settings["texts"]["send"]) == ("en", "Lind", "Send")
    assert settings["on_color"] == "#000000"


def test_the_widget_is_small_and_needs_nothing_else(visitor):
    sources = sorted(Path(door.__file__).parents[2].joinpath("static", "webchat").glob("*.js"))
    answers = [visitor.ask("GET", path.name) for path in sources]

    assert {answer.status_code for answer in answers} == {200}
    assert sum(len(gzip.compress(answer.data)) for answer in answers) < LARGEST
    imported = {name for path in sources for name in re.findall(r'from "([^"]+)"', path.read_text("utf-8"))}
    assert imported <= {f"./{path.name}" for path in sources}
    assert not any(re.search(r"innerHTML|insertAdjacentHTML|outerHTML|document\.write|eval\(", path.read_text("utf-8"))
                   for path in sources)  # fmt: skip
    assert visitor.ask("GET", "nothing.js").status_code == 404


def test_the_shop_is_the_demos_alone(visitor, settings):
    page = visitor.browser.get("/shop")
    assert page.status_code == 200
    assert f"/webchat/{CODE}/widget.js" in page.text
    real = create_app(dataclasses.replace(settings, demo=False))
    assert real.test_client().get("/shop").status_code == 404
