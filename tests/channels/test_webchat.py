"""The web chat as a channel: who a visitor is, what he may send, how a chat is set up."""

import hashlib
import hmac

import pytest

from cec.channels import channel as channels
from cec.channels.channel import Unreadable
from cec.channels.webchat import founding, looks, tokens, visitors, writing
from cec.channels.webchat.looks import Looks, Words
from cec.channels.webchat.tokens import Guest, NotThatVisitor, NotVouchedFor
from cec.channels.webchat.visitors import Place
from cec.platform.errors import Invalid
from tests.visitor import a_webchat


@pytest.fixture
def account(db):
    return a_webchat()


def signature_of(person, secret):
    return hmac.new(secret.encode(), person.encode(), hashlib.sha256).hexdigest()


def test_a_token_is_good_for_one_chat_and_cannot_be_made_up(account):
    guest = tokens.welcome(account)
    other = a_webchat("other")

    assert tokens.read(account, guest.token) == guest
    with pytest.raises(NotThatVisitor):
        tokens.read(other, guest.token)
    for forged in ("", "x", guest.key, f"{guest.key}..", f"{'0' * 32}..{guest.token.rpartition('.')[2]}", "ё.ё.ё",
                   guest.token[:-1] + "ё", f"{guest.key}.aXZhbg.{guest.token.rpartition('.')[2]}"):  # fmt: skip
        with pytest.raises(NotThatVisitor):
            tokens.read(account, forged)


def test_a_person_for_whom_the_site_vouches_has_the_same_address_on_each_device(account):
    secret = founding.renew_secret(account, by="system")
    signed = signature_of("ivan@42", secret)

    one, other = (tokens.welcome(account, "ivan@42", signed) for _ in range(2))

    assert one.key != other.key
    assert one.address == other.address == "shop-chat/user:ivan@42"
    assert tokens.read(account, one.token) == one


def test_without_the_right_signature_nobody_is_somebody(account):
    with pytest.raises(NotVouchedFor):
        tokens.welcome(account, "ivan", signature_of("ivan", ""))
    secret = founding.renew_secret(account, by="system")
    for wrong in ("", signature_of("petr", secret), signature_of("ivan", "guess"), "ё"):
        with pytest.raises(NotVouchedFor):
            tokens.welcome(account, "ivan", wrong)
    founding.renew_secret(account, by="system")
    with pytest.raises(NotVouchedFor):
        tokens.welcome(account, "ivan", signature_of("ivan", secret))


@pytest.mark.parametrize(
    ("typed", "site"),
    [
        ("https://Shop.example/", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://магазин.рф", "https://xn--80aairftm.xn--p1ai"),
        *((wrong, None) for wrong in ("shop.example", "https://shop.example/a", "*", "null", "https://*.shop.example",
                                       "javascript:alert(1)", "https://a@shop.example", "https://shop.example:x", "")),
    ],
)  # fmt: skip
def test_sites_are_written_as_browsers_say_them(typed, site):
    assert founding.origin_of(typed) == site


def test_what_is_wrong_with_a_chat_is_said_at_its_fields(db):
    wrong = Looks(
        origins=("shop.example",), color="red", languages=(), privacy_url="javascript:alert(1)",
        words={"ru": Words(greeting="о" * 501)},
    )  # fmt: skip

    with pytest.raises(Invalid) as refused:
        founding.create(name="Чат", code="chat", looks=wrong, by="system")

    assert set(refused.value.fields()) == {"origins", "color", "languages", "privacy_url", "greeting_ru"}


@pytest.mark.parametrize("color", ["#000000", "#ffffff", "#808080", "#5b4630", "#ffcc00", "#2b5cad", "#777777"])
def test_letters_on_any_colour_can_be_read(color):
    chosen = Looks(color=color)

    assert looks.contrast(color, chosen.on_color) >= 4.5


def test_settings_come_back_as_they_were_kept(db):
    wanted = Looks(origins=("https://a.example",), words={"ru": Words(title="Линд")}, asks={"name": "must"})

    assert looks.read(wanted.facts()) == wanted
    assert looks.read({}) == Looks()


def test_a_message_comes_through_as_it_was_written_but_for_signs_that_nobody_sees(account):
    guest = tokens.welcome(account)
    said = {
        "id": "0190a1b2-0000-7000-8000-000000000001",
        "text": "Привет 👋🏽\r\n\x00\x07<b>\u202e</b>\ud800",
        "page": "https://shop.example/?q=1",
        "title": "Полка",
    }
    written = writing.check(said, guest)
    visitor = visitors.arrive(account, guest, told={"name": " Пётр \n П. "}, network="192.0.2.1")
    raw = writing.raw(written, guest, visitor)

    (event,) = channels.get("webchat").parse(account, {}, raw)

    assert event.text == "Привет 👋🏽\n<b>\u202e</b>?"
    assert event.profile == "Пётр П."
    assert (event.address, event.kind_of_address) == (guest.address, "webchat")
    assert event.meta == {"page": "https://shop.example/?q=1", "title": "Полка"}
    assert channels.get("webchat").event_id({}, raw) == event.provider_event_id == written.event_id(guest)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"id": "x", "text": "а"}, "id"),
        ({"text": " \n"}, "text"),
        ({"text": ["а"]}, "text"),
        ({"text": "а" * 4001}, "text"),
        ({"files": [{}]}, "files"),
        ({"files": ["a"]}, "files"),
        ({"files": [{}] * 11}, "files"),
        ({"files": {"a": 1}}, "files"),
    ],
)
def test_what_is_no_message_is_refused_at_its_field(app, said, field):
    guest = Guest("shop-chat", "0" * 32, "")

    with app.app_context(), pytest.raises(Invalid) as refused:
        writing.check({"id": "0190a1b2-0000-7000-8000-000000000001", **said}, guest)

    assert set(refused.value.fields()) == {field}


def test_what_is_kept_and_broken_goes_to_quarantine(account):
    for broken in (b"", b"[]", b"{}", b'{"id": 1}', b"\xff"):
        with pytest.raises(Unreadable):
            channels.get("webchat").parse(account, {}, broken)


def test_only_pages_of_the_web_are_pages():
    assert visitors.place("javascript:alert(1)", "Заголовок\n") == Place("", "Заголовок")
    assert visitors.place(None, 5) == Place()
