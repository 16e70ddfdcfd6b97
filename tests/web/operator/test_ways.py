"""Guide 3.2.4: the operator changes channel and address of an answer; what he has written goes along."""

import re

import pytest
from flask.testing import FlaskClient

from cec.appeals.models import Appeal, Message
from cec.platform.db import db, unit_of_work
from tests import cast
from tests.visitor import Visitor, a_webchat, everything_is_done

IVAN = "ivan@client.example"


@pytest.fixture
def chat(desk, app) -> Appeal:
    """Ivan's chat, which Anna has in work; he has told his mail address."""
    a_webchat(asks={"name": "must", "email": "may", "phone": "may"})
    visitor = Visitor(FlaskClient(app))
    visitor.writes(told={"name": "Иван", "email": IVAN, "phone": "+7 900 000-00-00"})
    everything_is_done()
    begun = db.session.scalars(db.select(Appeal).where(Appeal.channel == "webchat")).one()
    return cast.accepted(begun, cast.anna())


def test_what_the_client_told_of_himself_stands_beside_his_addresses(desk, chat) -> None:
    drawn = desk.part(f"/appeals/{chat.id}")

    assert IVAN in drawn
    assert "+7 900 000-00-00" in drawn


def test_the_answer_goes_by_mail_with_what_was_written(desk, chat, hidden) -> None:
    drawn = desk.part(f"/appeals/{chat.id}")
    at = f"/appeals/{chat.id}"
    desk.act(f"{at}/draft", method="put", text="Чертёж высылаю", client_uuid=hidden(drawn, "client_uuid"))

    assert IVAN in desk.part(f"{at}/ways"), "it is offered"
    drawn = desk.act(f"{at}/way", method="put", email=IVAN)
    assert "Чертёж высылаю" in drawn
    assert 'contenteditable="true"' in drawn
    way = hidden(drawn, "way")
    assert IVAN in desk.part(f"{at}/ways")

    fields = {"html": "<div>Чертёж высылаю</div>", "to": IVAN, "seen_message_id": hidden(drawn, "seen_message_id")}
    desk.act(f"{at}/messages", client_uuid=hidden(drawn, "client_uuid"), way=way, **fields)
    sent = db.session.scalars(db.select(Message).where(Message.direction == "out")).one()
    assert sent.account.channel == "email"
    assert sent.headers["to"] == [IVAN]
    assert "разговор продолжен в другом канале: Почта" in desk.part(at)


def test_what_the_channel_cannot_carry_is_said_before_it_is_sent(desk, appeal, chat, hidden) -> None:
    with unit_of_work():
        cast.reread(chat).address.client_id = cast.petrov().id
    at, drawn = f"/appeals/{appeal.id}", desk.part(f"/appeals/{appeal.id}")
    words = "<div>" + "а" * 5000 + "</div>"
    desk.act(f"{at}/draft", method="put", html=words, client_uuid=hidden(drawn, "client_uuid"))
    (way,) = re.findall(r'value="(\d+:\d+)"[^>]*>(?:(?!</button>).)*Чат магазина', desk.part(f"{at}/ways"), re.DOTALL)

    drawn = desk.act(f"{at}/way", method="put", way=way)

    assert "до 4000" in drawn


def test_what_is_no_address_is_said_at_its_field_and_others_ways_are_closed(desk, chat) -> None:
    desk.act(f"/appeals/{chat.id}/way", method="put", status=422, email="ivan at home")
    desk.act(f"/appeals/{chat.id}/way", method="put", status=422, way="1:99")
    desk.act(f"/appeals/{cast.an_appeal().id}/way", method="put", status=404, email=IVAN)
