"""Mailboxes kept open: new mail within seconds, one in trouble keeps nobody else waiting, one node at a time."""

import datetime as dt
import socket
import threading
import time

import pytest

from cec.channels import accounts, receiving
from cec.channels.email import keeping, mailbox, trouble
from cec.channels.models import ChannelAccount, Inbound
from cec.platform import clock as cec_clock
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from tests import cast, peers

SOON = 8.0


@pytest.fixture(autouse=True)
def _quick(db, monkeypatch):
    monkeypatch.setattr(keeping, "BEAT", 0.2)
    monkeypatch.setattr(keeping, "FIRST_PAUSE", 0.2)


@pytest.fixture
def person(request):
    return request.node.name.replace("_", "")[-25:]


def a_box(name, port, *, password=peers.PASSWORD, **server):
    """A mailbox of ours; without TLS unless told."""
    imap = {"host": "localhost", "port": port, "tls": "none", "user": name} | server
    with unit_of_work():
        return accounts.create_email(
            name=name, code=name, address=f"{name}@shop.example", config={"imap": imap},
            passwords={"imap": password}, by="system",
        )  # fmt: skip


@pytest.fixture
def keeping_on(app):
    """Give a function that lets a node keep mailboxes until the test ends."""
    nodes = []

    def start(**facts):
        keeper = keeping.Keeper(app, **facts)
        thread = threading.Thread(target=keeper.run)
        thread.start()
        nodes.append((keeper, thread))
        return keeper

    yield start
    for keeper, thread in nodes:
        keeper.stop.set()
        thread.join(10)
        assert not thread.is_alive()


def soon(condition, within=SOON):
    until = time.monotonic() + within
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


def kept():
    database.session.rollback()
    return {row.provider_event_id for row in database.session.scalars(database.select(Inbound))}


def state(account):
    database.session.rollback()
    database.session.expire_all()
    return database.session.get_one(ChannelAccount, account.id)


def letter(number):
    return cast.a_letter(f"words {number}", message_id=f"<{number}@client.example>")


class Silent:
    """A mail server that takes the call and says nothing at all."""

    def __enter__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        return self.listening.getsockname()[1]

    def __exit__(self, *_):
        self.listening.close()


def test_new_mail_is_taken_in_within_seconds(dovecot, person, keeping_on):
    account = a_box(person, dovecot.port)
    keeping_on()
    assert soon(lambda: state(account).looked_at)

    began = time.monotonic()
    dovecot.put(person, letter(1))

    assert soon(lambda: kept() == {"<1@client.example>"})
    assert time.monotonic() - began < 5


def test_it_is_told_through_tls_too_and_by_servers_that_do_not_tell(dovecot, person, keeping_on, trusting, monkeypatch):
    monkeypatch.setattr(mailbox, "POLL", 0.3)
    account = a_box(person, dovecot.tls_port, tls="tls")
    quiet = a_box("q" + person, dovecot.port)
    connected = mailbox.connected

    def without_idle(account, **facts):
        opened = connected(account, **facts)
        if account.id == quiet.id:
            return _Deaf(opened)
        return opened

    monkeypatch.setattr(mailbox, "connected", without_idle)
    keeping_on()
    assert soon(lambda: state(account).looked_at and state(quiet).looked_at)

    dovecot.put(person, letter(1))
    dovecot.put("q" + person, letter(2))

    assert soon(lambda: kept() == {"<1@client.example>", "<2@client.example>"})


class _Deaf:
    """A connection to a server that does not know IDLE."""

    def __init__(self, opened):
        self.opened = opened

    def __enter__(self):
        box = self.opened.__enter__()
        box.client.capabilities = tuple(name for name in box.client.capabilities if name != "IDLE")
        return box

    def __exit__(self, *error):
        return self.opened.__exit__(*error)


