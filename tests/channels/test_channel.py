"""The contract of channels, and the example of docs/channels.md: a folder that is copied works at every door."""

import inspect
import re

import cast
import pytest

import cec.channels
from cec.appeals import conversation, delivering
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Message
from cec.channels import accounts, probing, receiving
from cec.channels import channel as channels
from cec.channels.channel import Channel
from cec.channels.models import ChannelAccount, Inbound
from cec.platform import work
from cec.platform.db import unit_of_work

TOKEN = {"X-Pager-Token": "lighthouse"}


@pytest.fixture
def pager(db, repository, tmp_path, monkeypatch, program):
    """The example of the page, copied into a folder, and an account of it."""
    (code,) = re.findall(r"```python\n(.*?)```", (repository / "docs/channels.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "pager").mkdir()
    (tmp_path / "pager/__init__.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(cec.channels, "__path__", [*cec.channels.__path__, str(tmp_path)])
    cast.a_centre()
    account = ChannelAccount(
        channel="pager", code="pager", name="Pager", address="pager", cursor={},
        config={"url": program.url},
    )  # fmt: skip
    accounts.keep_passwords(account, {"token": "lighthouse"})
    db.session.add(account)
    db.session.commit()
    return account


def posted(client, *pages, headers=TOKEN):
    return client.post("/channels/pager/events", json={"pages": list(pages)}, headers=headers)


def page(number=1, words="Where is my order?"):
    return {"type": "page", "id": f"p{number}", "pager": "555", "words": words}


def worked():
    while work.run_due():
        pass


@pytest.mark.parametrize("name", ["email", "api", "pager"])
def test_a_channel_offers_all_that_the_contract_names(name, pager):
    channel = channels.get(name)

    for function, promised in inspect.getmembers(Channel, inspect.isfunction):
        if not function.startswith("_"):
            wanted = len(inspect.signature(promised).parameters) - 1
            offered = inspect.signature(getattr(channel, function)).parameters.values()
            needed = [one for one in offered if one.default is one.empty and one.kind is not one.KEYWORD_ONLY]
            assert len(needed) == wanted, function
    assert isinstance(channel.LETTERS, bool)


def test_pages_become_one_appeal_and_a_repeat_nothing(pager, client, db):
    assert posted(client, page(1), page(2, "Hello?")).status_code == 200
    assert posted(client, page(1), page(2, "Hello?")).status_code == 200
    assert posted(client, page(2, "Hello?"), page(3, "Well?")).status_code == 200

    worked()

    assert db.session.scalars(db.select(Appeal.channel)).all() == ["pager"]
    words = db.session.scalars(db.select(Message.text).order_by(Message.id)).all()
    assert words == ["Where is my order?", "Hello?", "Well?"]
    assert db.session.query(Inbound).count() == 2


def test_who_is_not_the_provider_leaves_nothing(pager, client, db):
    answers = [posted(client, page(), headers=headers) for headers in ({}, {"X-Pager-Token": "wrong"})]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].mimetype == "application/problem+json"
    assert db.session.query(Inbound).count() == 0
    assert client.post("/channels/nobody/events", json={}).status_code == 404


def test_what_nobody_knows_is_taken_counted_and_nothing_is_made_of_it(pager, client, db):
    assert posted(client, {"type": "solar flare"}).status_code == 200

    worked()

    assert db.session.scalars(db.select(Inbound.state)).all() == ["ignored"]
    assert db.session.query(Message).count() == 0


def test_what_cannot_be_read_is_in_quarantine_and_read_again_from_there(pager, client, db):
    client.post("/channels/pager/events", data=b"{", headers=TOKEN)
    worked()
    inbound = db.session.scalars(db.select(Inbound)).one()
    assert (inbound.state, inbound.reason) == ("quarantined", "This is no page.")

    with unit_of_work():
        receiving.retry(inbound.id, by="employee:1")

    assert db.session.get_one(Inbound, inbound.id).state == "new"


def test_an_answer_goes_out_as_words_and_its_receipt_is_noted(pager, client, db, program):
    posted(client, page())
    worked()
    anna = cast.anna()
    appeal = cast.accepted(db.session.scalars(db.select(Appeal)).one(), anna)
    with unit_of_work():
        message = conversation.send(
            appeal, by=anna, letter=Letter("On its way"), client_uuid=cast.a_uuid(),
            seen_message_id=appeal.last_message_id, undo=cast.AT_ONCE,
        )  # fmt: skip

    assert delivering.deliver_due() == 1
    assert program.heard == [{"pager": "555", "words": "On its way", "page": str(message.id)}]
    assert cast.reread_message(message).state == "sent"
    posted(client, {"type": "receipt", "pager": "555", "page": str(message.id), "state": "delivered"})
    worked()
    assert cast.reread_message(message).state == "delivered"


def test_a_long_answer_is_refused_with_the_limit_of_the_channel(pager, client, db):
    posted(client, page())
    worked()
    anna = cast.anna()
    appeal = cast.accepted(db.session.scalars(db.select(Appeal)).one(), anna)

    with pytest.raises(Exception, match="up to 200 characters"), unit_of_work():
        conversation.send(
            appeal, by=anna, letter=Letter("x" * 201), client_uuid=cast.a_uuid(),
            seen_message_id=appeal.last_message_id, undo=cast.AT_ONCE,
        )  # fmt: skip


def test_a_probe_comes_through_and_leaves_nothing(pager, db, clock):
    assert probing.probe_all() == 1
    assert not probing.is_lost(db.session.get_one(ChannelAccount, pager.id))
    worked()

    account = db.session.get_one(ChannelAccount, pager.id, populate_existing=True)
    assert account.probe_came_at == account.probed_at
    assert account.last_in_at is None
    assert db.session.query(Inbound).count() == db.session.query(Appeal).count() == 0


def test_a_probe_that_is_stuck_is_told(pager, db, clock):
    probing.probe_all()

    clock.forward(probing.LATE * 2)

    assert probing.is_lost(db.session.get_one(ChannelAccount, pager.id))
