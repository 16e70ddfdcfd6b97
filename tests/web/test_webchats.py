"""Administrator: web chats: created, changed, their tag and their secret."""

import pytest

from cec.channels import accounts
from cec.channels.webchat import looks
from cec.platform.db import db as database
from tests import cast
from tests.visitor import CODE, SHOP, a_webchat


@pytest.fixture
def vera(db, signed_in):
    cast.a_centre()
    return signed_in(cast.vera())


FORM = {
    "name": "Чат", "origins": f"{SHOP}/\n\nhttp://127.0.0.1:8000", "color": "#5B4630", "side": "left", "theme": "dark",
    "languages": "ru", "ask_name": "must", "title_ru": "Линд", "greeting_ru": "О чём вопрос?", "is_active": "1",
}  # fmt: skip


def test_she_adds_a_chat_and_copies_its_tag(vera, words):
    answer = vera.post("/centre/webchats", data={"name": "Чат", "code": CODE, "origins": SHOP, "queue": "general"})
    page = vera.get(answer.location)

    account = database.session.scalars(database.select(accounts.ChannelAccount).filter_by(code=CODE)).one()
    assert looks.read(account.config).queue == "general"
    assert f'&lt;script type="module" src="http://localhost/webchat/{CODE}/widget.js"&gt;' in page.text
    assert "Чат" in words(vera.get("/centre/webchats").text)


def test_she_changes_how_it_looks(vera):
    account = a_webchat()

    assert vera.post(f"/centre/webchats/{account.id}", data=FORM).status_code == 303

    wanted = looks.read(database.session.get_one(accounts.ChannelAccount, account.id).config)
    assert wanted.origins == (SHOP, "http://127.0.0.1:8000")
    assert (wanted.color, wanted.side, wanted.theme, wanted.languages) == ("#5b4630", "left", "dark", ("ru",))
    assert wanted.asks == {"name": "must", "email": "no", "phone": "no"}


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(vera):
    account = a_webchat()

    answer = vera.post(f"/centre/webchats/{account.id}", data={**FORM, "color": "red", "origins": "shop.example/a"})

    assert answer.status_code == 422
    assert 'id="error-color"' in answer.text
    assert 'id="error-origins"' in answer.text
    assert "shop.example/a" in answer.text
    assert looks.read(account.config).origins == (SHOP,)


def test_a_secret_is_shown_once_and_kept_encrypted(vera):
    account = a_webchat()

    page = vera.post(f"/centre/webchats/{account.id}/secret").text

    account = database.session.get_one(accounts.ChannelAccount, account.id)
    secret = accounts.passwords_of(account)["identity"]
    assert secret in page
    assert secret.encode() not in account.secrets
    assert secret not in vera.get(f"/centre/webchats/{account.id}").text


def test_the_page_of_a_mailbox_is_another_one(vera):
    assert vera.get(f"/centre/webchats/{cast.a_mailbox().id}").status_code == 404
    assert vera.post(f"/centre/webchats/{cast.a_mailbox().id}", data=FORM).status_code == 404