def test_a_mailbox_that_hangs_or_fails_keeps_nobody_else_from_his_mail(dovecot, person, keeping_on, unused_port):
    with Silent() as silent:
        hanging = a_box("hanging", silent)
        away = a_box("away", unused_port)
        barred = a_box("barred", dovecot.port, password="wrong guess")
        nowhere = a_box("nowhere", dovecot.port, folder="Nowhere")
        sound = a_box(person, dovecot.port)
        dovecot.put(person, letter(1))
        keeping_on()

        assert soon(lambda: kept() == {"<1@client.example>"})
        assert soon(lambda: all(state(each).last_error for each in (away, barred, nowhere)))

        assert state(sound).last_error is None
        assert state(away).last_error == trouble.AWAY
        assert state(barred).last_error == trouble.NO_ENTRY
        assert state(nowhere).last_error == trouble.NO_FOLDER
        assert "wrong guess" not in state(barred).error_detail
        assert state(hanging).looked_at is None


def test_a_mailbox_comes_back_by_itself_when_its_server_does(person, keeping_on):
    with peers.dovecot() as own:
        account = a_box(person, own.port)
        keeping_on()
        assert soon(lambda: state(account).looked_at)
        own.die()
        assert soon(lambda: state(account).last_error)
        own.put(person, letter(1))

        own.start()

        assert soon(lambda: kept() == {"<1@client.example>"}, within=15)
        assert soon(lambda: state(account).last_error is None)


def test_a_changed_mailbox_is_opened_anew(dovecot, person, keeping_on):
    account = a_box(person, dovecot.port, password="wrong")
    keeping_on()
    assert soon(lambda: state(account).last_error)
    dovecot.put(person, letter(1))

    with unit_of_work():
        accounts.keep_passwords(state(account), {"imap": peers.PASSWORD})

    assert soon(lambda: kept() == {"<1@client.example>"})


def test_two_nodes_do_not_read_one_mailbox_at_once(dovecot, person, keeping_on):
    account = a_box(person, dovecot.port)
    first = keeping_on()
    assert soon(lambda: state(account).looked_at)
    second = keeping_on()
    time.sleep(1)

    assert (list(first.kept), list(second.kept)) == ([account.id], [])
    assert state(account).keeper == first.me

    first.stop.set()

    assert soon(lambda: list(second.kept) == [account.id])


def test_a_silent_node_loses_its_mailbox_and_writes_nothing_more_to_it(dovecot, person, app, clock):
    account = a_box(person, dovecot.port)
    dovecot.put(person, letter(1))
    living = keeping.Keeper(app, me="living")
    with unit_of_work():
        account.keeper = "stopped"
        account.kept_until = cec_clock.now() + dt.timedelta(seconds=keeping.LEASE)
    with mailbox.connected(account) as box:
        living.beat()
        assert living.kept == {}
        clock.forward(dt.timedelta(seconds=keeping.LEASE + 1))
        living.beat()
        assert soon(lambda: kept() == {"<1@client.example>"})
        dovecot.put(person, letter(2))
        box.client.noop()

        with pytest.raises(mailbox.NotOurs):
            mailbox.look(box, account.id, by="stopped")

    assert soon(lambda: kept() == {"<1@client.example>", "<2@client.example>"})
    living.leave()
    assert state(account).keeper is None


def test_mail_is_not_lost_while_the_database_is_away(dovecot, person, keeping_on, monkeypatch):
    account = a_box(person, dovecot.port)
    keeping_on()
    assert soon(lambda: state(account).looked_at)
    receive, refused = receiving.receive, []

    def away(*facts):
        if len(refused) < 2:
            refused.append(facts)
            raise database_away()
        return receive(*facts)

    monkeypatch.setattr(receiving, "receive", away)
    dovecot.put(person, letter(1))

    assert soon(lambda: kept() == {"<1@client.example>"})
    assert len(refused) == 2
    assert soon(lambda: dovecot.seen(person) == 1)


def database_away():
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    return OperationalError("insert", {}, Exception("gone"))
